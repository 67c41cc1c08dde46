/** A binary heap of rows by time, the earliest first, in arrays of a fixed size. */
export class TimeHeap {
  /** In the order of the heap: the first is the earliest. */
  readonly times: Float64Array;
  readonly rows: Int32Array;
  size = 0;
  readonly bytesEach = 12;

  constructor(sizeMax: number) {
    this.times = new Float64Array(sizeMax);
    this.rows = new Int32Array(sizeMax);
  }

  push(time: number, row: number): void {
    const { times, rows } = this;
    let at = this.size;
    this.size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! <= time) break;
      times[at] = times[parent]!;
      rows[at] = rows[parent]!;
      at = parent;
    }
    times[at] = time;
    rows[at] = row;
  }

  removeFirst(): void {
    this.size -= 1;
    if (this.size > 0) {
      this.replaceFirst(this.times[this.size]!, this.rows[this.size]!);
    }
  }

  /** Puts another in the place of the first, and then where it belongs. */
  replaceFirst(time: number, row: number): void {
    const { times, rows, size } = this;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && times[child + 1]! < times[child]!) child += 1;
      if (times[child]! >= time) break;
      times[at] = times[child]!;
      rows[at] = rows[child]!;
      at = child;
    }
    times[at] = time;
    rows[at] = row;
  }
}
