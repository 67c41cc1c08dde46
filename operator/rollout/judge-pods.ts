/**
 * Whether the pods of the Deployment's revision come up: who has a problem that waiting does not
 * mend, and whether there was progress within the deadline.
 */
import type { PodFacts } from './pod-facts.ts';
import type { AppliedDeployment, RolloutFacts } from './rollout-facts.ts';
import type { Progress, Stop } from './rollout-state.ts';

export interface Judgement {
  readonly progress: Progress;
  /** Got further than when last looked. */
  readonly hasMoved: boolean;
  readonly hasReadyPod: boolean;
  /** There are new pods, and all are ready. */
  readonly areNewPodsReady: boolean;
  /** The first bad pod, or the one that makes no progress. */
  readonly stop: Stop | null;
  /** Time left until the deadline; null once it is over: then there is nothing to wait for. */
  readonly deadlineInMs: number | null;
}

/** `before` is null when the clock begins now. */
export function judgePods(
  before: Progress | null,
  facts: RolloutFacts,
  applied: AppliedDeployment,
): Judgement {
  const { nowMs, progressDeadlineMs } = facts;
  const pods = facts.pods.filter((pod) => !pod.isTerminating && pod.revision === applied.revision);
  const mark = pods.reduce((sum, pod) => sum + pod.mark + 1, 0);
  const hasMoved = before === null || mark > before.mark;
  // Before Kubernetes has seen the template it can have made no pod, and once paused it never would.
  const isClockStopped = hasMoved || facts.isKafkaAway || !applied.isObserved;
  // The last mark, not the best: a pod that was evicted and begins again does make progress. One
  // that ends by itself again and again is told by its restarts.
  const progress = { mark, markAtMs: isClockStopped ? nowMs : before.markAtMs };
  const areNewPodsReady = pods.length > 0 && pods.every((pod) => pod.isReady);
  const leftMs = progress.markAtMs + progressDeadlineMs - nowMs;
  const bad = pods.find((pod) => pod.problem !== null);
  const isStalled = leftMs <= 0 && !areNewPodsReady;
  return {
    progress,
    hasMoved,
    hasReadyPod: pods.some((pod) => pod.isReady),
    areNewPodsReady,
    stop: bad === undefined ? (isStalled ? stalled(pods, applied) : null) : stopOf(bad),
    deadlineInMs: leftMs > 0 ? leftMs : null,
  };
}

function stopOf({ name, problem }: PodFacts): Stop {
  return { pod: name, cause: problem?.cause ?? '', message: problem?.message ?? '' };
}

function stalled(pods: readonly PodFacts[], applied: AppliedDeployment): Stop {
  const [slowest] = pods.filter((pod) => !pod.isReady).toSorted((a, b) => a.mark - b.mark);
  if (slowest === undefined) {
    const message = applied.createFailure ?? 'no pod was made';
    return { pod: '', cause: 'NoPod', message };
  }
  const { name, report } = slowest;
  const why =
    report === null
      ? 'its admin port does not answer'
      : report.reason === ''
        ? `it stays ${report.stage}`
        : report.reason;
  return { pod: name, cause: 'NoProgress', message: `no progress within the deadline: ${why}` };
}
