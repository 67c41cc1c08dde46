/**
 * What people get wrong at the command line: each mistake is one clear line on standard error and an
 * exit code, soon, and never a stack trace.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import {
  type ProcessExit,
  Processes,
  type ThunderProcess,
} from '#test/components/processes/processes.ts';
import { startNode, type ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';

/** Nobody listens on port 1 (tcpmux). */
const deadAddress = '127.0.0.1:1';
const deadBroker = ['--in-network-events-consumer-dest', deadAddress];
const anyPorts = ['--http-host', '127.0.0.1', '--http-port', '0'];
const anyGrpcPort = ['--grpc-host', '127.0.0.1', '--grpc-port', '0'];
/** For a command that has nothing to do but fail, on a busy machine. */
const endMsMax = 60_000;
const commands = ['serve', 'transform', 'demo', 'produce', 'query'];

let processes: Processes;
let started = 0;
before(async () => {
  processes = await Processes.create();
});
after(() => processes.stop());

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ThunderProcess {
  started += 1;
  return processes.start({ name: `thunder-${started}`, args, env });
}

async function endOf(child: ThunderProcess): Promise<ProcessExit> {
  const timer = setTimeout(() => child.kill('SIGKILL'), endMsMax);
  const exit = await child.exited;
  clearTimeout(timer);
  return exit;
}

/** Runs to the end; asserts the exit code and that nothing looks like a crash. Answers what was said. */
async function expectExit(
  code: number,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string; readonly stderr: string; readonly complaint: string }> {
  const child = start(args, env);
  assert.deepEqual(await endOf(child), { code, signal: null }, child.log());
  const stderr = child.log();
  assert.doesNotMatch(stderr, stackTrace);
  const complaints = stderr.split('\n').filter((line) => line.startsWith('thunder: '));
  assert.equal(complaints.length, code === 0 ? 0 : 1, stderr);
  return { stdout: child.stdout(), stderr, complaint: complaints[0] ?? '' };
}

const stackTrace = /\n\s+at |\\n\s+at |node:internal|Unhandled|UnhandledPromise/;

