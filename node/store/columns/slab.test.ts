/**
 * The slab against a plain list of records, filled and freed many times over, also where addresses end.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createEvent, encodePost } from '#test/oracle/plain-events.ts';
import { createControlWords } from './control-words.ts';
import { createReaderWords, ReaderEpochs } from './reader-epochs.ts';
import { createdAtOf, hasId, lengthOf, recordWordsMax } from './record.ts';
import { Slab } from './slab.ts';
import { createSlabMemory } from './slab-view.ts';

function createSlab(words: number, firstAddress: number): Slab {
  const control = createControlWords();
  const epochs = new ReaderEpochs(control, createReaderWords());
  return new Slab(createSlabMemory(words), control, epochs, firstAddress);
}

const step = fc.record({
  append: fc.integer({ min: 0, max: 120 }),
  free: fc.integer({ min: 0, max: 120 }),
  isReply: fc.boolean(),
});

test('S2, S4: records are where they were put until they are freed, over the end of addresses too', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 0x7fff_fff0, 0x7fff_0000),
      fc.array(step, { maxLength: 60, size: 'max' }),
      (firstAddress, steps) => {
        const slab = createSlab(8_192, firstAddress);
        const records: { address: number; id: bigint; bytes: Uint8Array; createdAt: number }[] = [];
        const gone: number[] = [];
        let id = 0n;
        for (const { append, free, isReply } of steps) {
          for (let count = 0; count < append && slab.reserve(); count += 1) {
            id += 1n;
            const createdAt = 1_000_000 + Number(id % 77n);
            const post = { postId: id << 30n, authorId: id, createdAt };
            const bytes = encodePost(
              createEvent(isReply ? { ...post, inReplyToPostId: id - 1n } : post).post,
            );
            const reference = isReply ? (records.at(-1)?.address ?? -1) : -1;
            const address = slab.append(bytes, 0, bytes.length, 0, reference, createdAt);
            records.push({ address, id: id << 30n, bytes, createdAt });
          }
          for (let count = 0; count < free && records.length > 0; count += 1) {
            const { address } = records.shift()!;
            assert.equal(slab.recordFrom(slab.tail), address);
            slab.freeUpTo(slab.after(address));
            gone.push(address);
          }
          let address = slab.recordFrom(slab.tail);
          for (const record of records) {
            assert.equal(address, record.address);
            assert.ok(slab.contains(address));
            const place = slab.place(address);
            const { words, bytes } = slab;
            const length = lengthOf(words[place]!);
            const start = (place + 1) * 4;
            assert.deepEqual(bytes.slice(start, start + length), record.bytes);
            assert.ok(
              hasId(words, place, Number(record.id >> 32n), Number(record.id & 0xffffffffn)),
            );
            assert.equal(createdAtOf(bytes, words, place), record.createdAt);
            const segment = slab.segmentOf(address);
            assert.ok(slab.oldest[segment]! <= record.createdAt);
            assert.ok(slab.newest[segment]! >= record.createdAt);
            address = slab.recordFrom(slab.after(address));
          }
          assert.equal(address, -1);
          assert.ok(gone.every((freed) => !slab.contains(freed)));
          // What cannot be used is less than the segments at both ends.
          if (!slab.reserve()) {
            assert.ok(slab.windowBytes / 4 > 8_192 - recordWordsMax - (1 << slab.segmentShift));
          }
        }
      },
    ),
  );
});
