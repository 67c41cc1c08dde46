/**
 * What every `EventSource` must do, run against each of them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordView } from '#runtime/kafka/record-view.ts';
import type { EventSource, EventSourceListener } from './event-source.ts';
import { LogGapError } from './event-source-gap.ts';

/** A log that a test writes and any number of sources read. */
export interface SuiteLog {
  createSource(): EventSource;
  /** Appends records with these texts; null is a record without a value. */
  append(partition: number, texts: readonly (string | null)[]): Promise<void>;
  /** Appends offsets that no reader is shown, at least one: an aborted transaction or a marker. */
  appendHole(partition: number): Promise<void>;
  deleteBefore(partition: number, offset: number): Promise<void>;
  /**
   * Deletes the whole log, which has one partition, and begins it anew with these. `noticed` resolves
   * once a source has met with trouble: one that is re-created between two fetches looks as if nothing
   * had happened.
   */
  recreate(
    partition: number,
    texts: readonly string[],
    noticed: () => Promise<void>,
  ): Promise<void>;
  addPartition(): Promise<void>;
}

const deadlineMs = 20_000;
const nobody = new AbortController().signal;

/** Remembers what it was told; texts are copied, because values are views. */
export class RecordingListener implements EventSourceListener {
  readonly texts = new Map<number, string[]>();
  readonly offsets = new Map<number, number[]>();
  readonly positions = new Map<number, number>();
  readonly troubles: Error[] = [];
  calls = 0;
  /** Awaited in every `onRecords` with records. */
  hold: Promise<void> | undefined;

  async onRecords(partition: number, records: RecordView, nextOffset: number): Promise<void> {
    this.calls += 1;
    const texts = getList(this.texts, partition);
    const offsets = getList(this.offsets, partition);
    for (let index = 0; index < records.count; index++) {
      offsets.push(records.offsets[index] ?? -1);
      const [start = -1, end = -1] = [records.valueStarts[index], records.valueEnds[index]];
      texts.push(start < 0 ? 'null' : Buffer.from(records.bytes.slice(start, end)).toString());
    }
    if (records.count > 0) await this.hold;
    this.positions.set(partition, nextOffset);
  }

  onTrouble(error: Error): void {
    this.troubles.push(error);
  }

  textsOf(partition: number): readonly string[] {
    return this.texts.get(partition) ?? [];
  }

  /** Waits until a partition's position is there. */
  async reaches(partition: number, position: number): Promise<void> {
    await until(
      () => (this.positions.get(partition) ?? 0) >= position,
      () => `partition ${partition} at ${this.positions.get(partition)}, not ${position}`,
    );
  }
}

/** Waits for a state, with a deadline. */
export async function until(isThere: () => boolean, what: () => string): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!isThere()) {
    if (performance.now() > deadline) assert.fail(`not in time: ${what()}`);
    await pause(5);
  }
}

/** Opens a source, runs it and closes it when the test ends. */
export async function startSource(
  context: { after(done: () => Promise<void>): void },
  source: EventSource,
  positions: ReadonlyMap<number, number> = new Map(),
): Promise<RecordingListener> {
  const listener = new RecordingListener();
  context.after(() => source.close());
  await source.open(nobody);
  await source.run(positions, listener);
  return listener;
}

