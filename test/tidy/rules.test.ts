/**
 * Every numbered rule of the contract has a test named after it, and none of those is empty.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { findRuleTests, rules } from '../rules.ts';

test('every rule has a test that asserts', () => {
  const tests = findRuleTests();
  const covered = new Set(tests.map((found) => found.rule));
  assert.deepEqual(
    rules.filter((rule) => !covered.has(rule)),
    [],
  );
  assert.deepEqual(
    tests.filter((found) => !found.asserts),
    [],
  );
  assert.deepEqual(
    tests.filter((found) => !rules.includes(found.rule)).map((found) => found.name),
    [],
    'a test is named after a rule that is not there',
  );
});
