/**
 * The command line of the random runs, and what their seeds decide; the runs themselves are in
 * `rollouts.test.ts`.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { exitCodes } from '#runtime/exit-codes.ts';
import { describeAction, drawPlan } from './plan.ts';

const program = path.join(import.meta.dirname, 'run.ts');

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

test('--help explains itself, and a wrong option is told', () => {
  const help = run('--help');
  assert.equal(help.status, exitCodes.ok);
  assert.match(help.stdout, /^Usage: npm run test:rollouts/);
  for (const flag of ['--seed', '--runs', '--minutes', '--at-once', '--verbose']) {
    assert.ok(help.stdout.includes(flag), flag);
  }
  const wrong = run('--sed', '1', '--runs', '0');
  assert.equal(wrong.status, exitCodes.usage);
  assert.match(wrong.stderr, /^test:rollouts: [^]*unknown flag --sed, did you mean --seed\?/);
  assert.match(wrong.stderr, /--runs[^\n]* must be /);
});

test('the same seed draws the same plan, and all kinds of things happen in time', () => {
  assert.deepEqual(drawPlan(7), drawPlan(7));
  assert.notDeepEqual(drawPlan(7), drawPlan(8));
  const drawn = Array.from({ length: 200 }, (_, seed) => drawPlan(seed));
  const actions = drawn.flatMap(({ steps }) => steps.map(({ action }) => describeAction(action)));
  for (const kind of [
    ...['image thunder:c', 'image thunder:dies-later', 'scale 0', 'scale 4', 'pause true'],
    ...['rollback true', 'ask update', 'ask continue', 'hand deployment image', 'hand service'],
    ...['lose delete', 'lose crash', 'lose unready', 'mend', 'errors', 'cut', 'double true'],
    ...['away', 'kill 0 true', 'kill 7 false', 'restart', 'rest'],
  ]) {
    assert.ok(
      actions.some((action) => action.startsWith(kind)),
      kind,
    );
  }
  // Some plans take no pod: what happens to theirs is nobody's doing but Kubernetes' and ours.
  const isCalm = ({ steps }: (typeof drawn)[number]): boolean =>
    steps.every(({ action }) => action.kind !== 'lose');
  assert.ok(drawn.filter(isCalm).length >= 100);
});
