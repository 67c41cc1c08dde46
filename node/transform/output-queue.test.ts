/** The queue of batches: bounds, order, and positions that never run ahead of their outputs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputQueue } from './output-queue.ts';
import { defaultTransformLimits } from './transform-limits.ts';
import type { OutputRecord } from './transform-ports.ts';

function record(inputPartition: number, inputOffset: number, bytes: number): OutputRecord {
  return {
    key: null,
    value: Buffer.alloc(bytes),
    everyPartition: false,
    timestampMs: 0,
    inputPartition,
    inputOffset,
  };
}

test('T2: batches keep to their bounds, their order, and the positions they vouch for', () => {
  const step = fc.record({
    partition: fc.nat(2),
    kind: fc.constantFrom('event', 'dead', 'skip', 'move'),
    bytes: fc.integer({ min: 1, max: 120 }),
    take: fc.constantFrom('nothing', 'full', 'partial'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limits = { ...defaultTransformLimits, batchRecordsMax: 3, batchBytesMax: 100 };
      const queue = new OutputQueue(limits);
      const next = [0, 0, 0];
      const expected: OutputRecord[] = [];
      const taken: OutputRecord[] = [];
      const positions = new Map<number, number>();
      const take = (partial: boolean): boolean => {
        const batch = queue.take(partial);
        if (batch === null) {
          return false;
        }
        const records = [...batch.events, ...batch.deadLetters];
        assert.ok(records.length <= 3);
        assert.ok(records.length <= 1 || batch.bytes <= 100);
        taken.push(...records);
        for (const [partition, position] of batch.positions) {
          assert.ok(position > (positions.get(partition) ?? 0));
          positions.set(partition, position);
        }
        const done = new Set(taken);
        for (const one of expected) {
          const isVouchedFor = one.inputOffset < (positions.get(one.inputPartition) ?? 0);
          assert.equal(done.has(one), isVouchedFor, 'exactly what is done is vouched for');
        }
        return true;
      };
      for (const { partition, kind, bytes, take: how } of steps) {
        const offset = next[partition] ?? 0;
        next[partition] = offset + 1;
        const output = record(partition, offset, bytes);
        if (kind === 'event' || kind === 'dead') {
          expected.push(output);
          const [event, letter] = kind === 'event' ? [output, null] : [null, output];
          queue.append(event, letter, partition, offset + 1);
        } else {
          queue.advance(partition, offset + 1);
        }
        if (how !== 'nothing') {
          take(how === 'partial');
        }
      }
      while (take(true)) {
        // Until nothing is left.
      }
      assert.ok(queue.isEmpty);
      assert.deepEqual(new Set(taken), new Set(expected));
      next.forEach((end, partition) => assert.equal(positions.get(partition) ?? 0, end));
    }),
    { numRuns: 500 },
  );
});
