/**
 * What pods say about themselves: every pod of every fleet is asked for its `/status` in rounds. A
 * pod that cannot be asked is unknown; nothing is concluded from that.
 */
import { Agent } from 'node:http';
import { podPollMs, podPollsMax, podReportAgeMsMax, readyPodPollMs } from '#operator/bounds.ts';
import { ports } from '#operator/desired/names.ts';
import { canonicalJson } from '#operator/fleet/canonical.ts';
import { pause } from '#operator/kube/clock.ts';
import type { Clock } from '#operator/kube/ports.ts';
import type { Pod } from '#operator/kube/types.ts';
import { classOf } from '#operator/rollout/deletion-costs.ts';
import { isReset, toPodFacts } from '#operator/rollout/pod-facts.ts';
import { kafkaViewOf } from '#operator/status/kafka-view.ts';
import { podReports } from '#operator/status/pod-reports.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import { askPod } from './ask-pod.ts';
import { parseNodeStatus } from './parse-node-status.ts';

/** `figures`: nothing but figures that move by themselves. */
export type PodNews = 'state' | 'figures';

export interface PodPollerOptions {
  /** All pods of all fleets, as the cache shows them. */
  readonly pods: () => readonly Pod[];
  /** A pod said something new. */
  readonly onNews: (pod: Pod, news: PodNews) => void;
  readonly onAnswer?: (outcome: 'answered' | 'silent' | 'unreadable') => void;
  readonly clock: Clock;
  /** For tests; default the port that pods are made with. */
  readonly port?: number | undefined;
  readonly pollMs?: number | undefined;
  readonly readyPollMs?: number | undefined;
}

export interface PodPoller {
  /** What the pod last said; null when that is too long ago, or nothing. */
  reportOf(podUid: string): NodeStatus | null;
  /** Asks in rounds until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

interface Heard {
  readonly report: NodeStatus | null;
  readonly atMs: number;
  /** What it means for the fleet. */
  readonly state: string;
  readonly figures: string;
  /** The answer of a pod that is ready. */
  readonly isReady: boolean;
}

export function createPodPoller(options: PodPollerOptions): PodPoller {
  const { clock, port = ports.admin } = options;
  const { pollMs = podPollMs, readyPollMs = readyPodPollMs } = options;
  /** Of pods that are in the cache. */
  const heard = new Map<string, Heard>();

  const reportOf = (uid: string): NodeStatus | null => {
    const last = heard.get(uid);
    const isGood = last !== undefined && clock.monotonicMs() - last.atMs <= podReportAgeMsMax;
    return isGood ? last.report : null;
  };

  const ask = async (pod: Pod, agent: Agent, signal: AbortSignal): Promise<void> => {
    const { uid = '' } = pod.metadata;
    const host = pod.status?.podIP ?? '';
    const text = await askPod({ host, port }, agent, signal).catch(() => null);
    const report = text === null ? null : parseNodeStatus(text);
    options.onAnswer?.(text === null ? 'silent' : report === null ? 'unreadable' : 'answered');
    const before = heard.get(uid);
    if (report !== null) {
      heard.set(uid, { report, atMs: clock.monotonicMs(), ...meaningOf(pod, report) });
    } else if (before !== undefined && reportOf(uid) === null) {
      heard.set(uid, { report, atMs: before.atMs, state: '', figures: '', isReady: false });
    }
    const after = heard.get(uid);
    if (after?.state !== before?.state) {
      options.onNews(pod, 'state');
    } else if (after?.figures !== before?.figures) {
      options.onNews(pod, 'figures');
    }
  };

  const isDue = ({ metadata }: Pod): boolean => {
    const last = heard.get(metadata.uid ?? '');
    return last?.isReady !== true || clock.monotonicMs() - last.atMs >= readyPollMs;
  };

  const round = async (agent: Agent, signal: AbortSignal): Promise<void> => {
    const known = options.pods();
    const uids = new Set(known.map(({ metadata }) => metadata.uid));
    for (const uid of heard.keys()) {
      if (!uids.has(uid)) {
        heard.delete(uid);
      }
    }
    const waiting = known.filter((pod) => canBeAsked(pod) && isDue(pod));
    const askOneByOne = async (): Promise<void> => {
      for (let pod = waiting.pop(); pod !== undefined; pod = waiting.pop()) {
        if (signal.aborted) {
          return;
        }
        await ask(pod, agent, signal);
      }
    };
    await Promise.all(Array.from({ length: podPollsMax }, askOneByOne));
  };

  return {
    reportOf,
    async run(signal) {
      const agent = new Agent({ keepAlive: false, maxSockets: podPollsMax });
      while (!signal.aborted) {
        const startedMs = clock.monotonicMs();
        await round(agent, signal);
        const tookMs = clock.monotonicMs() - startedMs;
        await pause(clock, Math.max(pollMs / 2, pollMs - tookMs), signal);
      }
      agent.destroy();
    },
  };
}

function canBeAsked({ status, metadata }: Pod): boolean {
  return status?.podIP !== undefined && status.phase === 'Running' && metadata.uid !== undefined;
}

/** What a fleet's status and rollout make of it: figures rounded, so that most answers are no news. */
function meaningOf(pod: Pod, report: NodeStatus): Pick<Heard, 'state' | 'figures' | 'isReady'> {
  const facts = toPodFacts(pod, report, 0);
  const [shown] = podReports([facts]);
  const { progress, etaSeconds, lag, posts, bytes, ...rest } = { ...shown };
  return {
    state: canonicalJson({
      report: rest,
      kafka: kafkaViewOf([facts]),
      isReset: isReset(facts),
      class: classOf(facts),
      version: report.version,
      warnings: report.warnings,
    }),
    figures: canonicalJson({ progress, etaSeconds, lag, posts, bytes }),
    isReady: facts.isReady && report.ready,
  };
}
