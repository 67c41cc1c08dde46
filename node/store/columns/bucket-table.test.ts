/**
 * The bucket table against a plain list, with hashes so few that buckets overflow into each other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BucketTable, createBucketWords } from './bucket-table.ts';

const hash = fc.oneof(
  fc.constantFrom(0, 1, 0x100, -1, 0x7fffffff, 0x80000000 | 0),
  fc.integer({ min: -0x80000000, max: 0x7fffffff }),
);

/** Every value that a look-up meets. */
function valuesOf(table: BucketTable, of: number): number[] {
  const values: number[] = [];
  for (let place = table.first(of); place >= 0; place = table.next(of, place)) {
    values.push(table.words[place]!);
  }
  return values;
}

test('S4: a table holds what was put in and not what was taken out, as full as it may be', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.tuple(hash, fc.boolean()), { maxLength: 400, size: 'max' }),
      (max, steps) => {
        const table = new BucketTable(createBucketWords(max));
        const held: { hash: number; value: number }[] = [];
        for (const [value, [of, isRemoval]] of steps.entries()) {
          if ((isRemoval && held.length > 0) || held.length === max) {
            const [gone] = held.splice((of >>> 0) % held.length, 1);
            let place = table.first(gone!.hash);
            while (table.words[place] !== gone!.value) place = table.next(gone!.hash, place);
            table.remove(gone!.hash, place);
          } else {
            table.insert(of, value);
            held.push({ hash: of, value });
          }
        }
        for (const one of held) {
          assert.equal(valuesOf(table, one.hash).filter((value) => value === one.value).length, 1);
        }
        const isHeld = new Set(held.map(({ value }) => value));
        for (const [of] of steps) {
          assert.ok(valuesOf(table, of).every((value) => isHeld.has(value)));
        }
        for (const one of held) {
          let place = table.first(one.hash);
          while (table.words[place] !== one.value) place = table.next(one.hash, place);
          table.remove(one.hash, place);
        }
        // Tags and counts of overflow are all gone; what is left are values nobody looks at.
        for (let bucket = 0; bucket < table.words.length; bucket += 16) {
          assert.deepEqual([...table.words.subarray(bucket, bucket + 4)], [0, 0, 0, 0]);
        }
      },
    ),
  );
});
