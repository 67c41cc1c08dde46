/**
 * The blocklist file: what it may hold, and what happens when it changes.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { ConfigurationError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createServingMetrics } from '../metrics.ts';
import { BlockedAuthors, parseBlockedAuthors } from './blocked-authors.ts';

function createMetrics() {
  return createServingMetrics(new Registry());
}

test('Q1: a blocklist is ids, one a line, with comments', () => {
  const text = '# all\n1\n\n  2 # two\r\n18446744073709551615\n2\n';
  assert.deepEqual([...parseBlockedAuthors(text, 'f')], [1n, 2n, (1n << 64n) - 1n]);
  assert.equal(parseBlockedAuthors('', 'f').size, 0);
});

test('Q1: bad lines of a blocklist are named by number, a few of many', () => {
  const text = `1\nbob\n-2\n0\n18446744073709551616\n${'x\n'.repeat(50)}`;
  assert.throws(
    () => parseBlockedAuthors(text, '/etc/blocked'),
    (error: Error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(
        error.message,
        /^\/etc\/blocked .*line 2: "bob", line 3: "-2", line 4: "0", line 5/,
      );
      assert.match(error.message, /and 44 more$/);
      return true;
    },
  );
});

test('Q1: a changed blocklist is taken, a broken one leaves the old', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'thunder-blocked-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'blocked');
  const metrics = createMetrics();
  const options = { file, reloadIntervalMs: 0, metrics, logger: silentLogger };
  assert.throws(() => new BlockedAuthors(options), /blocked cannot be read/);
  writeFileSync(file, '1\n2\n');
  const blocked = new BlockedAuthors(options);
  t.after(() => blocked.stop());
  const before = blocked.authors;
  assert.deepEqual([...before], [1n, 2n]);
  writeFileSync(file, '1\n2\n3\n');
  blocked.check();
  assert.deepEqual([...blocked.authors], [1n, 2n, 3n]);
  assert.deepEqual([...before], [1n, 2n], 'a request under way keeps its list');
  assert.equal(metrics.blockedAuthors.value, 3);
  writeFileSync(file, '4\nfive\n');
  blocked.check();
  blocked.check();
  assert.equal(blocked.authors.size, 3);
  assert.equal(metrics.blockedAuthorsReloadFailures.value, 1, 'once for each change');
  rmSync(file);
  blocked.check();
  assert.equal(blocked.authors.size, 3);
  writeFileSync(file, '4\n');
  blocked.check();
  assert.deepEqual([...blocked.authors], [4n]);
});

test('without a file nobody is blocked', () => {
  const blocked = new BlockedAuthors({
    file: null,
    reloadIntervalMs: 1_000,
    metrics: createMetrics(),
    logger: silentLogger,
  });
  assert.equal(blocked.authors.size, 0);
  blocked.stop();
});
