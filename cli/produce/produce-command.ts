/**
 * `thunder produce`: realistic events into Kafka or a file, or a file's events into Kafka.
 */
import type { Command, CommandIo } from '#cli/command.ts';
import { readEventFile, writeEventFile } from '#cli/generator/event-file.ts';
import { EventGenerator, generateBacklog } from '#cli/generator/event-generator.ts';
import { eventLabels, type GeneratedEvent } from '#cli/generator/generated-event.ts';
import { createProgress, type ProgressItem } from '#cli/output/progress.ts';
import { styleOf } from '#cli/output/style.ts';
import { formatTable } from '#cli/output/table.ts';
import { kafkaConnectionOf } from '#node/settings/kafka-settings.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import { silentLogger } from '#runtime/logger.ts';
import { createKafkaRecordSink } from './kafka-record-sink.ts';
import { type ProduceSource, type ProduceTotals, produce } from './produce.ts';
import { type ProduceSettings, produceSettings, topicOf } from './produce-settings.ts';
import type { RecordSink } from './record-sink.ts';

export const produceCommand: Command<(typeof produceSettings)['settings']> = {
  name: 'produce',
  summary: 'Send realistic events to Kafka, repeatable by their seed',
  usage: 'produce [--backlog N] [--rate R [--duration-seconds S]] [options]',
  examples: [
    'thunder produce --backlog 200000',
    'thunder produce --rate 500 --duration-seconds 60 --seed 7',
    'thunder produce --format protobuf --topic in_network_events --backlog 10000',
    'thunder produce --backlog 50000 --to-file events.ndjson',
    'thunder produce --from-file events.ndjson --output json',
  ],
  settings: produceSettings,
  run: (values, io) => {
    if (values.toFile !== undefined) return produceToFile(values, values.toFile, io);
    // What goes wrong comes back as the error of the call.
    const connection = kafkaConnectionOf(values.brokers, 'thunder-produce', values, silentLogger);
    const sink = createKafkaRecordSink(connection, topicOf(values));
    return produceToSink(values, sink, io, systemClock);
  },
};

/** The command with another place to send to, for tests. Opens and closes the sink. */
export async function produceToSink(
  values: ProduceSettings,
  sink: RecordSink,
  io: CommandIo,
  clock: Clock,
): Promise<number> {
  const progress = createProgress({
    stream: io.stderr,
    style: styleOf(io.stderr, io.env),
    clock,
    interactive: io.isTty,
  });
  let phase = '';
  let last: ProgressItem[] = [];
  let totals: ProduceTotals;
  await sink.open();
  try {
    totals = await produce({
      source: sourceOf(values),
      format: values.format,
      sink,
      ratePerSecond: values.rate,
      clock,
      signal: io.signal,
      onProgress: (state) => {
        if (phase !== '' && phase !== state.phase) progress.finish(last);
        phase = state.phase;
        last = [{ name: state.phase, ...state }];
        progress.update(last);
      },
    });
  } finally {
    progress.finish(last);
    await sink.close();
  }
  printTotals(totals, values, io);
  const hadAnEnd = values.rate === 0 || values.durationSeconds !== undefined;
  return totals.stopped && hadAnEnd ? exitCodes.interrupted : exitCodes.ok;
}

async function produceToFile(
  values: ProduceSettings,
  path: string,
  io: CommandIo,
): Promise<number> {
  const events = await writeEventFile(path, plannedEvents(values), io.signal);
  if (values.output === 'json') io.stdout.write(`${JSON.stringify({ file: path, events })}\n`);
  else io.stdout.write(`${events} events written to ${path}\n`);
  return io.signal.aborted ? exitCodes.interrupted : exitCodes.ok;
}

function* plannedEvents(values: ProduceSettings): Generator<GeneratedEvent, void, void> {
  const nowMs = values.atMs ?? systemClock.nowMs();
  const startMs = nowMs - values.windowSeconds * 1000;
  const generator = new EventGenerator({ ...generatorOptions(values), startMs });
  yield* generateBacklog(generator, values.backlog, startMs, nowMs);
  const live = Math.round(values.rate * (values.durationSeconds ?? 0));
  for (let index = 0; index < live; index += 1) {
    yield generator.next(Math.floor(nowMs + (index * 1000) / values.rate));
  }
}

function sourceOf(values: ProduceSettings): ProduceSource {
  if (values.fromFile !== undefined) {
    return { kind: 'events', events: readEventFile(values.fromFile), total: null };
  }
  return {
    kind: 'generated',
    generator: generatorOptions(values),
    backlog: values.backlog,
    windowMs: values.windowSeconds * 1000,
    durationMs: values.durationSeconds === undefined ? null : values.durationSeconds * 1000,
    ...(values.atMs === undefined ? {} : { nowMs: values.atMs }),
  };
}

function generatorOptions(values: ProduceSettings): {
  readonly seed: number;
  readonly authors: number;
  readonly mix: { readonly garbage: number };
} {
  return { seed: values.seed, authors: values.authors, mix: { garbage: values.garbage } };
}

function printTotals(totals: ProduceTotals, values: ProduceSettings, io: CommandIo): void {
  const perSecond = totals.seconds > 0 ? Math.round(totals.records / totals.seconds) : 0;
  if (values.output === 'json') {
    io.stdout.write(`${JSON.stringify({ topic: topicOf(values), ...totals, perSecond })}\n`);
    return;
  }
  const rows = eventLabels
    .filter((label) => totals.recordsByLabel[label] > 0)
    .map((label) => [label, String(totals.recordsByLabel[label])]);
  rows.push(['total', String(totals.records)]);
  const columns = [{ title: 'KIND' }, { title: 'RECORDS', align: 'right' }] as const;
  io.stdout.write(formatTable(columns, rows, styleOf(io.stdout, io.env)));
  const skipped =
    totals.withoutRecord === 0 ? '' : `, ${totals.withoutRecord} without a record in this format`;
  const end = totals.stopped ? ', stopped' : '';
  io.stderr.write(
    `${totals.seconds.toFixed(1)} s, ${perSecond} records/s to ${topicOf(values)}${skipped}${end}\n`,
  );
}
