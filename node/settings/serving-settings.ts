/**
 * The settings of `thunder serve`.
 */
import {
  boolean,
  hostPorts,
  inGroup,
  integer,
  number,
  oneOf,
  path,
  string,
} from '#runtime/settings/setting.ts';
import { defineSettings, type SettingsOf } from '#runtime/settings/settings-table.ts';
import {
  checkKafkaSecurity,
  consumerPositionSettings,
  consumerRackSettings,
  consumerSecuritySettings,
} from './kafka-settings.ts';
import { processSettings } from './process-settings.ts';

export const servingSettings = defineSettings(
  {
    ...inGroup('Process', processSettings),
    ...inGroup('Kafka', {
      inNetworkEventsConsumerDest: hostPorts({
        description: 'Brokers of the cluster that holds the in-network events.',
      }),
      inNetworkEventsTopic: string({
        default: 'in_network_events',
        description: 'Topic of InNetworkEvents.',
      }),
      kafkaGroupId: string({
        default: 'thunder',
        description:
          'Beginning of this node’s consumer group; the rest makes it unique to the process.',
      }),
      ...consumerRackSettings,
      ...consumerSecuritySettings,
      ...consumerPositionSettings,
      skipToLatest: boolean({
        default: false,
        description:
          'Begin at the end of the log, whatever --auto-offset-reset says. For trying things out: the node is ready with an empty store.',
      }),
      kafkaBatchSize: integer({
        min: 65_536,
        max: 67_108_864,
        unit: 'bytes',
        default: 2_097_152,
        description: 'Bytes to fetch at a time from one partition.',
      }),
      fetchTimeoutMs: integer({
        min: 10,
        max: 10_000,
        unit: 'milliseconds',
        default: 100,
        description: 'How long a broker may wait for new records before it answers a fetch.',
      }),
    }),
    ...inGroup('Readiness', {
      readyLag: integer({
        min: 0,
        max: 100_000_000,
        unit: 'events',
        default: 1_000,
        description:
          'Lag within which a node that has reached its targets is ready; a second of log time is always enough.',
      }),
      maxStalenessSeconds: integer({
        min: 1,
        max: 31_536_000,
        unit: 'seconds',
        optional: true,
        description:
          'A node staler than this is unready until it has caught up; at least three times --lag-monitor-interval-secs. Default: never.',
      }),
      decodeFailureMax: number({
        min: 0,
        max: 100,
        unit: 'percent',
        default: 10,
        description:
          'Share of at least 1,000 records that cannot be decoded, beyond which a starting node does not become ready; one that is ready stays so and warns. 100: never.',
      }),
      onReset: oneOf(['serve', 'exit', 'rebuild'], {
        default: 'serve',
        description:
          'When the log was re-created, truncated or lost records in the window: serve what is there and say so, exit, or empty the store and read anew.',
      }),
      drainDelayMs: integer({
        min: 0,
        max: 600_000,
        unit: 'milliseconds',
        default: 5_000,
        description:
          'How long to keep answering after SIGTERM, while clients learn to go elsewhere.',
      }),
    }),
    ...inGroup('Store', {
      postRetentionSeconds: integer({
        min: 60,
        max: 432_000,
        unit: 'seconds',
        default: 172_800,
        description: 'How long a post is visible.',
      }),
      maxFutureSkewSeconds: integer({
        min: 0,
        max: 86_400,
        unit: 'seconds',
        default: 300,
        description: 'How far ahead of the clock a post may be and be visible.',
      }),
      maxPosts: integer({
        min: 1_000,
        max: 50_000_000,
        unit: 'posts',
        optional: true,
        description:
          'Posts held at most; at the bound the oldest go and the retention shrinks. Default: 10 million, or as many as 60 % of the memory holds.',
      }),
      maxTombstones: integer({
        min: 1_000,
        max: 50_000_000,
        optional: true,
        description:
          'Deletes remembered at most; at the bound those that expire first go. Default: two for five posts.',
      }),
      reclaimIntervalSecs: integer({
        min: 1,
        max: 120,
        unit: 'seconds',
        default: 60,
        description: 'Time between two passes that give memory back.',
      }),
    }),
    ...inGroup('Queries', {
      grpcHost: string({ default: '0.0.0.0', description: 'Address of the gRPC port.' }),
      grpcPort: integer({
        min: 0,
        max: 65_535,
        default: 50_051,
        description: 'gRPC port. 0: any free one, said in the log.',
      }),
      threads: integer({
        min: 1,
        max: 63,
        optional: true,
        description:
          'Threads of this node: one reads the log and answers the admin port, the others answer queries. 1: one thread does it all. Default: as many as there are processors, 8 at most.',
      }),
      requestTimeoutMs: integer({
        min: 0,
        max: 600_000,
        unit: 'milliseconds',
        default: 0,
        description: 'Longest scan of one query; what was found so far is answered. 0: no limit.',
      }),
      maxConcurrentRequests: integer({
        min: 1,
        max: 1_000_000,
        unit: 'cost units',
        default: 2_000,
        description: 'Cost in flight at most, one unit per 100 ids of a request; more is refused.',
      }),
      qpsLimit: number({
        min: 0.1,
        max: 10_000_000,
        unit: 'cost units a second',
        optional: true,
        description: 'Cost accepted per second; default: no limit.',
      }),
      maxResults: integer({
        min: 1,
        max: 100_000,
        unit: 'posts',
        default: 5_000,
        description: 'Ceiling on max_results of a request.',
      }),
      strictLimits: boolean({
        default: false,
        description: 'Refuse a request that exceeds a limit instead of cutting it and saying so.',
      }),
      blockedAuthors: path({
        optional: true,
        description:
          'File of author ids that are never returned, one a line; read again on change.',
      }),
      statisticsSampling: integer({
        min: 1,
        max: 1_000_000,
        unit: 'requests',
        default: 1_000,
        description:
          'Statistics of the posts found are kept for one request in so many; each costs a look at everything that its authors posted.',
      }),
      grpcTlsCertFile: path({
        optional: true,
        description: 'Server certificate, PEM: turns TLS on.',
      }),
      grpcTlsKeyFile: path({ optional: true, description: 'Key of the server certificate, PEM.' }),
      grpcTlsClientCaFile: path({
        optional: true,
        description: 'Demand client certificates signed by these, PEM: turns mutual TLS on.',
      }),
    }),
    ...inGroup('Follow graph', {
      followingUrl: string({
        optional: true,
        pattern: /^https?:\/\/[^\s@]+$/,
        allowed: 'an http:// or https:// URL without a user or password',
        description: 'Service that knows whom a user follows, for requests with an empty list.',
      }),
      followingApi: oneOf(['strato', 'rest'], {
        default: 'strato',
        description: 'How that service is asked.',
      }),
      fillFollowing: boolean({
        default: false,
        description: 'Ask it for every empty following list, not only for debug requests.',
      }),
      followingTimeoutMs: integer({
        min: 10,
        max: 60_000,
        unit: 'milliseconds',
        default: 500,
        description: 'Longest wait for its answer, retries included.',
      }),
      followingTokenFile: path({ optional: true, description: 'File with a bearer token for it.' }),
      followingCaFile: path({ optional: true, description: 'Certificates to trust there, PEM.' }),
      followingCertFile: path({ optional: true, description: 'Client certificate for it, PEM.' }),
      followingKeyFile: path({ optional: true, description: 'Key of that certificate, PEM.' }),
    }),
  },
  (values) => {
    const problems = checkKafkaSecurity('', values);
    const { maxStalenessSeconds, lagMonitorIntervalSecs } = values;
    if (maxStalenessSeconds !== undefined && maxStalenessSeconds < 3 * lagMonitorIntervalSecs) {
      problems.push(
        `--max-staleness-seconds ${maxStalenessSeconds} is too short: staleness grows to --lag-monitor-interval-secs ${lagMonitorIntervalSecs} between two looks at the log, so it must be at least ${3 * lagMonitorIntervalSecs}`,
      );
    }
    if ((values.grpcTlsCertFile === undefined) !== (values.grpcTlsKeyFile === undefined)) {
      problems.push('--grpc-tls-cert-file and --grpc-tls-key-file go together');
    }
    if (values.grpcTlsClientCaFile !== undefined && values.grpcTlsCertFile === undefined) {
      problems.push('--grpc-tls-client-ca-file needs --grpc-tls-cert-file and --grpc-tls-key-file');
    }
    if (values.fillFollowing && values.followingUrl === undefined) {
      problems.push('--fill-following needs --following-url');
    }
    if ((values.followingCertFile === undefined) !== (values.followingKeyFile === undefined)) {
      problems.push('--following-cert-file and --following-key-file go together');
    }
    return problems;
  },
);

export type ServingSettings = SettingsOf<typeof servingSettings>;
