/**
 * The reader of requests on hostile bytes: it never throws, reads nothing but what it was given, and
 * accepts, refuses and finds what the generated code does. `npm test` asks for some, the long run
 * for millions.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { Random } from '#cli/generator/random.ts';
import { hostileRequest, type RequestShape, requestShapes } from './hostile-requests.suite.ts';
import {
  type Plain,
  plainRequestFromFields,
  readRequestWithGeneratedCode,
} from './protobuf-oracle.ts';
import { readRequest } from './read-request.ts';
import { createIdList, createRequestFields, type RequestFields } from './request-fields.ts';

/** How many requests of each shape were read, and how many refused. */
export type FuzzTally = Readonly<Record<RequestShape, { read: number; refused: number }>>;

const marginMax = 24;
/** Bytes of an input that are shown when it is found wrong. */
const shownBytesMax = 4_096;

/**
 * Feeds `count` inputs, made from `seed` alone, to the reader. Throws what is wrong with the first
 * that is. `step` is called after each with how many there were; false ends the run.
 */
export function fuzzRequests(
  seed: number,
  count: number,
  step: (done: number) => boolean = () => true,
): FuzzTally {
  const random = new Random(seed);
  const tally = Object.fromEntries(
    requestShapes.map((shape) => [shape, { read: 0, refused: 0 }]),
  ) as FuzzTally;
  for (let index = 0; index < count; index += 1) {
    const { shape, bytes } = hostileRequest(random);
    try {
      const isRead = checkRequest(bytes, random) !== null;
      tally[shape][isRead ? 'read' : 'refused'] += 1;
    } catch (cause) {
      const hex = Buffer.from(bytes.subarray(0, shownBytesMax)).toString('hex');
      const what = `request ${index} of seed ${seed} (${shape}, ${bytes.length} bytes): ${hex}`;
      throw new Error(what, { cause });
    }
    if (!step(index + 1)) break;
  }
  return tally;
}

/** What was read, null when it was refused; throws when any two readings differ. */
function checkRequest(bytes: Uint8Array, random: Random): Plain | null {
  const margin = random.bytes(2 * marginMax);
  const inverse = margin.map((byte) => ~byte);
  const before = random.below(marginMax);
  const found = readBetween(margin, bytes, before, newFields());
  // Nothing of what surrounds the request, or of the request before, may show.
  const again = readBetween(inverse, bytes, random.below(marginMax), usedFields);
  assertAlike(again, found, 'what lies around the bytes shows in the result');
  assertAlike(readGuarded(bytes), found, 'read otherwise through a guard');
  const expected = readRequestWithGeneratedCode(bytes, true);
  assertAlike(found, expected, 'not as the generated code has it');
  return found;
}

/** Full of the request before, as they are in a server. */
const usedFields = createRequestFields();
const guardedFields = createRequestFields();

/** Lists that have to grow. */
function newFields(): RequestFields {
  return { ...usedFields, following: createIdList(0), excluded: createIdList(1) };
}

/** Reads `bytes` in the middle of a larger array, where an error of one byte meets another's bytes. */
function readBetween(
  margin: Uint8Array,
  bytes: Uint8Array,
  before: number,
  fields: RequestFields,
): Plain | null {
  const memory = new Uint8Array(bytes.length + margin.length);
  memory.set(margin.subarray(0, before));
  memory.set(bytes, before);
  memory.set(margin.subarray(before), before + bytes.length);
  const untouched = Buffer.from(memory);
  const isRequest = readRequest(memory.subarray(before, before + bytes.length), fields);
  assert.equal(untouched.compare(memory), 0, 'the reader has written to the request');
  return isRequest ? plainRequestFromFields(fields) : null;
}

/** Reads through a guard that throws where a typed array would answer undefined. */
function readGuarded(bytes: Uint8Array): Plain | null {
  return readRequest(guarded(bytes), guardedFields) ? plainRequestFromFields(guardedFields) : null;
}

function guarded(bytes: Uint8Array): Uint8Array {
  return new Proxy(bytes, {
    get(target, key): unknown {
      if (typeof key === 'string' && /^[-\d]/.test(key) && !(key in target)) {
        throw new RangeError(`read at ${key} of ${target.length} bytes`);
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Like `assert.deepEqual`, which takes its time to say that all is well. */
function assertAlike(actual: Plain | null, expected: Plain | null, message: string): void {
  if (!isDeepStrictEqual(actual, expected)) {
    assert.deepEqual({ [message]: actual }, { [message]: expected });
  }
}
