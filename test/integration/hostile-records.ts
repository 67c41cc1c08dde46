/**
 * Records that no honest producer writes, for both topics, each with the reason under which it has to
 * be counted.
 */
import { createEvent } from './node-fixture.ts';

export interface HostileRecord {
  readonly what: string;
  readonly value: Buffer | null;
  /** As the side that reads it counts it. */
  readonly reason: string;
}

const levels = 10_000;
const text = Buffer.from('not a record at all: {"tweet": 1}');

/** A thrift field header of type struct (12) and number 1, again and again. */
const nestedStructs = Buffer.concat(Array.from({ length: levels }, () => Buffer.from([12, 0, 1])));
/** The same in fields that nobody reads and that are skipped by type. */
const nestedUnknown = Buffer.concat([
  Buffer.from([12, 0, 99]),
  ...Array.from({ length: levels }, () => Buffer.from([12, 0, 99])),
  Buffer.alloc(levels + 2),
]);
/** Lists of one list each. */
const nestedLists = Buffer.concat([
  Buffer.from([15, 0, 99]),
  ...Array.from({ length: levels }, () => Buffer.from([15, 0, 0, 0, 1])),
]);

/** `TweetEvent { 99: … }` with a header of this type and a size that is not there. */
const sized = (type: number, elementTypes: readonly number[], size: number): Buffer => {
  const bytes = Buffer.from([type, 0, 99, ...elementTypes, 0, 0, 0, 0, 0]);
  bytes.writeInt32BE(size, 3 + elementTypes.length);
  return bytes;
};
const hugeSize = 0x7fff_ffff;

const malformedTweets: readonly (readonly [what: string, value: Buffer])[] = [
  ['text', text],
  ['zeros that are no end', Buffer.from([12, 0, 1, 255, 255])],
  ['structs in structs', nestedStructs],
  ['unknown structs in structs, all closed', nestedUnknown],
  ['lists in lists', nestedLists],
  ['a huge string', sized(11, [], hugeSize)],
  ['a negative string', sized(11, [], -1)],
  ['a huge list', sized(15, [12], hugeSize)],
  ['a negative list', sized(15, [12], -1)],
  ['a huge list of nothing', sized(15, [1], hugeSize)],
  ['a huge map', sized(13, [11, 12], hugeSize)],
  ['a negative map', sized(13, [11, 12], -(2 ** 31))],
];

export const hostileTweetEvents: readonly HostileRecord[] = [
  ...malformedTweets.map(([what, value]) => ({ what, value, reason: 'malformed' })),
  { what: 'no value', value: null, reason: 'no_value' },
];

const good = createEvent(5n, 5n);
/** A length-delimited field (number 1) of this declared length. */
const delimited = (...length: readonly number[]): Buffer => Buffer.from([0x0a, ...length]);

export const hostileInNetworkEvents: readonly HostileRecord[] = [
  { what: 'text', value: text, reason: 'malformed' },
  { what: 'a cut record', value: good.subarray(0, good.length - 3), reason: 'malformed' },
  { what: 'a length of 4 GiB', value: delimited(255, 255, 255, 255, 15), reason: 'malformed' },
  { what: 'a varint without end', value: Buffer.alloc(40, 0xff), reason: 'malformed' },
  { what: 'groups in groups', value: Buffer.alloc(levels, 0x1b), reason: 'malformed' },
  { what: 'more than a record may have', value: Buffer.alloc(70_000), reason: 'too_large' },
  { what: 'nothing but an unknown field', value: Buffer.from([0x7a, 0]), reason: 'no_variant' },
  { what: 'an empty record', value: Buffer.alloc(0), reason: 'no_variant' },
  { what: 'a create without ids', value: delimited(0), reason: 'missing_id' },
  { what: 'a post of author 0', value: createEvent(6n, 0n), reason: 'missing_id' },
  { what: 'no value', value: null, reason: 'no_value' },
];
