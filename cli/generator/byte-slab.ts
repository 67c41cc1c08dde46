/**
 * Room for many small records without an allocation for each: slices of a slab that is replaced when
 * it is full. A slab lives as long as one of its slices does.
 */
const slabBytes = 262_144;

export class ByteSlab {
  #slab = Buffer.allocUnsafe(slabBytes);
  #used = 0;

  /**
   * Room for at least `bytesMax` bytes: calls `write(target, offset)`, which returns the offset after
   * what it wrote, and answers a slice with exactly that.
   */
  write(bytesMax: number, write: (target: Buffer, offset: number) => number): Buffer {
    if (bytesMax > this.#slab.length - this.#used) {
      this.#slab = Buffer.allocUnsafe(Math.max(slabBytes, bytesMax));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = write(this.#slab, start);
    return this.#slab.subarray(start, this.#used);
  }
}