describe('settings', () => {
  it('an unknown setting ends with its nearest name, a required one that is missing with its names', async () => {
    const flag = await expectExit(2, ['serve', ...deadBroker, '--grpc-prot', '1']);
    assert.equal(flag.complaint, 'thunder: unknown flag --grpc-prot, did you mean --grpc-port?');
    assert.equal(flag.stdout, '');
    const variable = await expectExit(2, ['serve', ...deadBroker], { THUNDER_GRPC_PROT: '1' });
    assert.match(variable.complaint, /THUNDER_GRPC_PROT, did you mean THUNDER_GRPC_PORT\?$/);
    const missing = await expectExit(2, ['serve']);
    assert.match(missing.complaint, /--in-network-events-consumer-dest or THUNDER_IN_NETWORK/);
  });

  it('several problems are told at once, a line each', async () => {
    const args = ['serve', '--grpc-prot', '1', '--ready-lag', 'x', '--http-port', '70000'];
    const { stderr, complaint } = await expectExit(2, args);
    assert.equal(complaint, 'thunder: 4 problems with the settings:');
    assert.equal(stderr.trim().split('\n').length, 5);
    for (const name of ['--grpc-prot', '--ready-lag', '--http-port', 'consumer_dest']) {
      assert.ok(stderr.includes(name), name);
    }
  });

  it('a secret as a flag is refused without being repeated', async () => {
    const args = ['serve', ...deadBroker, '--sasl-password', 'hunter2'];
    const { stderr, complaint } = await expectExit(2, args);
    assert.match(complaint, /--sasl-password is not accepted as a flag: set THUNDER_SASL_PASSWORD/);
    assert.doesNotMatch(stderr, /hunter2/);
  });

  it('--print-config shows where each value came from and no secret', async () => {
    const sasl = ['--security-protocol', 'SASL_SSL', '--sasl-mechanism', 'PLAIN'];
    const args = ['serve', ...deadBroker, ...sasl, '--sasl-username', 'u', '--print-config'];
    const { stdout, stderr } = await expectExit(0, args, { THUNDER_SASL_PASSWORD: 'hunter2' });
    assert.match(stdout, /^grpc_port\s+= 50051\s+# default$/m);
    assert.match(stdout, /^in_network_events_consumer_dest\s+= 127\.0\.0\.1:1\s+# flag/m);
    assert.match(stdout, /^sasl_password\s+=.*THUNDER_SASL_PASSWORD/m);
    assert.doesNotMatch(stdout + stderr, /hunter2/);
  });

  it('an unknown command ends with its nearest name', async () => {
    const { complaint } = await expectExit(2, ['qury']);
    assert.match(complaint, /did you mean query\?/);
  });
});

describe('help', () => {
  it('every command explains itself on standard output', async () => {
    for (const command of commands) {
      const { stdout, stderr } = await expectExit(0, [command, '--help']);
      assert.match(stdout, new RegExp(`^Usage:[^]*thunder ${command} `, 'm'));
      assert.match(stdout, /^Examples:/m);
      assert.equal(stderr, '');
    }
    const { stdout } = await expectExit(0, ['--help']);
    for (const command of commands) {
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    }
    assert.match((await expectExit(0, ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('a reader that goes away is no error', async () => {
    for (const args of [
      ['serve', '--help'],
      ['serve', ...deadBroker, '--print-config'],
    ]) {
      const child = start(args);
      child.closeStdout();
      assert.deepEqual(await endOf(child), { code: 0, signal: null }, child.log());
      assert.equal(child.log(), '');
    }
  });
});

describe('ports in use', () => {
  for (const [what, flag, others] of [
    ['admin', '--http-port', anyGrpcPort],
    ['gRPC', '--grpc-port', anyPorts],
  ] as const) {
    it(`the ${what} port is named, with the flag to change`, async (t) => {
      const squatter = createServer().listen(0, '127.0.0.1');
      t.after(() => squatter.close());
      await once(squatter, 'listening');
      const address = squatter.address();
      assert.ok(address !== null && typeof address === 'object');
      const host = flag.replace('-port', '-host');
      const here = [host, '127.0.0.1', flag, String(address.port)];
      const { complaint } = await expectExit(2, ['serve', ...deadBroker, ...others, ...here]);
      assert.ok(complaint.includes(`port ${address.port} `), complaint);
      assert.ok(complaint.includes('in use') && complaint.includes(flag), complaint);
    });
  }
});

describe('nobody there', () => {
  async function assertKeepsTrying(node: ThunderNode, reason: RegExp): Promise<void> {
    const tries = (): number =>
      node
        .log()
        .split('\n')
        .filter((line) => reason.test(line)).length;
    await waitFor('it has said twice that it tries', () => tries() >= 2);
    const { code, body } = await node.page('/readyz');
    assert.equal(code, 503);
    assert.match(body, reason);
    const status = await node.status();
    assert.match(status.reason, reason);
    assert.deepEqual([status.stage, status.ready], ['connecting', false]);
    assert.equal((await node.page('/livez')).code, 200);
    node.kill('SIGTERM');
    assert.deepEqual(await endOf(node), { code: 0, signal: null });
    assert.doesNotMatch(node.log(), stackTrace);
  }

  it('serve keeps trying a broker that is not there, says so, and stops when asked', async () => {
    const node = await startNode(processes, {
      name: 'serve-alone',
      command: 'serve',
      flags: [...deadBroker, '--stats-interval-secs', '1'],
    });
    const query = ['query', '--address', node.address, '--following', '1', '--no-retry'];
    const { complaint } = await expectExit(4, query);
    assert.match(complaint, new RegExp(`${node.address}: UNAVAILABLE: .*(catching up|not ready)`));
    await assertKeepsTrying(node, /cannot reach Kafka at 127\.0\.0\.1:1\b/);
  });

  it('transform keeps trying a broker that is not there, says so, and stops when asked', async () => {
    const node = await startNode(processes, {
      name: 'transform-alone',
      command: 'transform',
      flags: [
        ...['--tweet-events-consumer-dest', deadAddress],
        ...['--in-network-events-producer-dest', deadAddress],
      ],
    });
    await assertKeepsTrying(node, /cannot reach Kafka at 127\.0\.0\.1:1\b/);
  });

  it('produce and query say whom they could not reach', async () => {
    const [produce, query] = await Promise.all([
      expectExit(4, ['produce', '--brokers', deadAddress, '--backlog', '10']),
      expectExit(4, ['query', '--address', deadAddress, '--following', '1']),
    ]);
    assert.match(produce.complaint, /cannot reach Kafka at 127\.0\.0\.1:1\b.*ECONNREFUSED/);
    assert.match(query.complaint, /no connection to 127\.0\.0\.1:1 \(connect ECONNREFUSED/);
  });
});

describe('a topic that is not there', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  let topic: string;
  before(async () => {
    kafka = await startKafka();
    topic = await kafka.createTopic();
  });
  after(() => kafka.stop());

  it('ends each command with the topic and the flag that names it, at any log level', async () => {
    const { bootstrap } = kafka;
    const source = ['--tweet-events-consumer-dest', bootstrap];
    const target = ['--in-network-events-producer-dest', bootstrap];
    const cases: readonly (readonly [flag: string, args: readonly string[]])[] = [
      [
        '--in-network-events-topic',
        ['serve', '--in-network-events-consumer-dest', bootstrap, ...anyPorts, ...anyGrpcPort],
      ],
      [
        '--tweet-events-topic',
        ['transform', ...source, ...target, '--in-network-events-topic', topic, ...anyPorts],
      ],
      [
        '--in-network-events-topic',
        ['transform', ...source, ...target, '--tweet-events-topic', topic, ...anyPorts],
      ],
      ['--topic', ['produce', '--brokers', bootstrap, '--backlog', '10']],
    ];
    for (const [flag, args] of cases) {
      const quiet = args[0] === 'produce' ? [] : ['--log-level', 'error'];
      const { stderr } = await expectExit(2, [...args, flag, 'no-such-topic', ...quiet]);
      assert.equal(
        stderr.trim(),
        `thunder: topic no-such-topic does not exist in Kafka at ${bootstrap}: create it, or correct ${flag}`,
      );
    }
  });
});
