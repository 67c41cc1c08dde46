/**
 * The table of tombstones against a Map, growing, full and emptied.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createControlWords } from './control-words.ts';
import { TombstoneTable } from './tombstone-table.ts';
import { createTombstoneMemory } from './tombstone-view.ts';

const time = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 1_700_000_000, max: 1_700_400_000 }),
  fc.constantFrom(-1, 2 ** 33, -(2 ** 40), Number.MAX_SAFE_INTEGER),
);

function timesOf(table: TombstoneTable): Map<string, number> {
  const times = new Map<string, number>();
  table.forEach(0, table.count, (hi, lo, deletedAt) => times.set(`${hi} ${lo}`, deletedAt));
  return times;
}

test('S4, E5: the latest delete of each id counts, and those that expire first are given up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), time), { maxLength: 500, size: 'max' }),
      (max, puts) => {
        const memory = createTombstoneMemory(max);
        const table = new TombstoneTable(memory, createControlWords(), max);
        const model = new Map<string, number>();
        let evicted = 0;
        for (const [id, deletedAt] of puts) {
          const key = `${id} ${-id}`;
          const before = model.get(key);
          const outcome = table.put(id, -id, deletedAt);
          if (before !== undefined && before >= deletedAt) {
            assert.equal(outcome, 'known');
            continue;
          }
          model.set(key, deletedAt);
          if (model.size > max) {
            const first = [...model.values()].toSorted((one, other) => one - other);
            const left = timesOf(table);
            assert.deepEqual(
              [...left.values()].toSorted((one, other) => one - other),
              first.slice(1),
            );
            for (const known of model.keys()) if (!left.has(known)) model.delete(known);
            evicted += 1;
          }
          assert.equal(outcome, model.has(key) ? 'stored' : 'evicted');
        }
        assert.deepEqual(timesOf(table), model);
        assert.equal(table.count, model.size);
        assert.equal(table.evicted, evicted);
        for (const [key, deletedAt] of model) {
          const id = Number(key.split(' ')[0]);
          assert.equal(table.deletedAt(id, -id), deletedAt);
        }
        const removed = table.removeBefore(1_700_200_000, 10_000);
        const kept = [...model].filter(([, deletedAt]) => deletedAt >= 1_700_200_000);
        assert.deepEqual(timesOf(table), new Map(kept));
        assert.equal(removed, model.size - kept.length);
        table.clear();
        assert.equal(timesOf(table).size, 0);
      },
    ),
  );
});
