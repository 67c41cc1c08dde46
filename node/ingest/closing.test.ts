/** Waits end with their work or with the closing, whichever comes first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Closing } from './closing.ts';

const never = new Promise<void>(() => undefined);

test('a wait ends with its work, in success and in failure', async () => {
  const closing = new Closing();
  await closing.or(Promise.resolve());
  await assert.rejects(closing.or(Promise.reject(new Error('broken'))), /broken/);
  assert.equal(closing.isClosed, false);
});

test('closing ends waits and pauses that are under way, and those that come later', async () => {
  const closing = new Closing();
  const waits = [closing.or(never), closing.pause(1_000_000), closing.pause(1_000_000, never)];
  closing.close();
  closing.close();
  await Promise.all([...waits, closing.or(never), closing.pause(1_000_000)]);
  assert.equal(closing.signal.aborted, true);
});

test('a pause ends early for what it waits for besides', async () => {
  await new Closing().pause(1_000_000, Promise.resolve());
});
