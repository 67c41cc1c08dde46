/**
 * Fifty thousand hostile requests, others in every run: none is read wrong, and the inputs are as
 * they are meant to be.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedOf } from '#test/seed-of.ts';
import { requestShapes } from './hostile-requests.suite.ts';
import { fuzzRequests } from './read-request-fuzz.suite.ts';

test('whatever a client sends is refused or read as the generated code does, and nothing around it', (context) => {
  const tally = fuzzRequests(seedOf(context), 50_000);
  for (const shape of requestShapes) {
    const { read, refused } = tally[shape];
    assert.ok(read > 50, `${shape}: ${read} read`);
    const isWellFormed = shape === 'valid' || shape === 'lists in pieces';
    assert.ok(isWellFormed ? refused === 0 : refused > 500, `${shape}: ${refused} refused`);
  }
});
