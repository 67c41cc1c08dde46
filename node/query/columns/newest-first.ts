/**
 * Q6: the newest of what passed, by time and then by id. A counting sort by age puts each where it
 * belongs but for a few places, an insertion sort does the rest; many posts of about the same second
 * get a heap sort instead.
 */
import { hasGreaterId } from '#node/store/columns/record.ts';
import type { PostList } from './post-list.ts';

const bits = 11;
const insertionMax = 32;

export class NewestFirst {
  /** After `sort`: indices of the list, the newest first. */
  order = new Int32Array(4_096);
  readonly #starts = new Int32Array((1 << bits) + 1);
  #list: PostList | undefined;
  #slabWords = new Int32Array(0);
  #top = 0;

  /** Sorts the newest `wanted` of the list; answers how many there are. Ages lie in `youngest` to `oldest`. */
  sort(
    list: PostList,
    slabWords: Int32Array,
    top: number,
    youngest: number,
    oldest: number,
    wanted: number,
  ): number {
    const { count, words } = list;
    if (this.order.length < count) {
      this.order = new Int32Array(count * 2);
    }
    this.#list = list;
    this.#slabWords = slabWords as Int32Array<ArrayBuffer>;
    this.#top = top;
    const { order } = this;
    const starts = this.#starts;
    const length = 32 - Math.clz32(oldest - youngest);
    const shift = length > bits ? length - bits : 0;
    starts.fill(0);
    for (let index = 0; index < count; index += 1) {
      const bin = (((top - words[index]!) >>> 12) - youngest) >>> shift;
      starts[bin] = starts[bin]! + 1;
    }
    let before = 0;
    for (let bin = 0; bin < starts.length; bin += 1) {
      const inBin = starts[bin]!;
      starts[bin] = before;
      before += inBin;
    }
    for (let index = 0; index < count; index += 1) {
      const bin = (((top - words[index]!) >>> 12) - youngest) >>> shift;
      const at = starts[bin]!;
      order[at] = index;
      starts[bin] = at + 1;
    }
    // Each bin now ends where it says; those that begin behind what is wanted stay as they are.
    let from = 0;
    for (let bin = 0; from < wanted && from < count; bin += 1) {
      const end = starts[bin]!;
      if (end - from > 1) {
        if (end - from <= insertionMax) this.#insertionSort(from, end);
        else this.#heapSort(from, end);
      }
      from = end;
    }
    return count < wanted ? count : wanted;
  }

  #isNewer(one: number, other: number): boolean {
    const { words, places } = this.#list!;
    const oneAge = (this.#top - words[one]!) >>> 12;
    const otherAge = (this.#top - words[other]!) >>> 12;
    return oneAge === otherAge
      ? hasGreaterId(this.#slabWords, places[one]!, places[other]!)
      : oneAge < otherAge;
  }

  #insertionSort(from: number, end: number): void {
    const { order } = this;
    for (let index = from + 1; index < end; index += 1) {
      const moved = order[index]!;
      let at = index;
      while (at > from && this.#isNewer(moved, order[at - 1]!)) {
        order[at] = order[at - 1]!;
        at -= 1;
      }
      order[at] = moved;
    }
  }

  #heapSort(from: number, end: number): void {
    const { order } = this;
    const size = end - from;
    for (let root = (size >> 1) - 1; root >= 0; root -= 1) this.#sink(from, root, size);
    for (let last = size - 1; last > 0; last -= 1) {
      const oldest = order[from]!;
      order[from] = order[from + last]!;
      order[from + last] = oldest;
      this.#sink(from, 0, last);
    }
  }

  /** The oldest rises to the root. */
  #sink(from: number, start: number, size: number): void {
    const { order } = this;
    const moved = order[from + start]!;
    let root = start;
    for (;;) {
      let child = root * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isNewer(order[from + child]!, order[from + child + 1]!)) {
        child += 1;
      }
      if (!this.#isNewer(moved, order[from + child]!)) break;
      order[from + root] = order[from + child]!;
      root = child;
    }
    order[from + root] = moved;
  }
}
