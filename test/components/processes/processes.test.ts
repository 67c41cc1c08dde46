/**
 * That no child outlives the test that started it, however the child or the test ended.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { DependencyError } from '#runtime/errors.ts';
import { Processes } from './processes.ts';
import { startNode } from './thunder-node.ts';
import { waitFor } from './wait-for.ts';

const alone = ['--in-network-events-consumer-dest', '127.0.0.1:1'];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: nobody has this number.
    return false;
  }
}

test('stopping ends children that run, are frozen or are over, and takes their logs away', async () => {
  const processes = await Processes.create();
  const frozen = await startNode(processes, { name: 'frozen', command: 'serve', flags: alone });
  const running = await startNode(processes, { name: 'running', command: 'serve', flags: alone });
  const over = processes.start({ name: 'over', args: ['--version'] });
  assert.deepEqual(await over.exited, { code: 0, signal: null });
  assert.match(over.stdout(), /^\d/);
  assert.match(running.log(), /serving node started/);
  frozen.kill('SIGSTOP');
  await processes.stop();
  await processes.stop();
  for (const child of [frozen, running]) {
    assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL' });
    assert.equal(isAlive(child.pid), false);
  }
  assert.equal(existsSync(processes.directory), false);
});

test('a child that does not start is an error with its last words', async (t) => {
  const processes = await Processes.create();
  t.after(() => processes.stop());
  await assert.rejects(
    startNode(processes, { name: 'wrong', command: 'serve', flags: ['--no-such-flag'] }),
    (error: unknown) =>
      error instanceof DependencyError &&
      /wrong did not start .*--no-such-flag/.test(error.message),
  );
});

test('children end with a parent that is killed', async () => {
  const script = `
    const { Processes } = await import('#test/components/processes/processes.ts');
    const processes = await Processes.create();
    const child = processes.start({ name: 'child', args: ${JSON.stringify(['serve', ...alone, '--http-port', '0', '--grpc-port', '0'])} });
    console.log(JSON.stringify({ pid: child.pid, directory: processes.directory }));
    setInterval(() => undefined, 60_000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const child = JSON.parse(line) as { readonly pid: number; readonly directory: string };
  assert.equal(isAlive(child.pid), true);
  parent.kill('SIGKILL');
  await waitFor('the child is gone', () => !isAlive(child.pid));
  await waitFor('its log is gone', () => !existsSync(child.directory));
});
