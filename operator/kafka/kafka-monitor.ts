/**
 * Looks at the Kafka of every fleet in the background: is it there, is the topic, how far behind are
 * transformers, which consumer groups are left over. A few fleets at a time, each look within a
 * deadline; what was found is there for passes at once.
 */
import {
  deleteGroupsMsMax,
  groupsLookMs,
  kafkaLookMs,
  kafkaLookMsMax,
  kafkaLooksMax,
  kafkaRetryMs,
} from '#operator/bounds.ts';
import { canonicalJson } from '#operator/fleet/canonical.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { Random } from '#operator/kube/backoff.ts';
import { createController } from '#operator/kube/controller.ts';
import type { KubeMetrics } from '#operator/kube/metrics.ts';
import type { Clock, Result } from '#operator/kube/ports.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { GroupRemoval, KafkaFinding, KafkaWatch } from './kafka-watch.ts';
import { nothingKnown } from './kafka-watch.ts';
import type { LookResult, LookWish } from './look-at-kafka.ts';

export interface KafkaMonitorOptions {
  /** One look; throws what went wrong, in one sentence without secrets. */
  readonly look: (wish: LookWish, signal: AbortSignal) => Promise<LookResult>;
  /** The finding is another one, or a removal is over. */
  readonly onNews: (key: string) => void;
  readonly onLook: (outcome: 'reached' | 'failed') => void;
  readonly onGroupsRemoved: (key: string, groups: number) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: KubeMetrics;
}

export interface KafkaMonitor extends KafkaWatch {
  run(signal: AbortSignal): Promise<void>;
}

interface Entry {
  fleet: Fleet;
  podUids: ReadonlySet<string>;
  /** Of what a look depends on; another one brings the next look forward. */
  meaning: string;
  finding: KafkaFinding;
  failures: number;
  groupsAtMs: number | undefined;
  removal: { readonly sinceMs: number; state: GroupRemoval } | undefined;
}

export function createKafkaMonitor(options: KafkaMonitorOptions): KafkaMonitor {
  const { clock, random, log, metrics } = options;
  const entries = new Map<string, Entry>();

  const entryOf = (key: string, fleet: Fleet, podUids: ReadonlySet<string>): Entry => {
    const meaning = canonicalJson([fleet.uid, fleet.spec.kafka, fleet.spec.transformers]);
    let entry = entries.get(key);
    if (entry === undefined || entry.fleet.uid !== fleet.uid) {
      entry = {
        ...{ fleet, podUids, meaning, finding: nothingKnown, failures: 0 },
        ...{ groupsAtMs: undefined, removal: undefined },
      };
      entries.set(key, entry);
      controller.queue.add(key);
    }
    const isOther = meaning !== entry.meaning;
    const areOthers = !isSameSet(podUids, entry.podUids);
    if (areOthers) {
      entry.groupsAtMs = undefined;
    }
    if (isOther || areOthers) {
      controller.queue.add(key);
    }
    Object.assign(entry, { fleet, podUids, meaning });
    return entry;
  };

  const settle = (key: string, entry: Entry, finding: KafkaFinding): void => {
    const before = canonicalJson([entry.finding.facts, [...entry.finding.lagByTransformer]]);
    entry.finding = finding;
    if (canonicalJson([finding.facts, [...finding.lagByTransformer]]) !== before) {
      options.onNews(key);
    }
  };

  const endRemoval = (key: string, entry: Entry, state: GroupRemoval): void => {
    if (entry.removal !== undefined) {
      entry.removal.state = state;
      options.onNews(key);
    }
  };

  const succeeded = (key: string, entry: Entry, result: LookResult, isRemoval: boolean): void => {
    const { facts } = entry.finding;
    const sinceMs = facts.isReachable === true ? facts.sinceMs : clock.nowMs();
    settle(key, entry, {
      facts: { isReachable: true, detail: '', sinceMs, hasTopic: result.hasTopic },
      lagByTransformer: result.lagByTransformer,
    });
    if (result.groupsRemoved > 0) {
      options.onGroupsRemoved(key, result.groupsRemoved);
    }
    if (isRemoval && result.groupsLeft === 0) {
      endRemoval(key, entry, { kind: 'done', groups: result.groupsRemoved });
    }
  };

  const failed = (key: string, entry: Entry, error: unknown): void => {
    const detail = messageOf(error);
    const { facts, lagByTransformer } = entry.finding;
    log.debug({ fleet: key, error: detail }, 'look at kafka failed');
    settle(key, entry, {
      facts: {
        isReachable: false,
        detail,
        sinceMs: facts.isReachable === false ? facts.sinceMs : clock.nowMs(),
        hasTopic: null,
      },
      lagByTransformer,
    });
  };

  const look = async (key: string, signal: AbortSignal): Promise<Result | undefined> => {
    const entry = entries.get(key);
    if (entry === undefined || (entry.removal?.state.kind ?? 'underWay') !== 'underWay') {
      return undefined;
    }
    const nowMs = clock.monotonicMs();
    const areGroupsDue = entry.groupsAtMs === undefined || nowMs - entry.groupsAtMs >= groupsLookMs;
    const groups = entry.removal !== undefined ? 'removeAll' : areGroupsDue ? 'collect' : 'leave';
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(kafkaLookMsMax)]);
    let failure: unknown;
    try {
      const { fleet } = entry;
      const podUids = () => entry.podUids;
      const result = await options.look({ fleet, podUids, groups }, deadline);
      entry.failures = 0;
      entry.groupsAtMs = areGroupsDue ? nowMs : entry.groupsAtMs;
      options.onLook('reached');
      succeeded(key, entry, result, groups === 'removeAll');
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      entry.failures += 1;
      options.onLook('failed');
      failed(key, entry, error);
    }
    const { removal } = entry;
    if (
      removal?.state.kind === 'underWay' &&
      clock.monotonicMs() - removal.sinceMs >= deleteGroupsMsMax
    ) {
      const detail = failure === undefined ? 'they have members' : messageOf(failure);
      endRemoval(key, entry, { kind: 'gaveUp', detail });
    }
    return { requeueAfterMs: waitMs(entry, failure !== undefined) * (0.8 + 0.4 * random()) };
  };

  const controller = createController({
    ...{ name: 'kafka', reconcile: look, workers: kafkaLooksMax },
    ...{ clock, random, log, metrics },
  });

  return {
    observe: (key, fleet, podUids) => entryOf(key, fleet, podUids).finding,
    removeGroups(key, fleet) {
      const entry = entryOf(key, fleet, new Set());
      if (entry.removal === undefined) {
        entry.removal = { sinceMs: clock.monotonicMs(), state: { kind: 'underWay' } };
        controller.queue.add(key);
      }
      return entry.removal.state;
    },
    forget(key) {
      entries.delete(key);
    },
    run: (signal) => controller.run(signal),
  };
}

/** Until the next look. */
function waitMs({ removal, failures }: Entry, hasFailed: boolean): number {
  if (removal?.state.kind === 'underWay') {
    return kafkaRetryMs;
  }
  return hasFailed ? Math.min(kafkaLookMs, kafkaRetryMs * 2 ** (failures - 1)) : kafkaLookMs;
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}
