/**
 * What is known about one pod: Kubernetes' word and, where its admin port answers, its own.
 */
import { annotationKeys, labelKeys } from '#operator/desired/names.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { crashRestarts, healedMs, unschedulableMs } from '#operator/limits.ts';
import type { NodeStatus } from '#runtime/node-status.ts';

/** A pod as the API server gives it, as far as it is read here. */
export interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string | undefined } | undefined;
  readonly status?:
    | {
        readonly phase?: string | undefined;
        readonly conditions?:
          | readonly {
              readonly type: string;
              readonly status: string;
              readonly reason?: string | undefined;
              readonly message?: string | undefined;
              readonly lastTransitionTime?: string | undefined;
            }[]
          | undefined;
        readonly containerStatuses?:
          | readonly {
              readonly restartCount?: number | undefined;
              readonly state?: ContainerState | undefined;
              readonly lastState?: ContainerState | undefined;
            }[]
          | undefined;
      }
    | undefined;
}

interface ContainerState {
  readonly running?: object | undefined;
  readonly waiting?:
    | { readonly reason?: string | undefined; readonly message?: string | undefined }
    | undefined;
  readonly terminated?:
    | { readonly reason?: string | undefined; readonly exitCode?: number | undefined }
    | undefined;
}

/** Why a pod will not become ready by waiting. */
export interface PodProblem {
  /** One word: `ImagePullBackOff`, `Unschedulable`, `CrashLoopBackOff`. */
  readonly cause: string;
  readonly message: string;
}

export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  /** Revision of its template; empty for a pod that nobody of ours made. */
  readonly revision: string;
  /** On its way out, or out. */
  readonly isTerminating: boolean;
  /** Kubernetes sends it queries: caught up once, and answering. */
  readonly isReady: boolean;
  readonly problem: PodProblem | null;
  /** How far it is; grows on its way to readiness. See `markOf`. */
  readonly mark: number;
  /** Its own word, null while its admin port does not answer. */
  readonly report: NodeStatus | null;
  /** The deletion cost that is written on it, null when none is. */
  readonly deletionCost: string | null;
}

/** Of a pod that is ready: above every other. */
export const readyMark = 2_000;

export function toPodFacts(pod: PodObject, report: NodeStatus | null, nowMs: number): PodFacts {
  const { name, uid, labels, annotations, deletionTimestamp } = pod.metadata;
  const ready = conditionOf(pod, 'Ready');
  // A pod that was evicted stays as a record; Kubernetes has made another already.
  const hasEnded = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  const isTerminating = deletionTimestamp !== undefined || hasEnded;
  const isReady = ready?.status === 'True' && !isTerminating;
  return {
    name,
    uid: uid ?? '',
    revision: labels?.[labelKeys.revision] ?? '',
    isTerminating,
    isReady,
    problem: isTerminating ? null : problemOf(pod, nowMs),
    mark: isReady ? readyMark : markOf(pod, report),
    report,
    deletionCost: annotations?.[annotationKeys.deletionCost] ?? null,
  };
}

/**
 * Steps to readiness: 0 made, 1 has a machine, 2 runs, 3 connecting to Kafka, then a thousand of
 * catching up, then ready.
 */
function markOf(pod: PodObject, report: NodeStatus | null): number {
  const isRunning = pod.status?.containerStatuses?.some(
    (each) => each.state?.running !== undefined,
  );
  if (isRunning !== true) {
    return pod.spec?.nodeName === undefined ? 0 : 1;
  }
  if (report === null) {
    return 2;
  }
  return report.stage === 'connecting' ? 3 : 4 + Math.floor((report.progress ?? 0) * 1_000);
}

function conditionOf(pod: PodObject, type: string) {
  return pod.status?.conditions?.find((each) => each.type === type);
}

/** Reasons of a waiting container that time does not mend by itself, with what helps. */
const waitingProblems: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'the image cannot be pulled: check spec.image and imagePullSecrets',
  ErrImageNeverPull: 'the image is not on the machine, and may not be pulled',
  InvalidImageName: 'spec.image is no name of an image',
  CreateContainerConfigError: 'something that the pod refers to is missing',
  CreateContainerError: 'the container cannot be made',
  RunContainerError: 'the container cannot be started',
  CrashLoopBackOff: 'the process ends again and again: look at its log',
};

function problemOf(pod: PodObject, nowMs: number): PodProblem | null {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (
    scheduled?.status === 'False' &&
    scheduled.reason === 'Unschedulable' &&
    nowMs - timeOf(scheduled.lastTransitionTime, nowMs) >= unschedulableMs
  ) {
    const why = scheduled.message ?? 'no machine has room for it';
    return { cause: 'Unschedulable', message: why };
  }
  for (const { state, lastState, restartCount = 0 } of pod.status?.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? '';
    const known = Object.hasOwn(waitingProblems, reason) ? waitingProblems[reason] : undefined;
    const exit = lastState?.terminated;
    const end =
      exit === undefined ? '' : ` (${exit.reason ?? 'ended'}, exit code ${exit.exitCode})`;
    if (known !== undefined) {
      return { cause: reason, message: `${known}${end}` };
    }
    if (restartCount >= crashRestarts && !isHealed(pod, nowMs)) {
      return { cause: 'CrashLoopBackOff', message: `${waitingProblems['CrashLoopBackOff']}${end}` };
    }
  }
  return null;
}

function isHealed(pod: PodObject, nowMs: number): boolean {
  const ready = conditionOf(pod, 'Ready');
  return ready?.status === 'True' && nowMs - timeOf(ready.lastTransitionTime, nowMs) >= healedMs;
}

function timeOf(text: string | undefined, otherwise: number): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? otherwise : time;
}

/** Whether its log was reset under it: it serves what it had, and will never be up to date again. */
export function isReset({ report }: PodFacts): boolean {
  return report?.partitions.some((partition) => partition.state === 'reset') === true;
}
