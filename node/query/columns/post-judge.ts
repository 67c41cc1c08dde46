/**
 * Whether a post passes the filters of rule Q4, read from its entry as far as that goes and from the
 * slab beyond.
 */
import {
  addressBits,
  conversationHash,
  kind,
  kindOf,
  sourceUserHash,
} from '#node/store/columns/entry.ts';
import {
  deletedFlag,
  field,
  fieldIs,
  findField,
  replyFlag,
  retweetFlag,
  valueLength,
  videoFlag,
} from '#node/store/columns/record.ts';
import { hashId } from '#node/store/columns/shared-words.ts';
import type { StoreView } from '#node/store/columns/store-view.ts';
import { varintHigh, varintLow } from '#proto/wire/varint.ts';
import type { Exclusions } from './exclusions.ts';
import type { Follows } from './follows.ts';

export class PostJudge {
  /** Posts that a tombstone hid since the last reset. */
  deletedFiltered = 0;
  readonly #view: StoreView;
  readonly #follows: Follows;
  readonly #exclusions: Exclusions;
  #now = 0;
  #userHi = 0;
  #userLo = 0;
  #userHash = 0;
  #isVideo = false;

  constructor(view: StoreView, follows: Follows, exclusions: Exclusions) {
    this.#view = view;
    this.#follows = follows;
    this.#exclusions = exclusions;
  }

  reset(now: number, userHi: number, userLo: number, isVideo: boolean): void {
    this.#now = now;
    this.#userHi = userHi;
    this.#userLo = userLo;
    this.#userHash = hashId(userHi, userLo) & 0x7f;
    this.#isVideo = isVideo;
    this.deletedFiltered = 0;
  }

  /** Whether the entry may pass as far as it says itself. Its post's record is not touched. */
  mayPass(address: number, word: number): boolean {
    return (word & 1) === 0 || this.#follows.mayHave(conversationHash(address, word));
  }

  /**
   * The filters that do not use up the scan budget, for a post that is in its time: excluded, deleted,
   * and in a video request S3.
   */
  isEntry(place: number, word: number): boolean {
    const { words } = this.#view.slab;
    if (this.#exclusions.has(words, place)) {
      return false;
    }
    if ((words[place]! & deletedFlag) !== 0 && this.#view.isDeleted(place, this.#now)) {
      this.deletedFiltered += 1;
      return false;
    }
    return !this.#isVideo || this.#isVideoEntry(place, word);
  }

  /** The filters that do. */
  passes(place: number, word: number): boolean {
    if ((word & 1) !== 0) {
      return this.#isReferenceLive(place) && this.#isReplyToFollowed(place);
    }
    const given = kindOf(word);
    if (given <= kind.free) {
      return true;
    }
    if (given >= kind.retweet) {
      return sourceUserHash(word) !== this.#userHash || !this.#isOwn(place);
    }
    if (given === kind.replyToOriginal) {
      return this.#isReferenceLive(place);
    }
    return given === kind.unresolved && this.#passesUnresolved(place);
  }

  #isVideoEntry(place: number, word: number): boolean {
    const given = kindOf(word);
    if (given === kind.retweetOfVideo) {
      return this.#isReferenceLive(place);
    }
    if (given !== kind.retweetOfUnknown) {
      return given !== kind.retweet;
    }
    const { slab } = this.#view;
    const source = this.#view.findNamed(place, field.sourcePost);
    return (
      source >= 0 &&
      (slab.words[slab.place(source)]! & (videoFlag | replyFlag)) === videoFlag &&
      this.#view.isLive(source, this.#now)
    );
  }

  #isReferenceLive(place: number): boolean {
    return this.#view.isLive(this.#view.slab.words[place - 1]! & addressBits, this.#now);
  }

  /** A retweet of the user's own post. */
  #isOwn(place: number): boolean {
    const { bytes, words } = this.#view.slab;
    return fieldIs(bytes, words, place, field.sourceUser, this.#userHi, this.#userLo);
  }

  #isReplyToFollowed(place: number): boolean {
    const { bytes, words } = this.#view.slab;
    const position = findField(bytes, words, place, field.inReplyToUser);
    if (position < 0) {
      return false;
    }
    const length = valueLength(bytes, position);
    return this.#follows.has(
      varintHigh(bytes, position, length),
      varintLow(bytes, position, length),
    );
  }

  /** All of Q4 and Q5 from the records, for an entry that knew nothing of the parent. */
  #passesUnresolved(place: number): boolean {
    const { bytes, words } = this.#view.slab;
    if ((words[place]! & retweetFlag) !== 0 && this.#isOwn(place)) {
      return false;
    }
    if (findField(bytes, words, place, field.inReplyToPost) < 0) {
      return true;
    }
    const parent = this.#view.findNamed(place, field.inReplyToPost);
    if (parent < 0 || !this.#view.isLive(parent, this.#now)) {
      return false;
    }
    const parentPlace = this.#view.slab.place(parent);
    if ((words[parentPlace]! & (replyFlag | retweetFlag)) === 0) {
      return true;
    }
    const conversation = findField(bytes, words, place, field.conversation);
    if (conversation < 0) {
      return false;
    }
    const length = valueLength(bytes, conversation);
    return (
      fieldIs(
        bytes,
        words,
        parentPlace,
        field.inReplyToPost,
        varintHigh(bytes, conversation, length),
        varintLow(bytes, conversation, length),
      ) && this.#isReplyToFollowed(place)
    );
  }
}
