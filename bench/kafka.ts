/**
 * How fast do events come from a real Kafka into the store, and when is a node ready? Beside ours
 * reads a bare kafkajs consumer that only counts, with the same fetch sizes, from the same topic.
 */

import type { EventTarget } from '#node/ingest/event-target.ts';
import type { KafkaAssignment } from '#node/ingest/kafka-event-source-options.ts';
import { DependencyError } from '#runtime/errors.ts';
import { integer } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { startKafka, type TestKafka, whyNoKafka } from '#test/components/kafka/kafka.ts';
import { type Bench, type BenchIo, roundsSetting, seedSetting } from './bench.ts';
import { interleave, median, percentile } from './harness.ts';
import { bareName, rateOfBareConsumer } from './kafka-bare-consumer.ts';
import { measureColdReplay } from './kafka-cold-replay.ts';
import { createInNetworkTopic, type IngestRate, msToReady, rateOfIngest } from './kafka-ingest.ts';
import { createTweetEventsTopic, rateOfTransformer } from './kafka-transformer.ts';
import { measureVisibility } from './kafka-visibility.ts';
import { type BenchRow, type Metric, toRow } from './report.ts';
import { columnarStore, createStore, noOpTarget, storeKinds } from './stores.ts';

const noOpName = 'no-op target';
const groupName = 'the same through a group';
const eventsPerSecond = { name: 'perSecond', unit: 'events/s', better: 'higher' } as const;
const eventsPerCpuSecond = { name: 'perCpuSecond', unit: 'events/s', better: 'higher' } as const;
const msToReadyP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const msToVisibleP50: Metric = { name: 'p50', unit: 'ms', better: 'lower' };
const msToVisibleP99: Metric = { name: 'p99', unit: 'ms', better: 'lower' };

const settings = defineSettings({
  seed: seedSetting(),
  rounds: roundsSetting(3),
  events: integer({
    min: 1_000,
    max: 10_000_000,
    default: 100_000,
    description: 'Events of the backlog that is transformed.',
  }),
  stored: integer({
    min: 1_000,
    max: 10_000_000,
    default: 500_000,
    description: 'Events of the backlog that is read into stores.',
  }),
  partitions: integer({
    min: 1,
    max: 256,
    default: 4,
    description: 'Partitions of each topic.',
  }),
  replayed: integer({
    min: 10_000,
    max: 100_000_000,
    default: 1_000_000,
    description: 'Records of each log that is replayed without a store.',
  }),
  samples: integer({
    min: 1,
    max: 100_000,
    default: 200,
    description: 'Single events whose way into an answer is timed.',
  }),
});

type KafkaSettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const kafkaBench: Bench<(typeof settings)['settings']> = {
  name: 'kafka',
  question: 'How fast do events come from a real Kafka into the store, and when is a node ready?',
  settings,
  async run(values, io) {
    const missing = await whyNoKafka();
    if (missing !== undefined) {
      throw new DependencyError(missing, { code: 'NO_KAFKA', retry: 'never' });
    }
    io.progress('starting Kafka');
    const kafka = await startKafka();
    io.progress(kafka.how);
    try {
      return [
        ...(await measureColdReplay(kafka, { ...values, records: values.replayed }, io)),
        ...(await measureTransformer(kafka, values, io)),
        ...(await measureIngest(kafka, values, io)),
        ...(await measureVisible(kafka, values, io)),
      ];
    } finally {
      await kafka.stop();
    }
  },
};

async function measureTransformer(
  kafka: TestKafka,
  { seed, events, partitions, rounds }: KafkaSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  io.progress(`transformer: producing ${events} tweet events`);
  const topics = await createTweetEventsTopic(kafka, { seed, events, partitions });
  const rates = await interleave(
    {
      transformer: () => rateOfTransformer(kafka, topics, events, io.signal),
      [bareName]: () => rateOfBareConsumer(kafka, topics.inputTopic, events, io.signal),
    },
    rounds,
    io,
  );
  return [
    toRow(
      `transformer N=${events} P=${partitions}`,
      eventsPerSecond,
      median(rates.transformer ?? []),
      { name: bareName, value: median(rates[bareName] ?? []) },
    ),
  ];
}

async function measureIngest(
  kafka: TestKafka,
  { seed, stored: events, partitions, rounds }: KafkaSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  io.progress(`ingest: producing ${events} in-network events`);
  const topic = await createInNetworkTopic(kafka, { seed, events, partitions });
  const into = (target: EventTarget, assignment?: KafkaAssignment): Promise<IngestRate> =>
    rateOfIngest(kafka, topic, target, events, io.signal, assignment);
  const rates = await interleave<string, IngestRate>(
    {
      [noOpName]: () => into(noOpTarget),
      ...Object.fromEntries(
        storeKinds.map((kind) => [kind.name, () => into(createStore(kind, events).store)]),
      ),
      [groupName]: () => into(createStore(columnarStore, events).store, 'group'),
      [bareName]: async () => {
        const perSecond = await rateOfBareConsumer(kafka, topic, events, io.signal);
        return { perSecond, perCpuSecond: Number.NaN };
      },
    },
    rounds,
    io,
  );
  const rateOf = (name: string, rate: keyof IngestRate): number =>
    median((rates[name] ?? []).map((one) => one[rate]));
  io.progress('time to ready');
  const emptyTopic = await kafka.createTopic({ partitions, prefix: 'bench-empty' });
  const ready = await interleave(
    {
      empty: () =>
        msToReady(kafka, emptyTopic, createStore(columnarStore, events).store, io.signal),
      full: () => msToReady(kafka, topic, createStore(columnarStore, events).store, io.signal),
    },
    rounds,
    io,
  );
  const suffix = `N=${events} P=${partitions}`;
  return [
    ...[noOpName, ...storeKinds.map((kind) => kind.name)].map((name) =>
      toRow(`ingest to ${name} ${suffix}`, eventsPerSecond, rateOf(name, 'perSecond'), {
        name: bareName,
        value: rateOf(bareName, 'perSecond'),
      }),
    ),
    ...([eventsPerSecond, eventsPerCpuSecond] as const).map((metric) =>
      toRow(
        `ingest to ${columnarStore.name} ${suffix}`,
        metric,
        rateOf(columnarStore.name, metric.name),
        { name: groupName, value: rateOf(groupName, metric.name) },
      ),
    ),
    toRow(`start to ready N=0 P=${partitions}`, msToReadyP50, median(ready.empty)),
    toRow(`start to ready ${suffix}`, msToReadyP50, median(ready.full)),
  ];
}

async function measureVisible(
  kafka: TestKafka,
  { samples }: KafkaSettings,
  io: BenchIo,
): Promise<BenchRow[]> {
  io.progress(`produce to visible, ${samples} single events`);
  const { visibleMs, bareMs } = await measureVisibility(kafka, samples, io.signal);
  const row = (metric: Metric, fraction: number): BenchRow =>
    toRow('produce to visible, idle', metric, percentile(visibleMs, fraction), {
      name: bareName,
      value: percentile(bareMs, fraction),
    });
  return [row(msToVisibleP50, 0.5), row(msToVisibleP99, 0.99)];
}
