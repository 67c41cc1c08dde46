/**
 * Waiting for states of the demo's processes, with progress on the screen and a deadline.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DependencyError } from '#runtime/errors.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import type { ThunderNode } from '#test/components/processes/thunder-node.ts';
import type { DemoView } from './demo-view.ts';

const pollMs = 100;
/** Longest wait without any progress, milliseconds. */
const stallMsMax = 60_000;

/** Until the transformer has committed `records` input records. */
export async function waitUntilTransformed(
  transformer: ThunderNode,
  records: number,
  view: DemoView,
  signal: AbortSignal,
): Promise<void> {
  let perSecond: number | null = null;
  let before = { done: 0, atMs: performance.now() };
  await poll('the transformer', signal, async () => {
    const status = await transformer.status();
    const done = positionsOf(status);
    const atMs = performance.now();
    if (atMs - before.atMs > 500) {
      perSecond = ((done - before.done) / (atMs - before.atMs)) * 1000;
      before = { done, atMs };
    }
    view.progress([{ name: 'transformer', done, total: records, perSecond, note: status.reason }]);
    return { isDone: done >= records, progress: done };
  });
  view.endProgress();
}

/** Until every node is ready; seconds from the start of its process, for each. */
export async function waitUntilReady(
  nodes: readonly ThunderNode[],
  view: DemoView,
  signal: AbortSignal,
): Promise<number[]> {
  const seconds = nodes.map(() => Number.NaN);
  await poll('the nodes', signal, async () => {
    const statuses = await Promise.all(nodes.map((node) => node.status()));
    for (const [index, status] of statuses.entries()) {
      if (status.readyAt !== null && Number.isNaN(seconds[index])) {
        const startedAtMs = performance.timeOrigin + (nodes[index]?.startedAtMs ?? 0);
        seconds[index] = (Date.parse(status.readyAt) - startedAtMs) / 1000;
      }
    }
    view.progress(
      statuses.map((status) => ({
        name: status.node,
        done: positionsOf(status),
        total: status.partitions.reduce((sum, { target }) => sum + target, 0) || null,
        perSecond: status.counters['events_per_second'] ?? null,
        etaSeconds: status.etaSeconds,
        note: status.stage,
      })),
    );
    return {
      isDone: seconds.every((value) => !Number.isNaN(value)),
      progress: statuses.reduce((sum, status) => sum + positionsOf(status), 0),
    };
  });
  view.endProgress();
  return seconds;
}

/** Until every node has applied everything up to these ends. */
export async function waitUntilApplied(
  nodes: readonly ThunderNode[],
  ends: ReadonlyMap<number, number>,
  view: DemoView,
  signal: AbortSignal,
): Promise<void> {
  view.step('waiting until every node has applied the whole log');
  await poll('the nodes', signal, async () => {
    const statuses = await Promise.all(nodes.map((node) => node.status()));
    return {
      isDone: statuses.every((status) =>
        status.partitions.every(
          ({ partition, position }) => position >= (ends.get(partition) ?? 0),
        ),
      ),
      progress: statuses.reduce((sum, status) => sum + positionsOf(status), 0),
    };
  });
}

async function poll(
  what: string,
  signal: AbortSignal,
  look: () => Promise<{ readonly isDone: boolean; readonly progress: number }>,
): Promise<void> {
  let progress = -1;
  let movedAtMs = performance.now();
  for (;;) {
    const seen = await look();
    if (seen.isDone) {
      return;
    }
    if (seen.progress !== progress) {
      progress = seen.progress;
      movedAtMs = performance.now();
    } else if (performance.now() - movedAtMs > stallMsMax) {
      throw new DependencyError(`no progress of ${what} for ${stallMsMax / 1000} s`, {
        code: 'DEMO_STALLED',
        retry: 'never',
      });
    }
    await pause(pollMs, undefined, { signal });
  }
}

function positionsOf(status: NodeStatus): number {
  return status.partitions.reduce((sum, { position }) => sum + position, 0);
}
