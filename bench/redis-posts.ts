/**
 * The posts in Redis, as one would keep them there, and its answer to a home request: for every author
 * a sorted set of the time and id of each post, and the encoded post under its id. A query asks for
 * the newest of all followed authors at once, merges them here, and fetches the posts: two round
 * trips. A script asks, because Redis and client take longer with a command for every author.
 *
 * In Redis's favour: it has no deleted posts to skip and no reply rule to apply, it takes an author's
 * newest 80 whatever they are, and keys are made from ids beforehand.
 */
import { createClient, RESP_TYPES } from '@redis/client';
import { originalsPerAuthor, secondariesPerAuthor } from '#node/query/scan-limits.ts';
import type { IdList, RequestFields } from '#proto/wire/request-fields.ts';
import { POST_FRAME_BYTES, writePostFrame } from '#proto/wire/response.ts';
import type { DataFile } from './data-file.ts';
import { loadRecordFile, readRecordFile, visitBlock } from './record-file.ts';
import { applierTo } from './stores.ts';

const newestPerAuthor = originalsPerAuthor + secondariesPerAuthor;
/** A member: seconds and id, big-endian, so that members of one second are in the order of ids. */
const memberBytes = 12;
/** Posts sent at once while loading. */
const postsPerBatch = 100_000;
const postsPerCommand = 1_000;

/** Answers the newest members of the sets one behind the other, in one string. */
const newestScript = `
local newest = {}
for index = 1, #KEYS do
  local members = redis.call('ZRANGE', KEYS[index], 0, ${newestPerAuthor - 1}, 'REV')
  for place = 1, #members do newest[#newest + 1] = members[place] end
end
return table.concat(newest)`;

export interface RedisRequest {
  /** One for each followed author. */
  readonly keys: readonly string[];
  /** In hexadecimal. */
  readonly excluded: ReadonlySet<string>;
  readonly maxResults: number;
}

export interface RedisPosts {
  load(data: DataFile): Promise<void>;
  /** The frames of the newest posts, newest first: the body of an answer. */
  answer(request: RedisRequest): Promise<{ readonly body: Buffer; readonly posts: number }>;
}

export async function connectRedisPosts(port: number): Promise<RedisPosts> {
  const client = createClient({ socket: { host: '127.0.0.1', port } }).withTypeMapping({
    [RESP_TYPES.BLOB_STRING]: Buffer,
  });
  // A command that fails says so itself.
  client.on('error', () => undefined);
  await client.connect();
  const send = <Reply>(args: readonly Argument[]): Promise<Reply> => client.sendCommand(args);
  const script = String(await send<Buffer>(['SCRIPT', 'LOAD', newestScript]));
  return {
    load: (data) => load(data, send),
    async answer({ keys, excluded, maxResults }) {
      const members = await send<Buffer>(['EVALSHA', script, String(keys.length), ...keys]);
      const ids = newestOf(members, excluded, maxResults);
      if (ids.length === 0) return { body: Buffer.alloc(0), posts: 0 };
      const posts = await send<(Buffer | null)[]>(['MGET', ...ids.map(keyOfPost)]);
      return { body: frame(posts), posts: posts.length };
    },
  };
}

export function toRedisRequest(request: RequestFields): RedisRequest {
  return {
    keys: idsOf(request.following).map(keyOfAuthor),
    excluded: new Set(idsOf(request.excluded)),
    maxResults: request.maxResults,
  };
}

