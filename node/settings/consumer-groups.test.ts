/**
 * No two fleets, and no transformer and serving node, share a consumer group.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { servingGroup, transformerGroup } from './consumer-groups.ts';

test('T1: transformers of one fleet share a group that no other fleet has', () => {
  assert.equal(transformerGroup('thunder', 'a'), transformerGroup('thunder', 'a'));
  const groups = [
    transformerGroup('thunder', 'a'),
    transformerGroup('thunder', 'b'),
    transformerGroup('other', 'a'),
    transformerGroup('thunder', 'a', 'second'),
    servingGroup('thunder', 'a', '1'),
    servingGroup('thunder', 'a', '2'),
    servingGroup('thunder', 'b', '1'),
  ];
  assert.equal(new Set(groups).size, groups.length);
});
