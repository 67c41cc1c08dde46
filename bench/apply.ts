/**
 * What does it cost to decode and apply an event, and to hold a post? Beside each store stands a
 * target that keeps nothing: what ingest itself costs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import type { MemoryAnswer, MemoryQuestion } from './apply-memory.ts';
import { type Bench, type BenchIo, postsSetting, roundsSetting, seedSetting } from './bench.ts';
import { startChild } from './child.ts';
import { collectRecords, type DatasetOptions, nowOf } from './dataset.ts';
import { elapsedMs, interleave, median } from './harness.ts';
import { writeRecordFile } from './record-file.ts';
import { type BenchRow, type Metric, toRow } from './report.ts';
import { applierTo, createStore, noOpTarget, referenceStore, storeKinds } from './stores.ts';

const outOfOrderShare = 0.05;
const noOpName = 'no-op target';
const eventsPerSecond: Metric = { name: 'perSecond', unit: 'events/s', better: 'higher' };
const heapBytes: Metric = { name: 'bytesPerPost', unit: 'B heap and buffers', better: 'lower' };
const residentBytes: Metric = { name: 'rssBytesPerPost', unit: 'B resident', better: 'lower' };
const accountedBytes: Metric = {
  name: 'accountedBytesPerPost',
  unit: 'B by its own count',
  better: 'lower',
};

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(5),
  posts: postsSetting(200_000),
});

export const applyBench: Bench<(typeof settings)['settings']> = {
  name: 'apply',
  question: 'What does it cost to decode and apply an event, and to hold a post?',
  settings,
  async run({ seed, rounds, posts }, io) {
    const inOrder: DatasetOptions = {
      seed,
      count: posts,
      counted: 'posts',
      format: 'protobuf',
      mix: { outOfOrder: 0, late: 0 },
    };
    const disordered = { ...inOrder, mix: { outOfOrder: outOfOrderShare, late: 0 } };
    const suffix = `N=${posts}`;
    const ordered = collectRecords(inOrder).records;
    return [
      ...(await measureApply(`in order ${suffix}`, ordered, nowOf(inOrder), rounds, io)),
      ...(await measureApply(
        `${outOfOrderShare * 100} % out of order ${suffix}`,
        collectRecords(disordered).records,
        nowOf(disordered),
        rounds,
        io,
      )),
      ...(await measureMemory(ordered, { posts, now: nowOf(inOrder) }, io)),
    ];
  },
};

/** In a turn every record is applied to a new store. */
async function measureApply(
  caseName: string,
  records: readonly EncodedRecord[],
  now: number,
  rounds: number,
  io: BenchIo,
): Promise<BenchRow[]> {
  io.progress(caseName);
  const turn = (createTarget: () => Parameters<typeof applierTo>[0]) => (): number => {
    const apply = applierTo(createTarget(), now);
    const tookMs = elapsedMs(() => {
      for (const record of records) apply(record);
    });
    return (records.length / tookMs) * 1_000;
  };
  const results = await interleave<string, number>(
    {
      [noOpName]: turn(() => noOpTarget),
      ...Object.fromEntries(
        storeKinds.map((kind) => [kind.name, turn(() => createStore(kind, records.length).store)]),
      ),
    },
    rounds,
    io,
  );
  const rateOf = (name: string): number => median(results[name] ?? []);
  return [
    toRow(`${noOpName} ${caseName}`, eventsPerSecond, rateOf(noOpName)),
    ...storeKinds.map(({ name }) => {
      const baseline = name === referenceStore.name ? noOpName : referenceStore.name;
      return toRow(`${name} ${caseName}`, eventsPerSecond, rateOf(name), {
        name: baseline,
        value: rateOf(baseline),
      });
    }),
  ];
}

/** Each store in a process of its own, which reads the records from a file. */
async function measureMemory(
  records: readonly EncodedRecord[],
  { posts, now }: { readonly posts: number; readonly now: number },
  io: BenchIo,
): Promise<BenchRow[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'thunder-bench-'));
  const file = path.join(directory, 'records');
  try {
    writeRecordFile(file, records);
    const measured: { readonly name: string; readonly answer: MemoryAnswer }[] = [];
    for (const { name } of storeKinds) {
      io.progress(`memory of ${name}`);
      io.signal.throwIfAborted();
      const child = startChild<MemoryQuestion, MemoryAnswer>('apply-memory.ts');
      try {
        measured.push({ name, answer: await child.ask({ file, store: name, posts, now }) });
      } finally {
        await child.stop();
      }
    }
    const reference = measured.find(({ name }) => name === referenceStore.name);
    return measured.flatMap((store) => {
      const toMemoryRow = (metric: Metric, bytesOf: (answer: MemoryAnswer) => number): BenchRow =>
        toRow(
          `${store.name} memory N=${posts}`,
          metric,
          bytesOf(store.answer) / store.answer.posts,
          reference === undefined || store === reference
            ? undefined
            : { name: reference.name, value: bytesOf(reference.answer) / reference.answer.posts },
        );
      return [
        toMemoryRow(heapBytes, (answer) => answer.heapBytes),
        toMemoryRow(residentBytes, (answer) => answer.residentBytes),
        toMemoryRow(accountedBytes, (answer) => answer.accountedBytes),
      ];
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
