/**
 * The command itself: a step of every run, its help, and a flag that is mistyped.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { longRuns } from './long-runs.ts';

const program = fileURLToPath(new URL('run.ts', import.meta.url));

function runLong(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

test('every long run takes a step, and says with which seed', () => {
  const { status, output } = runLong('--minutes', '0', '--seed', '40');
  assert.equal(status, 0, output);
  for (const [index, { name, shows }] of longRuns.entries()) {
    assert.ok(output.includes(`${name}: round ${index + 1}, seed ${40 + index}`), output);
    assert.ok(output.includes(`in 1 rounds: ${shows}`), output);
  }
});

test('help names every long run; what is mistyped is refused', () => {
  const help = runLong('--help');
  assert.equal(help.status, 0);
  for (const { name } of longRuns) assert.ok(help.output.includes(name));
  const wrong = runLong('--minuts', '1');
  assert.equal(wrong.status, 2);
  assert.match(wrong.output, /unknown flag --minuts, did you mean --minutes\?/);
});
