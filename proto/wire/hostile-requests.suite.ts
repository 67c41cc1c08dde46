/**
 * Bytes that a client might send as a GetInNetworkPostsRequest, by accident or on purpose: made from
 * random numbers, a hundred thousand in a second, where arbitraries would be too slow.
 */
import type { Random } from '#cli/generator/random.ts';
import {
  PROTOBUF_DEPTH_MAX,
  WIRE_BYTES,
  WIRE_END_GROUP,
  WIRE_START_GROUP,
} from './protobuf-field.ts';

export const requestShapes = [
  'random bytes',
  'valid',
  'lists in pieces',
  'unknown fields',
  'wrong parts',
  'damaged',
] as const;
export type RequestShape = (typeof requestShapes)[number];

export interface HostileRequest {
  readonly shape: RequestShape;
  readonly bytes: Uint8Array;
}

/** Bytes that mean something at some place: ends of varints, tags of every kind, small lengths. */
const telling = [
  0, 1, 2, 7, 0x08, 0x0a, 0x12, 0x22, 0x2a, 0x3b, 0x3c, 0x7f, 0x80, 0x81, 0xfe, 0xff,
];
/** Lengths that lie: about the ends of what 7, 31, 32 and 53 bits hold. */
const lengths = [127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53];
const knownFields = [1, 2, 3, 4, 5, 6, 7];
const texts = ['', 'recent', 'latest', 'é', '日本', '🙂', '\u0000', '\u{10ffff}'].map((text) =>
  Buffer.from(text),
);
const fewIdsMax = 6;
/** One list in so many is long, and beyond what a list of the reader holds at first. */
const longListEvery = 200;
const longListMax = 1_500;

export function hostileRequest(random: Random): HostileRequest {
  const shape = pick(random, requestShapes);
  const out: number[] = [];
  writers[shape](random, out);
  return { shape, bytes: Uint8Array.from(out) };
}

const writers: Readonly<Record<RequestShape, (random: Random, out: number[]) => void>> = {
  'random bytes': (random, out) => {
    out.push(...random.bytes(random.below(64)));
  },
  valid: writeValid,
  'lists in pieces': (random, out) => {
    for (let pieces = random.below(8); pieces > 0; pieces -= 1) {
      const field = pick(random, [2, 4]);
      if (random.chance(0.5)) writePacked(random, out, field);
      else writeUnpacked(random, out, field);
      if (random.chance(0.2)) writeKnown(random, out, pick(random, knownFields));
    }
  },
  'unknown fields': (random, out) => {
    for (let fields = random.below(6); fields > 0; fields -= 1) {
      if (random.chance(0.5)) writeKnown(random, out, pick(random, knownFields));
      else writeUnknown(random, out, 0);
    }
  },
  'wrong parts': (random, out) => {
    for (let fields = 1 + random.below(4); fields > 0; fields -= 1) {
      writeWrongPart(random, out);
    }
  },
  damaged: (random, out) => {
    const shape = pick(random, ['valid', 'lists in pieces', 'unknown fields'] as const);
    writers[shape](random, out);
    damage(random, out);
    while (random.chance(0.25)) damage(random, out);
  },
};

/** As a writer would: fields in number order, lists packed. */
function writeValid(random: Random, out: number[]): void {
  for (const field of knownFields) {
    if (random.chance(0.5)) writeKnown(random, out, field);
  }
}

function writeKnown(random: Random, out: number[], field: number): void {
  if (field === 2 || field === 4) {
    writePacked(random, out, field);
  } else if (field === 5) {
    writeText(random, out);
  } else {
    writeTag(out, field, 0);
    writeNumber(random, out);
  }
}

function writePacked(random: Random, out: number[], field: number): void {
  const isLong = random.below(longListEvery) === 0;
  const ids: number[] = [];
  for (let left = random.below(isLong ? longListMax : fewIdsMax); left > 0; left -= 1) {
    writeNumber(random, ids);
  }
  writeTag(out, field, WIRE_BYTES);
  writeVarintOf(out, ids.length);
  for (const byte of ids) out.push(byte);
}

function writeUnpacked(random: Random, out: number[], field: number): void {
  for (let left = random.below(fewIdsMax); left > 0; left -= 1) {
    writeTag(out, field, 0);
    writeNumber(random, out);
  }
}

/** The algorithm: a name, or letters of every length in UTF-8. */
function writeText(random: Random, out: number[]): void {
  writeTextBytes(out, pick(random, texts));
}

function writeTextBytes(out: number[], text: Uint8Array): void {
  writeTag(out, 5, WIRE_BYTES);
  writeVarintOf(out, text.length);
  out.push(...text);
}

