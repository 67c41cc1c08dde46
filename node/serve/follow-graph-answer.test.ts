/**
 * Reading the follow graph’s answers: rule Q7 without a network.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseFollowing } from './follow-graph-answer.ts';

const strato = (text: string) => parseFollowing(Buffer.from(text), 'strato');
const rest = (text: string) => parseFollowing(Buffer.from(text), 'rest');

test('Q7: ids arrive whole, as strings or as numbers, up to 2^64', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.boolean())),
      (entries) => {
        const ids = entries.map(([id]) => id);
        const list = `[${entries.map(([id, quoted]) => (quoted ? `"${id}"` : `${id}`)).join(', ')}]`;
        assert.deepEqual(rest(list), ids);
        assert.deepEqual(strato(`{"ttl": 5, "v": ${list}}`), ids);
      },
    ),
  );
});

test('Q7: "not found" is an empty list, in either spelling', () => {
  for (const text of ['"{\\"ttl\\":-1}"', '{"ttl":-1}', '{"v":[]}']) {
    assert.deepEqual(strato(text), [], text);
  }
  assert.deepEqual(rest('[]'), []);
});

test('Q7: what is no list of ids is refused, not taken for an empty one', () => {
  const never = ['', '{', 'null', '"x"', '5', '[-1]', '[1.5]', '[1e3]', '[18446744073709551616]'];
  const deep = '['.repeat(200_000);
  for (const text of [...never, '["1x"]', '[[1]]', '[null]', '["",1]', deep]) {
    assert.equal(rest(text), null, text.slice(0, 40));
    assert.equal(strato(text.startsWith('[') ? `{"v":${text}}` : text), null, text.slice(0, 40));
  }
  for (const text of ['{}', '{"ttl":-2}', '{"ttl":"-1"}', '[1]', '{"v":null,"ttl":-1}', '"[1]"']) {
    assert.equal(strato(text), null, text);
  }
  assert.equal(rest('{"v":[1]}'), null);
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.constantFrom('strato' as const, 'rest' as const),
      (bytes, api) => {
        const ids = parseFollowing(bytes, api);
        assert.ok(ids === null || Array.isArray(ids));
      },
    ),
  );
});
