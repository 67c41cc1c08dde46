/**
 * A process that applies all records of a file to new stores of one kind, from memory, and says how
 * long it took. Each contestant has its own, so that the compiler sees one kind of store alone.
 */
import { answerParent } from './child.ts';
import type { DataFile } from './data-file.ts';
import { disorder } from './disorder.ts';
import { collectGarbage, cpuMsSince, elapsedMs } from './harness.ts';
import { loadRecordFile, type RecordBlock, visitBlock } from './record-file.ts';
import { applierTo, createStore, noOpTarget, storeNamed } from './stores.ts';

export interface RateQuestion {
  readonly data: DataFile;
  /** Null for a target that keeps nothing. */
  readonly store: string | null;
  /** Of the records: come later than in the file. */
  readonly outOfOrder: number;
}

export interface RateAnswer {
  readonly records: number;
  readonly tookMs: number;
  /** Of which the thread was running, rather than others on the same machine. */
  readonly cpuMs: number;
}

let loaded: { readonly outOfOrder: number; readonly blocks: readonly RecordBlock[] } | undefined;

answerParent(({ data, store, outOfOrder }: RateQuestion): RateAnswer => {
  if (loaded?.outOfOrder !== outOfOrder) {
    loaded = undefined;
    const blocks = loadRecordFile(data.file);
    loaded = {
      outOfOrder,
      blocks:
        outOfOrder === 0 ? blocks : blocks.map((block) => disorder(block, outOfOrder, data.seed)),
    };
  }
  const { blocks } = loaded;
  collectGarbage();
  const target = store === null ? noOpTarget : createStore(storeNamed(store), data.posts).store;
  const apply = applierTo(target, data.now);
  const cpuStarted = process.threadCpuUsage();
  const tookMs = elapsedMs(() => {
    for (const block of blocks) visitBlock(block, apply);
  });
  return { records: data.records, tookMs, cpuMs: cpuMsSince(cpuStarted) };
});
