/**
 * The body of an answer: the frames of posts as they lie in the slab, copied into one buffer that is
 * used again for the next.
 */

import { POST_FRAME_BYTES } from '#proto/wire/response.ts';
import { LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import type { PostList } from './post-list.ts';

const frameBytesMax = POST_FRAME_BYTES + LIGHT_POST_BYTES_MAX;
/** Words of a post copied whether it has as many or not: that is faster than to count them. */
const wordsAtOnce = 12;
/** The last copy may go so far beyond the end. */
const overrunBytes = 128;

export class AnswerBody {
  #buffer = new ArrayBuffer(1 << 16);
  #view = new DataView(this.#buffer);

  /** Copies the first `count` posts in that order. The answer is valid until the next. */
  write(list: PostList, order: Int32Array, count: number, slabWords: Int32Array): Uint8Array {
    this.#reserve(count * frameBytesMax + overrunBytes);
    const view = this.#view;
    const { places } = list;
    let position = 0;
    for (let index = 0; index < count; index += 1) {
      const place = places[order[index]!]!;
      const header = slabWords[place]!;
      view.setInt16(position, header >>> 16, true);
      const start = position + POST_FRAME_BYTES;
      const length = header >>> 24;
      copyWords(view, start, slabWords, place + 1);
      for (let copied = wordsAtOnce; copied * 4 < length; copied += 1) {
        view.setInt32(start + copied * 4, slabWords[place + 1 + copied]!, true);
      }
      position = start + length;
    }
    return new Uint8Array(this.#buffer, 0, position);
  }

  #reserve(bytes: number): void {
    if (bytes > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(bytes * 2);
      this.#view = new DataView(this.#buffer);
    }
  }
}

function copyWords(view: DataView, to: number, words: Int32Array, from: number): void {
  view.setInt32(to, words[from]!, true);
  view.setInt32(to + 4, words[from + 1]!, true);
  view.setInt32(to + 8, words[from + 2]!, true);
  view.setInt32(to + 12, words[from + 3]!, true);
  view.setInt32(to + 16, words[from + 4]!, true);
  view.setInt32(to + 20, words[from + 5]!, true);
  view.setInt32(to + 24, words[from + 6]!, true);
  view.setInt32(to + 28, words[from + 7]!, true);
  view.setInt32(to + 32, words[from + 8]!, true);
  view.setInt32(to + 36, words[from + 9]!, true);
  view.setInt32(to + 40, words[from + 10]!, true);
  view.setInt32(to + 44, words[from + 11]!, true);
}
