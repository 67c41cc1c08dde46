/**
 * Seeing that files have changed, in the ways that files change.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { waitFor } from '#test/integration/serve-fixture.ts';
import { FileWatch, readNamedFile } from './file-watch.ts';

function createFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'thunder-watch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a written, replaced, removed and re-created file is a change, each once', (t) => {
  const folder = createFolder(t);
  const file = path.join(folder, 'a');
  const other = path.join(folder, 'b');
  writeFileSync(file, '1');
  let changes = 0;
  const watch = new FileWatch({
    paths: [file, path.join(folder, 'never')],
    intervalMs: 0,
    onChange: () => {
      changes += 1;
    },
  });
  const steps: (() => void)[] = [
    () => writeFileSync(file, '22'),
    () => {
      writeFileSync(other, '33');
      renameSync(other, file);
    },
    () => rmSync(file),
    () => writeFileSync(file, '44'),
  ];
  for (const [index, step] of steps.entries()) {
    step();
    watch.check();
    watch.check();
    assert.equal(changes, index + 1);
  }
});

test('a folder that is swapped by its link, as a container platform does, is seen in time', async (t) => {
  const folder = createFolder(t);
  const link = path.join(folder, 'current');
  const use = (name: string): void => {
    const version = mkdtempSync(path.join(folder, name));
    writeFileSync(path.join(version, 'token'), name);
    symlinkSync(version, `${link}.new`);
    renameSync(`${link}.new`, link);
  };
  use('one');
  const seen: string[] = [];
  const file = path.join(link, 'token');
  const watch = new FileWatch({
    paths: [file],
    intervalMs: 5,
    onChange: () => seen.push(readNamedFile(file, 100).toString()),
  });
  t.after(() => watch.stop());
  use('two');
  await waitFor('the change is seen', () => seen.length === 1);
  assert.deepEqual(seen, ['two']);
});

test('a named file that is absent or too large is refused by name', (t) => {
  const folder = createFolder(t);
  const file = path.join(folder, 'large');
  writeFileSync(file, 'x'.repeat(101));
  assert.throws(() => readNamedFile(file, 100), /large .*larger than 100 bytes/);
  assert.throws(() => readNamedFile(path.join(folder, 'absent'), 100), /absent cannot be read/);
  assert.throws(() => readNamedFile(folder, 100), /cannot be read/);
});
