/**
 * Kafka's primitive types, read, in their plain or compact form (`wire-writer.ts`). What does not fit
 * the bytes throws a RangeError: an answer is believed whole or not at all.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #isFlexible: boolean;
  #at = 0;

  /** Of a flexible answer, the tagged fields of its header are skipped. */
  constructor(bytes: Buffer, options: { readonly flexible: boolean }) {
    this.#bytes = bytes;
    this.#isFlexible = options.flexible;
    this.skipTags();
  }

  int8(): number {
    return this.#bytes.readInt8(this.#pass(1));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#pass(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#pass(4));
  }

  /** Exact to 2^53. */
  int64(): number {
    const high = this.int32();
    return high * 2 ** 32 + this.#bytes.readUInt32BE(this.#pass(4));
  }

  /** As 32 hexadecimal digits. */
  uuid(): string {
    const at = this.#pass(16);
    return this.#bytes.toString('hex', at, at + 16);
  }

  /** Null and absent are the same as empty for everything that is read here. */
  string(): string {
    const length = this.#isFlexible ? this.#uvarint() - 1 : this.int16();
    if (length <= 0) return '';
    const at = this.#pass(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** A view; empty for null. */
  bytes(): Buffer {
    const length = this.#length();
    if (length <= 0) return this.#bytes.subarray(0, 0);
    const at = this.#pass(length);
    return this.#bytes.subarray(at, at + length);
  }

  array<T>(readItem: () => T): T[] {
    const length = this.#length();
    if (length > this.#bytes.length - this.#at) throw new RangeError('an array is cut off');
    const items: T[] = [];
    for (let index = 0; index < length; index += 1) items.push(readItem());
    return items;
  }

  skipTags(): void {
    this.tags(() => undefined);
  }

  /** The tagged fields at the end of a structure: `readField` may read a field it knows. */
  tags(readField: (tag: number) => void): void {
    if (!this.#isFlexible) return;
    const count = this.#uvarint();
    for (let index = 0; index < count; index += 1) {
      const tag = this.#uvarint();
      const end = this.#uvarint() + this.#at;
      if (end > this.#bytes.length) throw new RangeError('a tagged field is cut off');
      readField(tag);
      this.#at = end;
    }
  }

  #length(): number {
    return this.#isFlexible ? this.#uvarint() - 1 : this.int32();
  }

  #uvarint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 5; count += 1) {
      const byte = this.#bytes.readUInt8(this.#pass(1));
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError('a length has more than 32 bits');
  }

  #pass(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#bytes.length) throw new RangeError('an answer is cut off');
    this.#at = at + bytes;
    return at;
  }
}
