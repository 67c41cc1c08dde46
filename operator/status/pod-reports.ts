/**
 * `status.pods`: what each serving pod is doing.
 */
import type { PodReport } from '#crds/gen/thunder-fleet.ts';
import { podReportsMax } from '#crds/thunder-fleet/status.ts';
import type { PodFacts } from '#operator/rollout/pod-facts.ts';
import { roundFigure, roundSeconds } from './figures.ts';
import { cut } from './messages.ts';

/** By name, the first `podReportsMax`. */
export function podReports(pods: readonly PodFacts[]): PodReport[] {
  return pods
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, podReportsMax)
    .map(podReport);
}

function podReport({ name, revision, isReady, problem, report }: PodFacts): PodReport {
  const message = problem?.message ?? (isReady ? '' : (report?.reason ?? ''));
  return {
    name,
    revision,
    ready: isReady,
    ...(report === null
      ? {}
      : {
          stage: report.stage,
          ...(report.progress === null ? {} : { progress: percent(report.progress) }),
          ...(report.etaSeconds === null ? {} : { etaSeconds: roundSeconds(report.etaSeconds) }),
          lag: roundFigure(report.lagEvents),
          posts: roundFigure(report.posts),
          bytes: roundFigure(report.bytes.used),
          ...(report.warmStart === null
            ? {}
            : {
                warmStart: {
                  from: report.warmStart.source,
                  bytes: Math.round(report.warmStart.bytes),
                  seconds: Math.round(report.warmStart.seconds),
                },
              }),
        }),
    ...(message === '' ? {} : { message: cut(message, 512) }),
  };
}

function percent(share: number): number {
  return Math.floor(Math.min(1, Math.max(0, share)) * 100);
}