/** Fields that no schema of ours has, of every wire type, groups inside groups too. */
function writeUnknown(random: Random, out: number[], depth: number): void {
  const field = pick(random, [0, 2, 5, 8, 15, 16, 1_000, 2 ** 29 - 1]);
  const kind = random.below(8);
  if (kind < 2) {
    writeTag(out, field, 0);
    writeNumber(random, out);
  } else if (kind < 4) {
    writeTag(out, field, WIRE_BYTES);
    const bytes = random.bytes(random.below(12));
    writeVarintOf(out, bytes.length);
    out.push(...bytes);
  } else if (kind === 4) {
    writeTag(out, field, 1);
    out.push(...random.bytes(8));
  } else if (kind === 5) {
    writeTag(out, field, 5);
    out.push(...random.bytes(4));
  } else if (kind === 6) {
    writeTag(out, field, WIRE_START_GROUP);
    if (depth < 4) {
      for (let inner = random.below(4); inner > 0; inner -= 1) writeUnknown(random, out, depth + 1);
    }
    writeTag(out, random.chance(0.9) ? field : field + 1, WIRE_END_GROUP);
  } else {
    writeDeepGroups(random, out);
  }
}

/** Groups about as deep as may be, and at times far deeper. */
function writeDeepGroups(random: Random, out: number[]): void {
  const isFar = random.below(50) === 0;
  const levels = isFar ? 5_000 : PROTOBUF_DEPTH_MAX - 2 + random.below(5);
  for (let level = 0; level < levels; level += 1) writeTag(out, 7, WIRE_START_GROUP);
  const closed = random.chance(0.9) ? levels : random.below(levels);
  for (let level = 0; level < closed; level += 1) writeTag(out, 7, WIRE_END_GROUP);
}

/** A tag, a length or a value that is longer, larger or more padded than it should be, or no UTF-8. */
function writeWrongPart(random: Random, out: number[]): void {
  const field = pick(random, [...knownFields, 8, 100]);
  const kind = random.below(6);
  if (kind === 0) {
    // Longer than the bytes that follow, or than any number of bytes.
    writeTag(out, field, WIRE_BYTES);
    writeVarintOf(out, random.chance(0.5) ? random.below(12) : pick(random, lengths));
    out.push(...random.bytes(random.below(8)));
  } else if (kind === 1) {
    writeTag(out, field, 0);
    writePadded(random, out, 1 + random.below(12));
  } else if (kind === 2) {
    // A list whose last id goes on beyond it.
    writeTag(out, pick(random, [2, 4]), WIRE_BYTES);
    const size = 1 + random.below(12);
    writeVarintOf(out, size);
    for (let left = size; left > 0; left -= 1) out.push(0x80 | random.below(128));
    if (random.chance(0.5)) out.push(1);
  } else if (kind === 3) {
    // The tag or the length itself is padded.
    const tag = field * 8 + random.below(8);
    out.push((tag & 0x7f) | 0x80, (tag >>> 7) | 0x80);
    writePadded(random, out, 1 + random.below(4));
    writeNumber(random, out);
  } else if (kind === 4) {
    writeTextBytes(out, random.bytes(random.below(6)));
  } else {
    // Varints of eleven bytes and more, alone and in a list.
    const bytes = Array.from({ length: 9 + random.below(4) }, () => 0x80 | random.below(128));
    bytes.push(random.below(128));
    writeTag(out, field, random.chance(0.5) ? 0 : WIRE_BYTES);
    if (random.chance(0.5)) writeVarintOf(out, bytes.length);
    out.push(...bytes);
  }
}

function damage(random: Random, out: number[]): void {
  if (out.length === 0) {
    out.push(random.below(256));
    return;
  }
  const at = random.below(out.length);
  const count = 1 + random.below(4);
  switch (random.below(7)) {
    case 0:
      out[at]! ^= 1 << random.below(8);
      break;
    case 1:
      out[at] = pick(random, telling);
      break;
    case 2:
      out.splice(at, 0, ...random.bytes(count));
      break;
    case 3:
      out.splice(at, count);
      break;
    case 4:
      out.splice(at, 0, ...out.slice(at, at + 8 * count));
      break;
    case 5: {
      const tail: number[] = [];
      writeValid(random, tail);
      out.splice(at, out.length, ...tail.slice(random.below(tail.length + 1)));
      break;
    }
    default:
      out.length = at;
  }
}

function writeTag(out: number[], field: number, wireType: number): void {
  writeVarintOf(out, field * 8 + wireType);
}

/** A whole number up to 2^53. */
function writeVarintOf(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}

/** A varint of one to ten bytes; of ten, the last may hold bits that do not fit. */
function writeNumber(random: Random, out: number[]): void {
  const length = random.chance(0.3) ? 1 : 1 + random.below(10);
  for (let left = length - 1; left > 0; left -= 1) out.push(0x80 | random.below(128));
  out.push(length === 10 ? random.below(random.chance(0.8) ? 2 : 128) : random.below(128));
}

/** A small value in so many bytes more than it needs. */
function writePadded(random: Random, out: number[], padding: number): void {
  out.push(0x80 | random.below(128));
  for (let left = padding - 1; left > 0; left -= 1) out.push(0x80);
  out.push(0);
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}
