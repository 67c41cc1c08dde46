/**
 * Expressions: the CEL they become, and what they say of values.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { durationPattern, formatDuration, parseDuration } from './duration.ts';
import { parseQuantity } from './quantity.ts';
import {
  and,
  atLeast,
  type Condition,
  durationWithin,
  equals,
  every,
  field,
  has,
  implies,
  item,
  neverShrinks,
  not,
  or,
  quantityAtLeast,
  rule,
  self,
  some,
  startsWith,
  sumAtLeast,
  unchanged,
} from './rules.ts';

const cases: readonly {
  readonly condition: Condition;
  readonly cel: string;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}[] = [
  {
    condition: has('a.b'),
    cel: 'has(self.a) && has(self.a.b)',
    good: [{ a: { b: 0 } }, { a: { b: '' } }],
    bad: [{}, { a: {} }, { a: 1 }, undefined],
  },
  {
    condition: implies(has('a'), equals(field('a'), "it's \\")),
    cel: "(!(has(self.a))) || (self.a == 'it\\'s \\\\')",
    good: [{}, { a: "it's \\" }],
    bad: [{ a: 'its' }],
  },
  {
    condition: and(startsWith(field('a'), 'https://'), not(equals(field('n'), 3))),
    cel: "(self.a.startsWith('https://')) && (!(self.n == 3))",
    good: [{ a: 'https://x', n: 2 }],
    bad: [
      { a: 'http://x', n: 2 },
      { a: 'https://x', n: 3 },
    ],
  },
  {
    condition: or(sumAtLeast([field('a'), field('b')], 1), atLeast(field('c'), field('d'))),
    cel: '(self.a + self.b >= 1) || (self.c >= self.d)',
    good: [
      { a: 0, b: 1, c: 0, d: 1 },
      { a: 0, b: 0, c: 1, d: 1 },
    ],
    bad: [{ a: 0, b: 0, c: 0, d: 1 }],
  },
  {
    condition: every(
      field('list'),
      't',
      not(some(field('texts', 't'), 'b', equals(item('b'), field('word')))),
    ),
    cel: 'self.list.all(t, !(t.texts.exists(b, b == self.word)))',
    good: [
      { word: 'x', list: [] },
      { word: 'x', list: [{ texts: ['a'] }, { texts: [] }] },
    ],
    bad: [{ word: 'x', list: [{ texts: ['a'] }, { texts: ['b', 'x'] }] }],
  },
  {
    condition: durationWithin(self, '1s', '1m'),
    cel: "duration(self) >= duration('1s') && duration(self) <= duration('1m')",
    good: ['1s', '60s', '1m', '1500ms', '0m59s'],
    bad: ['999ms', '61s', '1h', '', 'x', 5, undefined],
  },
  {
    condition: quantityAtLeast(field('a'), '256Mi'),
    cel: "quantity(self.a).compareTo(quantity('256Mi')) >= 0",
    good: [{ a: '256Mi' }, { a: '1G' }, { a: '268435456' }],
    bad: [{ a: '255Mi' }, { a: '100' }, { a: '1e9' }],
  },
];

describe('a rule', () => {
  for (const { condition, cel, good, bad } of cases) {
    it(`${cel} says what CEL says`, () => {
      const made = rule(condition, 'mend it', '.a');
      assert.equal(made.cel, cel);
      assert.equal(made.isTransition, false);
      for (const value of good) assert.equal(made.holds(value), true, JSON.stringify(value));
      for (const value of bad) assert.equal(made.holds(value), false, JSON.stringify(value));
    });
  }

  it('about a change looks at what was there before', () => {
    const same = rule(unchanged, 'keep it');
    assert.deepEqual([same.isTransition, same.cel], [true, 'self == oldSelf']);
    assert.deepEqual(
      [same.holds('a', 'a'), same.holds('a', 'b'), same.holds('a')],
      [true, false, true],
    );
    const grows = rule(neverShrinks, 'let it grow');
    assert.deepEqual(
      [grows.holds(4, 4), grows.holds(8, 4), grows.holds(2, 4)],
      [true, true, false],
    );
  });
});

describe('durations and quantities', () => {
  it('are read as Go and Kubernetes read them', () => {
    assert.equal(parseDuration('1h1m1s1ms'), 3_661_001);
    assert.equal(parseDuration('5ms'), 5);
    assert.equal(parseDuration('5m'), 300_000);
    for (const bad of ['', '5', 'h', '1s1m', '-1s', '1.5h', ' 1s']) {
      assert.equal(parseDuration(bad), undefined, bad);
    }
    assert.equal(parseQuantity('1.5Gi'), 1.5 * 2 ** 30);
    assert.equal(parseQuantity('500m'), 0.5);
    assert.equal(parseQuantity('2k'), 2_000);
    for (const bad of ['', 'Gi', '1gi', '-1', '1e3', '1 Gi', '.5']) {
      assert.equal(parseQuantity(bad), undefined, bad);
    }
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_600_000_000 }), (milliseconds) => {
        const text = formatDuration(milliseconds);
        assert.match(text, new RegExp(durationPattern));
        assert.equal(parseDuration(text), milliseconds);
      }),
    );
  });
});
