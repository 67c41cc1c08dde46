/** Whoever starts Node.js, starts it with the same flags. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { nodeFlags } from './node-flags.ts';

test('cli/node starts programs with the flags that others start them with', () => {
  assert.ok(nodeFlags.length > 0);
  const program = path.join(import.meta.dirname, 'node');
  const shown = execFileSync(program, ['-p', 'JSON.stringify(process.execArgv)'], {
    encoding: 'utf8',
  });
  const started: unknown = JSON.parse(shown);
  assert.ok(Array.isArray(started));
  assert.deepEqual(started.slice(0, nodeFlags.length), nodeFlags);
});

test('so do the tests', () => {
  assert.deepEqual(
    nodeFlags.filter((flag) => !process.execArgv.includes(flag)),
    [],
  );
});
