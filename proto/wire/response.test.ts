/**
 * Responses are framed and read back as the generated code does.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import Long from 'long';
import { thunder } from '../gen/thunder.js';
import { type Plain, plainPostFromFields, plainPostFromGenerated } from './protobuf-oracle.ts';
import { forEachPost, POST_FRAME_BYTES, writePostFrame } from './response.ts';
import { encodeLightPost, LIGHT_POST_BYTES_MAX } from './write-light-post.ts';

const posts = fc.array(
  fc.record({
    postId: fc.maxSafeInteger().map((value) => Long.fromNumber(value)),
    authorId: fc.constant(Long.MAX_UNSIGNED_VALUE.toSigned()),
    hasVideo: fc.boolean(),
    inReplyToUserId: fc.constantFrom(Long.ZERO, Long.ONE),
  }),
  { maxLength: 5 },
);

test('posts are visited in order, and framing them again gives the same response', () => {
  fc.assert(
    fc.property(posts, (list) => {
      const canonical = list.map((post) => ({ ...post, isReply: true }));
      const response = thunder.v1.GetInNetworkPostsResponse.encode({ posts: canonical }).finish();
      const visited: Plain[] = [];
      const framed = new Uint8Array(list.length * (POST_FRAME_BYTES + LIGHT_POST_BYTES_MAX));
      const payload = new Uint8Array(LIGHT_POST_BYTES_MAX);
      let length = 0;
      const complete = forEachPost(response, (post) => {
        visited.push(plainPostFromFields(post));
        const end = encodeLightPost(post, payload, 0);
        length = writePostFrame(payload, 0, end, framed, length);
      });
      assert.equal(complete, true);
      const decoded = thunder.v1.GetInNetworkPostsResponse.decode(response);
      assert.deepEqual(visited, decoded.posts?.map(plainPostFromGenerated) ?? []);
      const again = thunder.v1.GetInNetworkPostsResponse.decode(framed.subarray(0, length));
      assert.deepEqual(again.posts?.map(plainPostFromGenerated) ?? [], visited);
    }),
  );
});

test('a response cut short inside a post says so after the posts before it', () => {
  const posts = [{ postId: Long.ONE }, { postId: Long.fromNumber(2) }];
  const response = thunder.v1.GetInNetworkPostsResponse.encode({ posts }).finish();
  let visited = 0;
  const complete = forEachPost(response.subarray(0, response.length - 1), () => {
    visited += 1;
  });
  assert.deepEqual([complete, visited], [false, 1]);
});
