/**
 * `npm test`: the checks, then every test with one real Kafka behind them. A component that the
 * machine lacks is a printed, counted skip; with CI set it is a failure.
 *
 * `npm test -- node/query` runs only the test files under a path.
 */
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { nodeFlags } from '#cli/node-flags.ts';
import { messageOf } from '#runtime/errors.ts';
import { whyNoControlPlane } from '#test/components/control-plane/control-plane.ts';
import { startKafka } from '#test/components/kafka/kafka.ts';

/** Longest time for a single test file, milliseconds: a hang becomes a failure with a name. */
const testTimeoutMs = 12 * 60_000;

function run(command: string, args: readonly string[], env = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}

async function runTests(only: readonly string[]): Promise<number> {
  const files = globSync('{runtime,proto,crds,node,operator,cli,bench,test}/**/*.test.ts')
    .toSorted()
    .filter((file) => only.length === 0 || only.some((prefix) => file.startsWith(prefix)));
  if (files.length === 0) {
    console.error(`no test file begins with ${only.join(' or ')}`);
    return 2;
  }
  if (files.some((file) => /control-plane[/.]/.test(readFileSync(file, 'utf8')))) {
    // Built here, for building takes longer than a test may; it is there for good afterwards.
    const missing = await whyNoControlPlane({ own: true });
    console.error(`Kubernetes: ${missing ?? 'etcd and kube-apiserver are there'}`);
  }
  const kafka = await startKafka({ brokers: 1 }).catch((error: unknown) => {
    console.error(`Kafka: not available: ${messageOf(error)}`);
    return undefined;
  });
  if (kafka !== undefined) {
    console.error(`Kafka: ${kafka.how}, at ${kafka.bootstrap}`);
  }
  try {
    return await run(
      process.execPath,
      [
        ...nodeFlags,
        '--test',
        `--test-timeout=${testTimeoutMs}`,
        '--test-concurrency=2',
        '--test-reporter=spec',
        '--test-reporter-destination=stdout',
        '--test-reporter=./test/skip-reporter.ts',
        '--test-reporter-destination=stdout',
        ...files,
      ],
      kafka === undefined ? process.env : { ...process.env, TEST_KAFKA_BROKERS: kafka.bootstrap },
    );
  } finally {
    await kafka?.stop();
  }
}

const only = process.argv.slice(2);
const checked = only.length === 0 ? await run('npm', ['run', '-s', 'check']) : 0;
process.exitCode = checked === 0 ? await runTests(only) : checked;
