/**
 * Kafka's primitive types, written. A request is either plain or, in the versions that Kafka calls
 * flexible, compact: lengths as varints plus one, and room for tagged fields, of which none is sent.
 */
const firstBytes = 256;

export class WireWriter {
  readonly #isFlexible: boolean;
  #bytes = Buffer.alloc(firstBytes);
  #at = 0;

  /** A flexible request's body begins with the tagged fields of its header. */
  constructor(options: { readonly flexible: boolean }) {
    this.#isFlexible = options.flexible;
    this.tags();
  }

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
    return this;
  }

  /** Exact to 2^53. */
  int64(value: number): this {
    this.#at = this.#room(8).writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }

  /** 16 bytes as 32 hexadecimal digits. */
  uuid(hex: string): this {
    this.#room(16).write(hex, this.#at, 16, 'hex');
    this.#at += 16;
    return this;
  }

  string(text: string): this {
    const length = Buffer.byteLength(text);
    if (this.#isFlexible) this.#uvarint(length + 1);
    else this.#at = this.#room(2).writeInt16BE(length, this.#at);
    this.#room(length).write(text, this.#at);
    this.#at += length;
    return this;
  }

  /** `writeItem` is told to write each in turn. */
  array<T>(items: readonly T[], writeItem: (item: T) => void): this {
    if (this.#isFlexible) this.#uvarint(items.length + 1);
    else this.int32(items.length);
    for (const item of items) writeItem(item);
    return this;
  }

  /** The end of a structure, where tagged fields would be. */
  tags(): this {
    return this.#isFlexible ? this.#uvarint(0) : this;
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #uvarint(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    return this.#byte(rest);
  }

  #byte(value: number): this {
    this.#at = this.#room(1).writeUInt8(value, this.#at);
    return this;
  }

  #room(bytes: number): Buffer {
    if (this.#at + bytes > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#at + bytes));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
