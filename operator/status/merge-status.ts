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
  const { figuresAt } = stored;
  if (isSameJson({ ...stored, figuresAt: '' }, { ...computed, figuresAt: '' })) {
    return { status: null, requeueAfterMs: null };
  }
  const writtenMs = figuresAt === undefined ? Number.NaN : Date.parse(figuresAt);
  const waitMs = writtenMs + (isBusy ? busyFiguresMs : quietFiguresMs) - nowMs;
  // A time in the future, or none, is nobody's: write.
  const isWaiting = waitMs > 0 && writtenMs <= nowMs;
  return isWaiting
    ? { status: null, requeueAfterMs: waitMs }
    : { status: stamped, requeueAfterMs: null };
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
