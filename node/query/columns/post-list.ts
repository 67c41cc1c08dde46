/**
 * Posts on their way through a query: entries and where their records lie, in arrays that are kept
 * from one request to the next. Their rooms only grow, up to what the largest request needed.
 */
export class PostList {
  /** Word 0 of the entry: its address, perhaps with a bit of a hash. */
  addresses = new Int32Array(4_096);
  /** Word 1 of the entry. */
  words = new Int32Array(4_096);
  /** The author: index of the list of rows that the query goes through. */
  owners = new Int32Array(4_096);
  /** Physical place of the record, once it was asked for. */
  places = new Int32Array(4_096);
  count = 0;

  /** Makes room for `more` posts. */
  reserve(more: number): void {
    if (this.count + more <= this.words.length) {
      return;
    }
    const capacity = Math.max(this.count + more, this.words.length * 2);
    this.addresses = grown(this.addresses, capacity);
    this.words = grown(this.words, capacity);
    this.owners = grown(this.owners, capacity);
    this.places = grown(this.places, capacity);
  }

  /** Removes those whose owner is marked, and keeps the order. */
  removeOwnedBy(isMarked: Uint8Array): void {
    const { addresses, words, owners, places, count } = this;
    let kept = 0;
    for (let index = 0; index < count; index += 1) {
      const owner = owners[index]!;
      addresses[kept] = addresses[index]!;
      words[kept] = words[index]!;
      owners[kept] = owner;
      places[kept] = places[index]!;
      kept += 1 - isMarked[owner]!;
    }
    this.count = kept;
  }
}

function grown(from: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}
