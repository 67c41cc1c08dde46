/**
 * When records that cannot be decoded are too many.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DecodeFailures } from './decode-failures.ts';
import { decodeShareRecordsMin } from './ingest-limits.ts';

describe('the share of records that cannot be decoded', () => {
  it('says nothing before there are enough records', () => {
    const failures = new DecodeFailures(10);
    failures.noted(decodeShareRecordsMin - 1, decodeShareRecordsMin - 1);
    assert.deepEqual([failures.shareSinceStart, failures.recentShare], [0, 0]);
    failures.noted(1, 1);
    assert.deepEqual([failures.shareSinceStart, failures.recentShare], [1, 1]);
  });

  it('is of everything since the start, and of the newest block', () => {
    const failures = new DecodeFailures(10);
    failures.noted(9 * decodeShareRecordsMin, 0);
    failures.noted(decodeShareRecordsMin, decodeShareRecordsMin / 2);
    assert.deepEqual([failures.shareSinceStart, failures.recentShare], [0.05, 0.5]);
    failures.noted(decodeShareRecordsMin, 0);
    assert.equal(failures.recentShare, 0, 'the storm is over');
  });

  it('is too much beyond the bound, never at it, and never at all with 100', () => {
    const failures = new DecodeFailures(10);
    assert.equal(failures.isTooMany(0.1), false);
    assert.equal(failures.sentence(0.1), '');
    assert.equal(failures.isTooMany(0.11), true);
    assert.match(
      failures.sentence(0.11),
      /^11 % of the records cannot be decoded .*malformed.*--decode-failure-max 10$/,
    );
    assert.equal(new DecodeFailures(100).isTooMany(1), false);
  });
});
