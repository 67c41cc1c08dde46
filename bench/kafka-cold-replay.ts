/**
 * The rows about a cold replay: what the event source reads a second from a long log in every codec,
 * with and without checksums, beside a bare kafkajs consumer, and what it holds in memory meanwhile.
 */
import type { TestKafka } from '#test/components/kafka/kafka.ts';
import type { BenchIo } from './bench.ts';
import { interleave, median } from './harness.ts';
import { bareName, rateOfBareConsumer } from './kafka-bare-consumer.ts';
import { type BacklogCodec, createCopies } from './kafka-copies.ts';
import { type Replay, replay } from './kafka-replay.ts';
import { type BenchRow, type Metric, toRow } from './report.ts';

const codecs: readonly BacklogCodec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const perSecond: Metric = { name: 'perSecond', unit: 'records/s', better: 'higher' };
const perCpuSecond: Metric = { name: 'perCpuSecond', unit: 'records/s', better: 'higher' };
const grown: Metric = { name: 'grown', unit: 'MiB', better: 'lower' };

export interface ColdReplayOptions {
  readonly seed: number;
  readonly records: number;
  readonly partitions: number;
  readonly rounds: number;
}

export async function measureColdReplay(
  kafka: TestKafka,
  options: ColdReplayOptions,
  io: BenchIo,
): Promise<BenchRow[]> {
  const { seed, partitions, rounds } = options;
  const rows: BenchRow[] = [];
  for (const codec of codecs) {
    io.progress(`cold replay, ${codec}: producing ${options.records} records`);
    const { topic, records } = await createCopies(kafka, codec, {
      ...{ seed, partitions },
      events: options.records,
    });
    const read = (checksCrc: boolean): Promise<Replay> =>
      replay(kafka, topic, records, io.signal, { limits: { checksCrc } });
    const checked: Replay[] = [];
    const unchecked: Replay[] = [];
    const bare = await interleave<string, number>(
      {
        checked: async () => checked.push(await read(true)),
        ...(codec === 'none' ? { unchecked: async () => unchecked.push(await read(false)) } : {}),
        [bareName]: () => rateOfBareConsumer(kafka, topic, records, io.signal),
      },
      rounds,
      io,
    );
    const baseline = { name: bareName, value: median(bare[bareName] ?? []) };
    const suffix = `N=${records} P=${partitions}`;
    const name = `fetch and decode, ${codec === 'none' ? 'plain' : codec}`;
    const rowsOf = (what: string, results: readonly Replay[]): BenchRow[] => [
      toRow(`${what} ${suffix}`, perSecond, medianOf(results, 'perSecond'), baseline),
      toRow(`${what} ${suffix}`, perCpuSecond, medianOf(results, 'perCpuSecond')),
    ];
    // The first of each was the warm-up.
    rows.push(...rowsOf(name, checked.slice(1)));
    if (codec === 'none') rows.push(...rowsOf(`${name}, no checksum`, unchecked.slice(1)));
    const most = Math.max(...checked.map(({ grownMebibytes }) => grownMebibytes));
    rows.push(toRow(`${name} ${suffix}`, grown, most));
    await kafka.deleteTopic(topic);
  }
  return rows;
}

function medianOf(results: readonly Replay[], name: 'perSecond' | 'perCpuSecond'): number {
  return median(results.map((one) => one[name]));
}
