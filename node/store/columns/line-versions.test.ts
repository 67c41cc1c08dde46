/**
 * A reader that keeps on failing makes the writer wait, and lets go of it whatever happens.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { control, createControlWords } from './control-words.ts';
import { createVersionWords, LineCopying, LineVersions } from './line-versions.ts';

const row = 160;
const enough = 100;

function rig() {
  const controlWords = createControlWords();
  const words = createVersionWords();
  const versions = new LineVersions(words, controlWords);
  return {
    copying: new LineCopying(words, controlWords),
    change: () => {
      versions.begin(row);
      versions.end(row);
    },
    holders: () => controlWords[control.holds]!,
  };
}

test('S1: a copy that a change crossed is bad, and one between changes is good', () => {
  const { copying, change } = rig();
  const before = copying.begin(row);
  change();
  assert.equal(copying.isUnchanged(row, before, true), false);
  assert.equal(copying.isUnchanged(row, copying.begin(row), true), true);
});

test('S1: a reader whose blocks are crossed again and again makes the writer wait, until one is good', () => {
  const { copying, change, holders } = rig();
  let reads = 0;
  while (holders() === 0 && reads < enough) {
    // The line alone is good each time; the block behind it is not.
    const version = copying.begin(row);
    assert.equal(copying.isUnchanged(row, version, false), true);
    change();
    assert.equal(copying.isUnchanged(row, version, true), false);
    reads += 1;
  }
  assert.equal(holders(), 1);
  assert.ok(reads > 1 && reads < enough);
  const version = copying.begin(row);
  assert.equal(copying.isUnchanged(row, version, false), true);
  assert.equal(holders(), 1, 'the block is still to be read');
  assert.equal(copying.isUnchanged(row, version, true), true);
  assert.equal(holders(), 0);
});

test('S1: who leaves lets go', () => {
  const { copying, change, holders } = rig();
  while (holders() === 0) {
    const version = copying.begin(row);
    change();
    copying.isUnchanged(row, version, true);
  }
  copying.letGo();
  copying.letGo();
  assert.equal(holders(), 0);
});
