/**
 * What a stock client reads from an answer is what was stored.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { thunder } from '#proto/gen/thunder.js';
import { encodeLightPost, LIGHT_POST_BYTES_MAX } from '#proto/wire/write-light-post.ts';
import { honestEvents } from './arbitrary-events.ts';
import { encodeBody, encodePost, type PlainPost, toFields } from './plain-events.ts';
import { encodeResponse } from './response-body.ts';

const honestPosts = honestEvents.map((events) =>
  events.flatMap((event) => (event.kind === 'create' ? [event.post] : [])),
);

function canonicalBytes(post: PlainPost): Uint8Array {
  const target = new Uint8Array(LIGHT_POST_BYTES_MAX);
  return target.subarray(0, encodeLightPost(toFields(post), target, 0));
}

test('E3: the bytes of a post are those that the naive encoder of the oracle writes', () => {
  fc.assert(
    fc.property(honestPosts, (posts) => {
      for (const post of posts) {
        assert.deepEqual(canonicalBytes(post), encodePost(post));
      }
    }),
  );
});

test('Q6: an answer is the posts in order, field by field', () => {
  fc.assert(
    fc.property(honestPosts, (posts) => {
      const body = encodeResponse(posts.map((post) => ({ bytes: canonicalBytes(post) })));
      assert.deepEqual(body, encodeBody(posts));
      const decoded = thunder.v1.GetInNetworkPostsResponse.decode(body).posts ?? [];
      const asRead = decoded.map((post) => ({
        postId: unsigned(post.postId),
        authorId: unsigned(post.authorId),
        createdAt: Number(String(post.createdAt ?? 0)),
        inReplyToPostId: optional(post.inReplyToPostId),
        inReplyToUserId: optional(post.inReplyToUserId),
        isRetweet: post.isRetweet ?? false,
        isReply: post.isReply ?? false,
        sourcePostId: optional(post.sourcePostId),
        sourceUserId: optional(post.sourceUserId),
        hasVideo: post.hasVideo ?? false,
        conversationId: optional(post.conversationId),
      }));
      assert.deepEqual(asRead, posts);
    }),
  );
});

/** protobufjs gives an int64 as a number or a signed Long; both print as decimal. */
type Int64 = { toString(): string } | number | null | undefined;

function unsigned(value: Int64): bigint {
  return BigInt.asUintN(64, BigInt(String(value ?? 0)));
}

function optional(value: Int64): bigint | undefined {
  return value === null || value === undefined ? undefined : unsigned(value);
}
