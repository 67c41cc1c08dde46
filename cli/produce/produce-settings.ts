/**
 * The settings of `thunder produce`.
 */
import { authorsMax } from '#cli/generator/authors.ts';
import { checkKafkaSecurity, consumerSecuritySettings } from '#node/settings/kafka-settings.ts';
import {
  hostPorts,
  inGroup,
  integer,
  number,
  oneOf,
  path,
  string,
} from '#runtime/settings/setting.ts';
import { defineSettings, type SettingsOf } from '#runtime/settings/settings-table.ts';

export const produceSettings = defineSettings(
  {
    ...inGroup('Events', {
      format: oneOf(['thrift', 'protobuf'], {
        default: 'thrift',
        description: 'TweetEvents for the transformer, or InNetworkEvents straight for the nodes.',
      }),
      backlog: integer({
        min: 0,
        max: 1_000_000_000,
        unit: 'events',
        default: 0,
        description: 'Events to send at once, their times spread over the window up to now.',
      }),
      windowSeconds: integer({
        min: 1,
        max: 31_536_000,
        unit: 'seconds',
        default: 172_800,
        description: 'How far back the backlog reaches.',
      }),
      rate: number({
        min: 0,
        max: 10_000_000,
        unit: 'events a second',
        default: 0,
        description:
          'Steady rate after the backlog, or of the events of a file; 0: none, or all at once.',
      }),
      durationSeconds: integer({
        min: 1,
        max: 31_536_000,
        unit: 'seconds',
        optional: true,
        description: 'How long to keep the rate; default: until interrupted.',
      }),
      seed: integer({
        min: Number.MIN_SAFE_INTEGER,
        max: Number.MAX_SAFE_INTEGER,
        default: 1,
        description: 'The same seed, options and --at-ms give the same events.',
      }),
      atMs: integer({
        min: 0,
        max: 253_402_300_799_000,
        unit: 'milliseconds since 1970',
        optional: true,
        description: 'What counts as now, to repeat a run exactly; default: the clock.',
      }),
      authors: integer({
        min: 1,
        max: authorsMax,
        default: 10_000,
        description: 'Accounts that post; the loudest have the ids 1 to 100.',
      }),
      garbage: number({
        min: 0,
        max: 1,
        default: 0,
        description: 'Share of records that are broken on purpose.',
      }),
      fromFile: path({ optional: true, description: 'Send the events of this file instead.' }),
      toFile: path({
        optional: true,
        description: 'Write the events to this file instead of Kafka.',
      }),
    }),
    ...inGroup('Kafka', {
      brokers: hostPorts({
        default: ['127.0.0.1:9092'],
        description: 'Brokers of the cluster that is written.',
      }),
      topic: string({
        optional: true,
        description: 'Topic to write; default: tweet_events, or in_network_events for protobuf.',
      }),
      ...consumerSecuritySettings,
      securityProtocol: {
        ...consumerSecuritySettings.securityProtocol,
        description: 'How to talk to that cluster.',
      },
    }),
    ...inGroup('Output', {
      output: oneOf(['table', 'json'], {
        default: 'table',
        description: 'How the totals are printed.',
      }),
    }),
  },
  (values) => {
    const problems = checkKafkaSecurity('', values);
    const isGenerated = values.fromFile === undefined;
    if (isGenerated && values.backlog === 0 && values.rate === 0) {
      problems.push('there is nothing to send: give --backlog, --rate or --from-file');
    }
    if (!isGenerated && (values.backlog > 0 || values.durationSeconds !== undefined)) {
      problems.push('--from-file sends the whole file: leave out --backlog and --duration-seconds');
    }
    if (!isGenerated && values.toFile !== undefined) {
      problems.push('--from-file and --to-file exclude each other');
    }
    if (values.durationSeconds !== undefined && values.rate === 0) {
      problems.push('--duration-seconds needs --rate');
    }
    if (values.toFile !== undefined && values.rate > 0 && values.durationSeconds === undefined) {
      problems.push('--to-file with --rate needs --duration-seconds: a file has an end');
    }
    return problems;
  },
);

export type ProduceSettings = SettingsOf<typeof produceSettings>;

/** Where the transformer and the nodes look unless told otherwise. */
export function topicOf(values: Pick<ProduceSettings, 'topic' | 'format'>): string {
  return values.topic ?? (values.format === 'thrift' ? 'tweet_events' : 'in_network_events');
}
