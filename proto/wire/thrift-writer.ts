/**
 * The thrift binary protocol, as much of it as a TweetEvent needs, written from left to right.
 */
import { T_BOOL, T_I32, T_I64, T_LIST, T_STRING, T_STRUCT } from './thrift-binary.ts';

export class ThriftWriter {
  #target: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the next byte. */
  position = 0;

  /** Where to write from now on; there must be room for everything that follows. */
  start(target: Buffer, offset: number): void {
    if (target !== this.#target) {
      this.#target = target;
      this.#view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    }
    this.position = offset;
  }

  /** An id or number, in 64 bits; unsigned values keep their bits. */
  i64(field: number, value: bigint): void {
    this.#header(T_I64, field);
    this.#view.setBigUint64(this.position, value);
    this.position += 8;
  }

  /** The same from its halves. */
  id(field: number, hi: number, lo: number): void {
    this.#header(T_I64, field);
    this.#view.setUint32(this.position, hi);
    this.#view.setUint32(this.position + 4, lo);
    this.position += 8;
  }

  i32(field: number, value: number): void {
    this.#header(T_I32, field);
    this.#view.setInt32(this.position, value);
    this.position += 4;
  }

  bool(field: number, value: boolean): void {
    this.#header(T_BOOL, field);
    this.#target[this.position] = value ? 1 : 0;
    this.position += 1;
  }

  string(field: number, value: string): void {
    this.#header(T_STRING, field);
    const size = this.#target.write(value, this.position + 4, 'utf8');
    this.#view.setInt32(this.position, size);
    this.position += 4 + size;
  }

  /** A struct or union begins; `end` closes it. */
  struct(field: number): void {
    this.#header(T_STRUCT, field);
  }

  /** A list of structs begins; each of the `size` elements is written as fields and `end`. */
  structList(field: number, size: number): void {
    this.#header(T_LIST, field);
    this.#target[this.position] = T_STRUCT;
    this.#view.setInt32(this.position + 1, size);
    this.position += 5;
  }

  /** Ends the innermost struct, the outermost too. */
  end(): void {
    this.#target[this.position] = 0;
    this.position += 1;
  }

  #header(type: number, field: number): void {
    this.#target[this.position] = type;
    this.#view.setInt16(this.position + 1, field);
    this.position += 3;
  }
}
