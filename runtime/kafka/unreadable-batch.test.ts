/** A batch that fails is fetched once more before it is passed by, and only at its own place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnreadableBatches, unreadableBatch } from './unreadable-batch.ts';

const batch = { firstOffset: 5, lastOffset: 7, reason: 'bomb' };
const later = { firstOffset: 9, lastOffset: 9, reason: 'bomb' };
const messages = [{ id: 1 }, { id: 2, [unreadableBatch]: batch }, { id: 3 }];
const ids = (some: readonly { readonly id: number }[]): number[] => some.map(({ id }) => id);

test('E1: the first failure is fetched again, the second at the same place is passed by', () => {
  const unreadable = new UnreadableBatches();
  const first = unreadable.sort(0, messages);
  assert.deepEqual([ids(first.readable), first.passedBy, first.againFrom], [[1], [], 5]);
  const elsewhere = unreadable.sort(1, messages);
  assert.equal(elsewhere.againFrom, 5);
  const second = unreadable.sort(0, messages.slice(1));
  assert.deepEqual([ids(second.readable), second.passedBy, second.againFrom], [[3], [batch], null]);
});

test('a batch behind one that is passed by has its own tries', () => {
  const unreadable = new UnreadableBatches();
  const both = [...messages, { id: 4, [unreadableBatch]: later }];
  unreadable.sort(0, both);
  const second = unreadable.sort(0, both.slice(1));
  assert.deepEqual([second.passedBy, second.againFrom], [[batch], 9]);
  assert.deepEqual(unreadable.sort(0, both.slice(3)).passedBy, [later]);
});
