/** The verifier's command line; the verifier itself is for longer runs than a test. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { Random } from '#cli/generator/random.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import type { FaultWorld } from './fault-world.ts';
import { drawFault } from './random-faults.ts';

const program = path.join(import.meta.dirname, 'run.ts');

function run(
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('--help explains itself, and a wrong option is one line', async () => {
  const { code, stdout } = await run('--help');
  assert.equal(code, exitCodes.ok);
  assert.match(stdout, /^Usage: npm run test:faults/);
  for (const args of [
    ['--minutes', 'x'],
    ['--seed', '-1'],
    ['--nodes', '9'],
    ['--sed', '1'],
  ]) {
    const wrong = await run(...args);
    assert.equal(wrong.code, exitCodes.usage, args.join(' '));
    assert.match(wrong.stderr, /^test:faults: [^\n]+\n$/);
  }
});

test('the same seed draws the same faults, and all of them in time', () => {
  const brokers = [1, 2, 3].map((id) => ({ id }));
  const nodes = [1, 2].map((id) => ({ name: `node-${id}` }));
  // oxlint-disable-next-line no-unsafe-type-assertion -- what is drawn is named, not done
  const world = { cluster: { brokers }, nodes } as unknown as FaultWorld;
  const drawn = (seed: number): string[] => {
    const random = new Random(seed);
    return Array.from({ length: 400 }, () => drawFault(world, random).what);
  };
  assert.deepEqual(drawn(7), drawn(7));
  assert.notDeepEqual(drawn(7), drawn(8));
  const all = drawn(7).join('\n');
  for (const kind of [
    'killed',
    'stopped',
    'frozen',
    'delayMs',
    'stalled',
    'reset',
    'half-closed',
  ]) {
    assert.ok(all.includes(kind), kind);
  }
});
