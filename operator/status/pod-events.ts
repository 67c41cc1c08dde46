/**
 * What became of pods since the last status: who caught up, and how it had started.
 */
import type { PodReport } from '#crds/gen/thunder-fleet.ts';
import { count } from './messages.ts';

export interface PodEvent {
  readonly type: 'Normal';
  readonly reason: 'ColdStart' | 'WarmStarted';
  readonly message: string;
}

/** One for each pod that has become ready since; none where nothing is known of before. */
export function podEvents(
  before: readonly PodReport[] | undefined,
  after: readonly PodReport[],
): PodEvent[] {
  if (before === undefined) {
    return [];
  }
  const known = new Map(before.map((pod) => [pod.name, pod]));
  return after
    .filter((pod) => isKnownReady(pod) && !isKnownReady(known.get(pod.name)))
    .map(({ name, warmStart }) => {
      if (warmStart === undefined) {
        const message = `Pod ${name} replayed the log and is caught up.`;
        return { type: 'Normal', reason: 'ColdStart', message };
      }
      const { from, bytes = 0, seconds = 0 } = warmStart;
      const message = `Pod ${name} took ${Math.round(bytes / 1e6)} MB from ${from} in ${count(seconds, 'second')} and is caught up.`;
      return { type: 'Normal', reason: 'WarmStarted', message };
    });
}

/** Ready, and its admin port has answered: how it started is known. */
function isKnownReady(pod: PodReport | undefined): boolean {
  return pod?.ready === true && pod.stage !== undefined;
}