export function eventSourceSuite(
  name: string,
  createLog: (partitions: number) => Promise<SuiteLog>,
): void {
  test(`${name}: the bounds of every partition are known when it is open, empty ones too`, async (t) => {
    const log = await createLog(2);
    await log.append(1, ['a', 'b']);
    const source = log.createSource();
    t.after(() => source.close());
    assert.deepEqual(await source.open(nobody), [
      { partition: 0, start: 0, end: 0 },
      { partition: 1, start: 0, end: 2 },
    ]);
    await log.append(0, ['c']);
    assert.equal((await source.bounds())[0]?.end, 1);
  });

  test(`${name}: every record arrives once, in offset order within its partition`, async (t) => {
    const log = await createLog(2);
    const texts = [0, 1].map((partition) =>
      Array.from({ length: 1_500 }, (_, index) => `${partition}-${index}`),
    );
    for (const [partition, some] of texts.entries()) await log.append(partition, some);
    const listener = await startSource(t, log.createSource());
    for (const [partition, some] of texts.entries()) {
      await listener.reaches(partition, 1_500);
      assert.deepEqual(listener.textsOf(partition), some);
      assert.deepEqual(
        listener.offsets.get(partition),
        some.map((_, index) => index),
      );
    }
    assert.deepEqual(listener.troubles, []);
  });

  test(`${name}: L1: a partition that ends in what no reader is shown reaches its end`, async (t) => {
    const log = await createLog(2);
    await log.append(0, ['a', 'b']);
    await log.appendHole(0);
    await log.appendHole(1);
    const source = log.createSource();
    const listener = await startSource(t, source);
    for (const { partition, end } of await source.bounds()) {
      assert.ok(end > 0);
      await listener.reaches(partition, end);
      assert.equal(listener.positions.get(partition), end);
    }
    assert.deepEqual(listener.textsOf(0), ['a', 'b']);
    assert.deepEqual(listener.textsOf(1), []);
    await log.append(1, ['after']);
    await until(
      () => listener.textsOf(1).length === 1,
      () => 'the record after the hole',
    );
    assert.deepEqual(listener.troubles, []);
  });

  test(`${name}: reading begins at the given positions, elsewhere at the start`, async (t) => {
    const log = await createLog(2);
    await log.append(0, ['a', 'b', 'c']);
    await log.append(1, ['d', 'e', 'f']);
    await log.deleteBefore(1, 1);
    const listener = await startSource(t, log.createSource(), new Map([[0, 2]]));
    await listener.reaches(0, 3);
    await listener.reaches(1, 3);
    assert.deepEqual(listener.textsOf(0), ['c']);
    assert.deepEqual(listener.textsOf(1), ['e', 'f']);
    assert.deepEqual(listener.troubles, []);
  });

  test(`${name}: nothing more of a partition comes while its listener works`, async (t) => {
    const log = await createLog(1);
    const source = log.createSource();
    const listener = await startSource(t, source);
    const { promise, resolve } = Promise.withResolvers<void>();
    listener.hold = promise;
    await log.append(0, ['a']);
    await until(
      () => listener.textsOf(0).length === 1,
      () => 'the first record',
    );
    const calls = listener.calls;
    await log.append(0, ['b']);
    // The source is free to answer this, so it is not merely slow.
    assert.equal((await source.bounds())[0]?.end, 2);
    assert.equal(listener.calls, calls);
    resolve();
    await listener.reaches(0, 2);
    assert.deepEqual(listener.textsOf(0), ['a', 'b']);
  });

  test(`${name}: records written later, records without a value and empty values arrive`, async (t) => {
    const log = await createLog(1);
    const listener = await startSource(t, log.createSource());
    await log.append(0, ['a']);
    await listener.reaches(0, 1);
    await log.append(0, [null, '']);
    await listener.reaches(0, 3);
    assert.deepEqual(listener.textsOf(0), ['a', 'null', '']);
  });

  test(`${name}: a partition that is added is found and read from its beginning`, async (t) => {
    const log = await createLog(1);
    const source = log.createSource();
    const listener = await startSource(t, source);
    await log.addPartition();
    await log.append(1, ['new']);
    await listener.reaches(1, 1);
    assert.deepEqual(listener.textsOf(1), ['new']);
    assert.equal((await source.bounds()).length, 2);
  });

  test(`${name}: L2: records lost before they were read are reported before what follows`, async (t) => {
    const log = await createLog(1);
    await log.append(0, ['a', 'b', 'c', 'd']);
    await log.deleteBefore(0, 3);
    const listener = await startSource(t, log.createSource(), new Map([[0, 1]]));
    await listener.reaches(0, 4);
    const [trouble] = listener.troubles;
    assert.ok(trouble instanceof LogGapError);
    assert.deepEqual(
      [trouble.kind, trouble.partition, trouble.position, trouble.foundAt],
      ['lost', 0, 1, 3],
    );
    assert.deepEqual(listener.textsOf(0), ['d']);
  });

  for (const [what, kind, texts] of [
    ['shorter', 'rewound', ['other']],
    ['as long', 'replaced', ['A', 'B', 'C']],
    ['longer', 'replaced', ['A', 'B', 'C', 'D', 'E']],
  ] as const) {
    test(`${name}: L2: a log that is re-created ${what} is reported, and nothing of it is applied`, async (t) => {
      const log = await createLog(1);
      await log.append(0, ['a', 'b', 'c']);
      const source = log.createSource();
      const listener = await startSource(t, source);
      await listener.reaches(0, 3);
      await log.recreate(0, texts, () =>
        until(
          () => listener.troubles.length > 0,
          () => 'trouble while the log is gone',
        ),
      );
      const isGap = (error: Error): error is LogGapError => error instanceof LogGapError;
      await until(
        () => listener.troubles.some(isGap),
        () => `a gap, not ${listener.troubles.map(String).join()}`,
      );
      const gap = listener.troubles.find(isGap);
      // A look while the new log was still growing finds it shorter; a topic's id tells at once.
      assert.ok(gap !== undefined && [kind, 'rewound', 'recreated'].includes(gap.kind), gap?.kind);
      assert.deepEqual([gap.partition, gap.position], [0, 3]);
      assert.deepEqual(listener.textsOf(0), ['a', 'b', 'c']);
      assert.equal((await source.bounds())[0]?.end, texts.length);
    });
  }

  test(`${name}: committing moves nothing`, async (t) => {
    const log = await createLog(1);
    await log.append(0, ['a', 'b']);
    const source = log.createSource();
    const listener = await startSource(t, source);
    await listener.reaches(0, 2);
    await source.commit(new Map([[0, 1]]));
    await log.append(0, ['c']);
    await listener.reaches(0, 3);
    assert.deepEqual(listener.textsOf(0), ['a', 'b', 'c']);
  });

  test(`${name}: closing twice is closing once, and nothing arrives after it`, async (t) => {
    const log = await createLog(1);
    const source = log.createSource();
    const listener = await startSource(t, source);
    await Promise.all([source.close(), source.close()]);
    const calls = listener.calls;
    await log.append(0, ['a']);
    await source.close();
    assert.equal(listener.calls, calls);
  });

  test(`${name}: a listener may close the source it is called by`, async () => {
    const log = await createLog(1);
    await log.append(0, ['a']);
    const source = log.createSource();
    await source.open(nobody);
    const { promise, resolve } = Promise.withResolvers<void>();
    await source.run(new Map(), {
      onRecords: async () => {
        await source.close();
        resolve();
      },
      onTrouble: (error) => assert.fail(error),
    });
    await promise;
  });

  test(`${name}: a source that is closed unused, or given up while opening, ends`, async () => {
    const log = await createLog(1);
    await log.createSource().close();
    const source = log.createSource();
    await assert.rejects(source.open(AbortSignal.abort()));
    await source.close();
  });
}

function getList<T>(lists: Map<number, T[]>, key: number): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
