/**
 * The columnar store and query answer byte for byte what the simple ones do, about hundreds of random
 * states, late and reclaimed ones too; and what came first never shows.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runEqualAnswers } from '#test/oracle/equal-answers.ts';
import { runPermutations } from '#test/oracle/permutations.ts';
import { seedOf } from '#test/seed-of.ts';

const states = 400;
/** Posts in all answers together; fewer, and little was compared. */
const answeredMin = 10_000;

test('P1, Q3, Q6: ten thousand requests about random states are answered as the simple store does', (context) => {
  const answered = runEqualAnswers(seedOf(context), states);
  assert.ok(answered > answeredMin, `${answered} posts answered`);
});

test('P1: events in any order and repeated, with questions and passes between them, are one state', (context) => {
  const answered = runPermutations(seedOf(context), states);
  assert.ok(answered > answeredMin, `${answered} posts answered`);
});
