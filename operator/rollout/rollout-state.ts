/**
 * What the rollout of a fleet's serving pods is doing. docs/reference/thunderfleet.md draws it.
 *
 * Only what cannot be seen in the cluster is remembered here, and it can be lost: clocks then begin
 * anew, and the annotations of ControllerRevisions still say what was good and what was refused.
 */
import type { RolloutReport } from '#crds/gen/thunder-fleet.ts';

/** How far the new pods are, all together, and since when. */
export interface Progress {
  readonly mark: number;
  readonly markAtMs: number;
}

/** The pod that stopped a rollout, and why. */
export interface Stop {
  readonly pod: string;
  readonly cause: string;
  readonly message: string;
}

export type RolloutState =
  | { readonly kind: 'idle'; readonly sinceMs: number }
  /** Pods are missing or catching up; none of another revision is there. */
  | { readonly kind: 'settling'; readonly sinceMs: number; readonly progress: Progress }
  /** For a place among the fleets that may roll at once. */
  | { readonly kind: 'waiting'; readonly sinceMs: number; readonly revision: string }
  | {
      readonly kind: 'rolling';
      readonly sinceMs: number;
      readonly revision: string;
      readonly progress: Progress;
      /** Value of `thunder.dev/continue` when it began. */
      readonly continueSeen: string | null;
      /** The wait after the first pod is over, or there is none. */
      readonly isReleased: boolean;
    }
  /** The first new pod is ready; somebody may want to look at it. */
  | {
      readonly kind: 'holding';
      readonly sinceMs: number;
      readonly revision: string;
      readonly continueSeen: string | null;
    }
  | {
      readonly kind: 'halted';
      readonly sinceMs: number;
      readonly revision: string;
      readonly progress: Progress;
      readonly stop: Stop;
      readonly continueSeen: string | null;
      readonly isReleased: boolean;
    }
  /** `revision` was refused; the last good one runs again, or is about to. */
  | {
      readonly kind: 'rolledBack';
      readonly sinceMs: number;
      readonly revision: string;
      readonly stop: Stop;
      /** Value of `thunder.dev/update` at that time; another one asks for another try. */
      readonly updateSeen: string | null;
    };

/** A fleet's share of the places for rollouts. */
export function takesPlace(state: RolloutState): boolean {
  return state.kind === 'rolling' || state.kind === 'holding';
}

/** As `status.rollout` keeps it, without `blockedBy`. */
export function toReport(state: RolloutState): RolloutReport {
  const report = { state: state.kind, since: toTime(state.sinceMs) };
  switch (state.kind) {
    case 'idle':
      return report;
    case 'settling':
      return { ...report, ...progressReport(state.progress) };
    case 'waiting':
      return { ...report, revision: state.revision };
    case 'rolledBack':
      return {
        ...report,
        revision: state.revision,
        ...state.stop,
        ...(state.updateSeen === null ? {} : { updateSeen: state.updateSeen }),
      };
    default:
      return {
        ...report,
        revision: state.revision,
        ...(state.kind === 'holding' ? {} : progressReport(state.progress)),
        ...(state.kind === 'holding' ? {} : { released: state.isReleased }),
        ...(state.kind === 'halted' ? state.stop : {}),
        ...(state.continueSeen === null ? {} : { continueSeen: state.continueSeen }),
      };
  }
}

/** What an earlier pass wrote; `idle` where nothing is, or nothing that makes sense. */
export function fromReport(report: RolloutReport | undefined, nowMs: number): RolloutState {
  const sinceMs = fromTime(report?.since, nowMs);
  const revision = report?.revision ?? '';
  const progress = { mark: report?.mark ?? 0, markAtMs: fromTime(report?.markAt, nowMs) };
  const continueSeen = report?.continueSeen ?? null;
  const isReleased = report?.released ?? false;
  const { pod = '', cause = '', message = '' } = report ?? {};
  const stop = { pod, cause, message };
  switch (report?.state) {
    case 'settling':
      return { kind: 'settling', sinceMs, progress };
    case 'waiting':
      return { kind: 'waiting', sinceMs, revision };
    case 'rolling':
      return { kind: 'rolling', sinceMs, revision, progress, continueSeen, isReleased };
    case 'holding':
      return { kind: 'holding', sinceMs, revision, continueSeen };
    case 'halted':
      return { kind: 'halted', sinceMs, revision, progress, stop, continueSeen, isReleased };
    case 'rolledBack':
      return {
        kind: 'rolledBack',
        sinceMs,
        revision,
        stop,
        updateSeen: report.updateSeen ?? null,
      };
    default:
      return { kind: 'idle', sinceMs };
  }
}

function progressReport({ mark, markAtMs }: Progress): Partial<RolloutReport> {
  return { mark, markAt: toTime(markAtMs) };
}

/** Whole seconds, as Kubernetes writes times. */
export function toTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function fromTime(text: string | undefined, otherwise: number): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  // A clock that was set back must not make a deadline endless.
  return Number.isNaN(time) ? otherwise : Math.min(time, otherwise);
}
