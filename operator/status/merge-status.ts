/**
 * Whether a status has to be written: at once for what matters, now and then for figures that move
 * by themselves, and never when nothing has changed.
 */
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import { isSameJson } from '#operator/fleet/canonical.ts';
import { busyFiguresMs, quietFiguresMs } from '#operator/limits.ts';
import { toTime } from '#operator/rollout/rollout-state.ts';

export interface StatusWrite {
  /** What to write; null: what is stored is good. */
  readonly status: ThunderFleetStatus | null;
  /** Figures wait: come back after this, at the latest. Null: nothing waits. */
  readonly requeueAfterMs: number | null;
}

/** `isBusy`: pods are catching up or being replaced, and somebody is likely to be watching. */
export function mergeStatus(
  stored: ThunderFleetStatus | undefined,
  computed: ThunderFleetStatus,
  isBusy: boolean,
  nowMs: number,
): StatusWrite {
  const stamped = { ...computed, figuresAt: toTime(nowMs) };
  if (stored === undefined || !isSameJson(withoutFigures(stored), withoutFigures(computed))) {
    return { status: stamped, requeueAfterMs: null };
  }
  if (isSameJson({ ...stored, figuresAt: '' }, { ...computed, figuresAt: '' })) {
    return { status: null, requeueAfterMs: null };
  }
  const waitMs = figuresWaitMs(stored, isBusy, nowMs);
  return waitMs > 0
    ? { status: null, requeueAfterMs: waitMs }
    : { status: stamped, requeueAfterMs: null };
}

/** How long figures that have moved wait for their write; 0: they are due. */
export function figuresWaitMs(
  { figuresAt }: Pick<ThunderFleetStatus, 'figuresAt'>,
  isBusy: boolean,
  nowMs: number,
): number {
  const writtenMs = figuresAt === undefined ? Number.NaN : Date.parse(figuresAt);
  const waitMs = writtenMs + (isBusy ? busyFiguresMs : quietFiguresMs) - nowMs;
  // A time in the future, or none, is nobody's: write.
  return waitMs > 0 && writtenMs <= nowMs ? waitMs : 0;
}

/** As a stored status shows it: pods are not ready or being replaced, so that somebody may be watching. */
export function looksBusy({ pods = [], rollout }: ThunderFleetStatus): boolean {
  return pods.some(({ ready }) => !ready) || (rollout?.state ?? 'idle') !== 'idle';
}

/** What is left is worth a write at once. */
function withoutFigures(status: ThunderFleetStatus): unknown {
  const { lag: _, posts: __, figuresAt: ___, pods, transformers, rollout, ...rest } = status;
  return {
    ...rest,
    pods: pods?.map(({ name, revision, ready, stage, warmStart }) => ({
      name,
      revision,
      ready,
      stage,
      warmStart,
    })),
    transformers: transformers?.map(({ name, replicas, ready }) => ({ name, replicas, ready })),
    rollout: rollout === undefined ? undefined : { ...rollout, mark: 0, markAt: '' },
  };
}
