/**
 * What the writer of a stress run tells its readers: how far it is, and what was deleted when.
 */
import { authors, postsAtOnce } from './stress-world.ts';

export interface StressProgress {
  /** Posts applied; deletes applied; 1 when it is over. */
  readonly counts: Int32Array;
  /** By number of a post, modulo `postsAtOnce`: which delete deleted it, from 1 on; 0 for none. */
  readonly deletes: Int32Array;
  /** By author: number plus 1 of the newest original that is not ahead of its time. */
  readonly newest: Int32Array;
  /** By author: originals applied. */
  readonly originals: Int32Array;
}

export const place = { posts: 0, deletes: 1, isOver: 2 } as const;

export function createProgress(): StressProgress {
  const words = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4));
  return {
    counts: words(3),
    deletes: words(postsAtOnce),
    newest: words(authors + 2),
    originals: words(authors + 2),
  };
}

export function slotOf(number: number): number {
  return number & (postsAtOnce - 1);
}
