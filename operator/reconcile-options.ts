/**
 * What a pass works with.
 */
import type { Applier } from '#operator/kube/applier.ts';
import type { Clock, EventRecorder, KubeClient } from '#operator/kube/ports.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import type { Caches } from './facts/caches.ts';
import type { FleetObserver } from './facts/observe-fleet.ts';
import type { KafkaWatch } from './kafka/kafka-watch.ts';
import type { RolloutPlaces } from './rollout-places.ts';

export interface ReconcilerOptions {
  /** Fenced: it refuses to write for a process that does not lead. */
  readonly client: KubeClient;
  readonly applier: Applier;
  readonly caches: Caches;
  readonly recorder: EventRecorder;
  readonly kafka: KafkaWatch;
  readonly reportOf: (podUid: string) => NodeStatus | null;
  readonly places: RolloutPlaces;
  /** Fleets that may have a place for a rollout now. */
  readonly wake: (keys: readonly string[]) => void;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly random: (bytes: number) => Uint8Array;
  readonly operatorNamespace: string;
  readonly defaultImage: string;
}

export interface PassOptions extends ReconcilerOptions {
  readonly observer: FleetObserver;
  readonly signal: AbortSignal;
}
