/**
 * A fleet that is being deleted: its pods stop, their consumer groups go, and then it may. Whatever
 * Kafka does, that takes a bounded time. Everything else is collected by Kubernetes, by its owner.
 */
import { deleteLookMs, deletePodsMsMax } from '#operator/bounds.ts';
import { fleetLabel, labelKeys } from '#operator/desired/names.ts';
import type { ParsedFleet, StoredFleet } from '#operator/fleet/fleet.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import { keyOf } from '#operator/kube/objects.ts';
import type { EventRecorder, KubeClient, Result } from '#operator/kube/ports.ts';
import { deployments } from '#operator/kube/types.ts';
import type { Caches } from './facts/caches.ts';
import { thunderFleets } from './facts/resource-types.ts';
import type { GroupRemoval, KafkaWatch } from './kafka/kafka-watch.ts';

export const finalizer = 'thunder.dev/consumer-groups';

export interface DeletionOptions {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly kafka: KafkaWatch;
  readonly recorder: EventRecorder;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Before anything is made: from then on a delete waits for us. `spec` is not touched. */
export async function addFinalizer(
  stored: StoredFleet,
  { client, caches, signal }: Pick<DeletionOptions, 'client' | 'caches' | 'signal'>,
): Promise<void> {
  const { finalizers = [] } = stored.metadata;
  if (!finalizers.includes(finalizer)) {
    await patchFinalizers(stored, [...finalizers, finalizer], { client, caches, signal });
  }
}

export async function reconcileDeletion(
  key: string,
  stored: StoredFleet,
  parsed: ParsedFleet,
  options: DeletionOptions,
): Promise<Result | undefined> {
  const { finalizers = [], deletionTimestamp = '' } = stored.metadata;
  if (!finalizers.includes(finalizer)) {
    return undefined;
  }
  const arePodsLeft = await stopPods(stored, options);
  const isInTime = options.nowMs - Date.parse(deletionTimestamp) < deletePodsMsMax;
  if (arePodsLeft && isInTime) {
    return { requeueAfterMs: deleteLookMs };
  }
  const removal = removeGroups(key, parsed, options);
  if (removal.kind === 'underWay') {
    return { requeueAfterMs: deleteLookMs };
  }
  if (removal.kind === 'gaveUp') {
    options.recorder.record({
      regarding: stored,
      type: 'Warning',
      reason: 'GroupsLeftBehind',
      action: 'Delete',
      note: `Consumer groups of the fleet were not removed: ${removal.detail}. Nothing reads with them any more, and Kafka forgets them in time.`,
    });
  }
  const others = finalizers.filter((each) => each !== finalizer);
  await patchFinalizers(stored, others, options);
  return undefined;
}

function removeGroups(key: string, parsed: ParsedFleet, { kafka }: DeletionOptions): GroupRemoval {
  return parsed.ok
    ? kafka.removeGroups(key, parsed.fleet)
    : { kind: 'gaveUp', detail: 'the spec cannot be read' };
}

/** Deletes the Deployments, so that no pod makes its group anew. Answers whether pods are left. */
async function stopPods(stored: StoredFleet, options: DeletionOptions): Promise<boolean> {
  const { client, caches, signal } = options;
  for (const { metadata } of caches.deployments.byOwner(stored.metadata.uid ?? '')) {
    if (metadata.deletionTimestamp === undefined) {
      await client.delete(deployments, metadata, {
        preconditions: { uid: metadata.uid },
        signal,
      });
    }
  }
  const { namespace = '' } = stored.metadata;
  const labels = { [labelKeys.fleet]: fleetLabel(stored.metadata) };
  return caches.pods.byLabels(namespace, labels).length > 0;
}

async function patchFinalizers(
  stored: StoredFleet,
  finalizers: readonly string[],
  { client, caches, signal }: Pick<DeletionOptions, 'client' | 'caches' | 'signal'>,
): Promise<void> {
  const { resourceVersion, uid } = stored.metadata;
  const written = caches.fleets.beginWrite(keyOf(stored));
  try {
    const patch = { metadata: { uid, resourceVersion, finalizers } };
    const patched = await client.patch(thunderFleets, stored.metadata, patch, { signal });
    if (finalizers.length > 0) {
      written(patched);
    }
  } catch (error) {
    // Gone already.
    if (!isKubeError(error, 'NOT_FOUND')) {
      throw error;
    }
  }
}
