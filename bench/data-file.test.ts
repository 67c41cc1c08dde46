/** The data set: made once, whole, the same for the same seed, and with the shares it promises. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createInNetworkEventFields } from '#proto/wire/in-network-event-fields.ts';
import { readInNetworkEvent } from '#proto/wire/read-in-network-event.ts';
import type { BenchIo } from './bench.ts';
import { openDataFile, populationOf } from './data-file.ts';
import { disorder } from './disorder.ts';
import { loadRecordFile, type RecordBlock, readRecordFile } from './record-file.ts';
import { collectQueries, followAlso, followNobodyStored } from './requests.ts';
import { columnarStore, fillStore } from './stores.ts';

const directories: string[] = [];
after(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'thunder-data-'));
  directories.push(directory);
  return directory;
}

const posts = 60_000;
const quiet: BenchIo = { signal: new AbortController().signal, progress: () => undefined };

test('data is made once and the same for the same seed', async () => {
  const [one, other] = [newDirectory(), newDirectory()];
  const made = await openDataFile({ seed: 5, posts, directory: one }, quiet);
  const again = await openDataFile({ seed: 5, posts, directory: one }, quiet);
  assert.deepEqual(again, made);
  assert.equal(readdirSync(one).length, 2);
  const elsewhere = await openDataFile({ seed: 5, posts, directory: other }, quiet);
  assert.ok(readFileSync(elsewhere.file).equals(readFileSync(made.file)));
  const different = await openDataFile({ seed: 6, posts, directory: one }, quiet);
  assert.ok(!readFileSync(different.file).equals(readFileSync(made.file)));
});

test('an abort leaves nothing that could be taken for data', async () => {
  const directory = newDirectory();
  const io = { ...quiet, signal: AbortSignal.abort(new Error('enough')) };
  await assert.rejects(openDataFile({ seed: 5, posts, directory }, io), /enough/);
  assert.deepEqual(readdirSync(directory), []);
});

test('posts are originals, replies and retweets as promised, and a store holds all of them', async () => {
  const data = await openDataFile({ seed: 5, posts, directory: newDirectory() }, quiet);
  const event = createInNetworkEventFields();
  const counts = { originals: 0, replies: 0, retweets: 0 };
  readRecordFile(data.file, (bytes, start, end) => {
    readInNetworkEvent(bytes, start, end, event);
    if (event.kind !== 'create') return;
    if (event.post.isReply) counts.replies += 1;
    else if (event.post.isRetweet) counts.retweets += 1;
    else counts.originals += 1;
  });
  const creates = counts.originals + counts.replies + counts.retweets;
  assert.ok(Math.abs(counts.originals / creates - 0.35) < 0.02, JSON.stringify(counts));
  assert.ok(Math.abs(counts.replies / creates - 0.43) < 0.02, JSON.stringify(counts));
  assert.equal(data.authors, posts / 5);
  // Throws when one is missing.
  fillStore(columnarStore, data);
});

test('disorder changes the order of some records and nothing else', async () => {
  const data = await openDataFile({ seed: 5, posts, directory: newDirectory() }, quiet);
  const [block] = loadRecordFile(data.file);
  assert.ok(block !== undefined);
  assert.deepEqual(disorder(block, 0, 1), block);
  const mixed = disorder(block, 0.05, 1);
  assert.notDeepEqual(mixed.starts, block.starts);
  const recordsOf = ({ starts, ends, timestampsMs }: RecordBlock): string[] =>
    [...starts].map((start, index) => `${start} ${ends[index]} ${timestampsMs[index]}`).toSorted();
  assert.deepEqual(recordsOf(mixed), recordsOf(block));
  let late = 0;
  let newest = 0;
  for (const start of mixed.starts) {
    if (start < newest) late += 1;
    newest = Math.max(newest, start);
  }
  assert.ok(Math.abs(late / block.count - 0.05) < 0.01, `${late} of ${block.count}`);
});

test('the requests that are worst follow as many accounts as the others', async () => {
  const data = await openDataFile({ seed: 5, posts, directory: newDirectory() }, quiet);
  const population = populationOf(data);
  const { authors } = population;
  const options = { seed: 1, requests: 1, following: 100, excluded: 10, maxResults: 100 };
  const [query] = collectQueries(population, options);
  assert.ok(query !== undefined);
  const miss = new Set(followNobodyStored(query, authors).followingUserIds);
  assert.equal(miss.size, 100);
  for (let rank = 0; rank < authors.count; rank += 1) assert.ok(!miss.has(authors.idOf(rank)));
  const loud = authors.idOf(data.loudAuthor.rank);
  const withLoud = new Set(followAlso(query, loud).followingUserIds);
  assert.ok(withLoud.size === 100 && withLoud.has(loud));
});
