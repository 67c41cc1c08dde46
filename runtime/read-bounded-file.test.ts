/**
 * Files at, above and far above the bound.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readBoundedFile } from './read-bounded-file.ts';

describe('readBoundedFile', () => {
  const directory = mkdtempSync(join(tmpdir(), 'thunder-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });

  it('reads files up to the bound, byte for byte, and refuses longer ones', () => {
    const file = join(directory, 'file');
    for (const size of [0, 1, 65_536, 65_537, 200_000]) {
      const bytes = Buffer.alloc(size, 7);
      writeFileSync(file, bytes);
      assert.deepEqual(readBoundedFile(file, size), bytes);
      if (size > 0) {
        assert.throws(() => readBoundedFile(file, size - 1), /is larger than/);
      }
    }
  });

  it('stops reading an endless device', () => {
    assert.throws(() => readBoundedFile('/dev/zero', 100_000), /larger than 100000 bytes/);
  });

  it('passes the system error on', () => {
    assert.throws(() => readBoundedFile(join(directory, 'none'), 1), /ENOENT/);
    assert.throws(() => readBoundedFile(directory, 1), /EISDIR/);
  });
});