/** Ids of the newest, newest first. */
function newestOf(
  members: Buffer,
  excluded: ReadonlySet<string>,
  maxResults: number,
): readonly string[] {
  const count = members.length / memberBytes;
  // Numbers sort faster than anything else; below the seconds goes the place.
  const keys = new Float64Array(count);
  for (let place = 0; place < count; place += 1) {
    keys[place] = members.readUInt32BE(place * memberBytes) * count + place;
  }
  keys.sort();
  const newest: string[] = [];
  for (let end = count; end > 0 && newest.length < maxResults; ) {
    const second = secondOf(keys, end - 1, count);
    const sameSecond: string[] = [];
    for (; end > 0 && secondOf(keys, end - 1, count) === second; end -= 1) {
      const at = ((keys[end - 1] ?? 0) % count) * memberBytes;
      const id = members.toString('hex', at + 4, at + memberBytes);
      if (!excluded.has(id)) sameSecond.push(id);
    }
    newest.push(...(sameSecond.length > 1 ? sameSecond.toSorted().toReversed() : sameSecond));
  }
  return newest.slice(0, maxResults);
}

function secondOf(keys: Float64Array, index: number, count: number): number {
  return Math.floor((keys[index] ?? 0) / count);
}

function frame(posts: readonly (Buffer | null)[]): Buffer {
  const bytes = posts.reduce((sum, post) => sum + POST_FRAME_BYTES + (post?.length ?? 0), 0);
  const body = Buffer.allocUnsafe(bytes);
  let position = 0;
  for (const post of posts) {
    if (post === null) throw new Error('a post is missing in Redis');
    position = writePostFrame(post, 0, post.length, body, position);
  }
  return body;
}

type Argument = string | Buffer;

async function load(
  { file, now }: DataFile,
  send: (args: readonly Argument[]) => Promise<unknown>,
): Promise<void> {
  const deleted = new Set<string>();
  const collectDeleted = applierTo(
    {
      create: () => 'stored',
      delete: (hi, lo) => {
        deleted.add(hexOf(hi, lo));
        return 'stored';
      },
    },
    now,
  );
  readRecordFile(file, collectDeleted);
  let batch = new LoadBatch();
  const collect = applierTo(
    {
      create: (post, bytes, start, end) => {
        const id = hexOf(post.postIdHi, post.postIdLo);
        const author = hexOf(post.authorIdHi, post.authorIdLo);
        if (!deleted.has(id)) batch.add(author, id, post.createdAt, bytes.subarray(start, end));
        return 'stored';
      },
      delete: () => 'stored',
    },
    now,
  );
  for (const block of loadRecordFile(file)) {
    for (let from = 0; from < block.count; from += postsPerBatch) {
      visitBlock(block, collect, from, Math.min(block.count, from + postsPerBatch));
      await Promise.all(batch.commands().map(send));
      batch = new LoadBatch();
    }
  }
}

/** Commands that add posts, as few as possible. */
class LoadBatch {
  readonly #members = new Map<string, Argument[]>();
  readonly #posts: Argument[][] = [];

  add(author: string, id: string, createdAt: number, bytes: Uint8Array): void {
    const member = Buffer.alloc(memberBytes);
    member.writeUInt32BE(createdAt, 0);
    member.write(id, 4, 'hex');
    const key = keyOfAuthor(author);
    let members = this.#members.get(key);
    if (members === undefined) {
      members = ['ZADD', key];
      this.#members.set(key, members);
    }
    members.push(String(createdAt), member);
    let posts = this.#posts.at(-1);
    if (posts === undefined || posts.length > postsPerCommand * 2) {
      posts = ['MSET'];
      this.#posts.push(posts);
    }
    posts.push(keyOfPost(id), Buffer.from(bytes));
  }

  commands(): readonly (readonly Argument[])[] {
    return [...this.#members.values(), ...this.#posts];
  }
}

function keyOfAuthor(id: string): string {
  return `a${id}`;
}

function keyOfPost(id: string): string {
  return `p${id}`;
}

/** Each id once, in hexadecimal. */
function idsOf({ hi, lo, length }: IdList): string[] {
  const ids = Array.from({ length }, (_, index) => hexOf(hi[index] ?? 0, lo[index] ?? 0));
  return [...new Set(ids)];
}

/** Sixteen digits. */
function hexOf(hi: number, lo: number): string {
  return digitsOf(hi) + digitsOf(lo);
}

function digitsOf(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0');
}
