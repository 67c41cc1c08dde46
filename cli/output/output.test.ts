/** What people see: ages, tables, progress. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress, formatProgressItem } from './progress.ts';
import { formatAge, formatDuration } from './relative-age.ts';
import { cutTo, emphasise, styleOf } from './style.ts';
import { formatTable } from './table.ts';

const plain = { colour: false, width: null };

test('ages are one number and one unit', () => {
  assert.equal(formatAge(100, 100), '0 s ago');
  assert.equal(formatAge(100, 159), '59 s ago');
  assert.equal(formatAge(0, 200), '3 m ago');
  assert.equal(formatAge(0, 7_199), '1 h ago');
  assert.equal(formatAge(0, 40 * 3600), '40 h ago');
  assert.equal(formatAge(0, 50 * 3600), '2 d ago');
  assert.equal(formatAge(260, 200), 'in 1 m');
  assert.equal(formatDuration(-5), '0 s');
});

test('columns are aligned, numbers to the right', () => {
  const table = formatTable(
    [{ title: 'ID', align: 'right' }, { title: 'KIND' }],
    [
      ['9', 'reply'],
      ['9223372036854775809', 'retweet'],
    ],
    plain,
  );
  assert.equal(
    table,
    [
      '                 ID  KIND',
      '                  9  reply',
      '9223372036854775809  retweet',
      '',
    ].join('\n'),
  );
});

test('a narrow terminal cuts lines, colours stay outside the cut', () => {
  const table = formatTable([{ title: 'NAME' }], [['a long name']], { colour: true, width: 6 });
  assert.equal(table, '\u001B[1mNAME\u001B[22m\na lon…\n');
});

test('control characters in cells cannot reach the terminal', () => {
  assert.equal(formatTable([{ title: 'A' }], [['\u001B[2Jx\ny']], plain), 'A\n?[2Jx?y\n');
});

test('missing cells are empty and no rows leave the titles', () => {
  assert.equal(formatTable([{ title: 'A' }, { title: 'B' }], [['1']], plain), 'A  B\n1\n');
  assert.equal(formatTable([{ title: 'A' }], [], plain), 'A\n');
});

test('NO_COLOR, dumb terminals and pipes have no colour', () => {
  const terminal = { write: () => true, isTTY: true, columns: 100 };
  assert.deepEqual(styleOf(terminal, {}), { colour: true, width: 100 });
  assert.deepEqual(styleOf(terminal, { NO_COLOR: '1' }), { colour: false, width: 100 });
  assert.deepEqual(styleOf(terminal, { NO_COLOR: '' }), { colour: true, width: 100 });
  assert.deepEqual(styleOf(terminal, { TERM: 'dumb' }), { colour: false, width: 100 });
  assert.deepEqual(styleOf({ write: () => true }, {}), plain);
  assert.equal(emphasise('x', 'red', plain), 'x');
});

test('a cut never exceeds the width', () => {
  assert.equal(cutTo('abc', 3), 'abc');
  assert.equal(cutTo('abcd', 3), 'ab…');
  assert.equal(cutTo('abcd', 1), 'a');
  assert.equal(cutTo('abcd', 0), '');
});

test('an item says share, count, rate and time left', () => {
  assert.equal(
    formatProgressItem({ name: 'n1', done: 50_000, total: 200_000, perSecond: 25_000 }),
    'n1: 25 %, 50,000 of 200,000, 25,000/s, 6 s left',
  );
  assert.equal(
    formatProgressItem({ name: 'n1', done: 5, total: null, perSecond: null, note: 'waiting' }),
    'n1: 5, waiting',
  );
  assert.equal(
    formatProgressItem({ name: 'n1', done: 0, total: 0, perSecond: 0 }),
    'n1: 100 %, 0 of 0, 0/s',
  );
});

function recorder(): { text: string; write(text: string): boolean } {
  return {
    text: '',
    write(text) {
      this.text += text;
      return true;
    },
  };
}

test('without a terminal a line comes only every few seconds, and the end is always shown', () => {
  const stream = recorder();
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const progress = createProgress({ stream, style: plain, clock, interactive: false });
  for (let done = 0; done < 60; done += 1) {
    progress.update([{ name: 'n1', done, total: 60, perSecond: null }]);
    nowMs += 100;
  }
  progress.finish([{ name: 'n1', done: 60, total: 60, perSecond: null }]);
  assert.deepEqual(stream.text.trimEnd().split('\n'), [
    'n1: 0 %, 0 of 60',
    'n1: 50 %, 30 of 60',
    'n1: 100 %, 60 of 60',
  ]);
});

test('on a terminal the bars are redrawn in place and fit its width', () => {
  const stream = recorder();
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };
  const style = { colour: false, width: 50 };
  const progress = createProgress({ stream, style, clock, interactive: true });
  const other = { name: 'three', done: 1, total: null, perSecond: null };
  progress.update([{ name: 'one', done: 1, total: 10, perSecond: 1 }, other]);
  nowMs += 200;
  progress.finish([{ name: 'one', done: 10, total: 10, perSecond: 1 }, other]);
  assert.equal(stream.text.split('\u001B[2A').length, 2);
  const shown = stream.text
    .replaceAll('\r\u001B[2K', '')
    .replaceAll('\u001B[2A', '')
    .trimEnd()
    .split('\n');
  assert.equal(shown.length, 4);
  for (const line of shown) assert.ok(Array.from(line).length <= 50, line);
  assert.match(shown[2] ?? '', /^one {3}█{24} 100 %/);
});
