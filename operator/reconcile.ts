/**
 * One pass over one fleet: look at what is there, decide what should be, apply the difference, write
 * down what was seen. It is told which fleet, never what happened: the same pass follows a change, a
 * restart and an outage. A pass over a fleet that is as it should be writes nothing.
 */
import { identityOf, parseFleet, type StoredFleet, statusOf } from '#operator/fleet/fleet.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import { keyOf } from '#operator/kube/objects.ts';
import type { EventRecorder, Reconcile, Result } from '#operator/kube/ports.ts';
import { unreadyLookMs } from './bounds.ts';
import { createFleetObserver } from './facts/observe-fleet.ts';
import { thunderFleets } from './facts/resource-types.ts';
import { addFinalizer, reconcileDeletion } from './reconcile-deletion.ts';
import { eventsOf } from './reconcile-events.ts';
import type { PassOptions, ReconcilerOptions } from './reconcile-options.ts';
import { FleetPass, obstacleOf } from './reconcile-pass.ts';
import { fromReport } from './rollout/rollout-state.ts';
import { computeStatus } from './status/compute-status.ts';
import { type FleetFacts, livePods } from './status/fleet-facts.ts';
import { mergeStatus } from './status/merge-status.ts';

export function createReconcile(options: ReconcilerOptions): Reconcile {
  const { caches, clock, reportOf } = options;
  const observer = createFleetObserver({ caches, reportOf, nowMs: () => clock.nowMs() });
  return (key, signal) => reconcileFleet(key, { ...options, observer, signal });
}

async function reconcileFleet(key: string, options: PassOptions): Promise<Result | undefined> {
  const { caches, clock, kafka, places, wake } = options;
  const stored = caches.fleets.get(key);
  if (stored === undefined) {
    kafka.forget(key);
    wake(places.forget(key));
    return undefined;
  }
  const parsed = parseFleet(stored);
  if (identityOf(stored).isDeleting) {
    wake(places.forget(key));
    return reconcileDeletion(key, stored, parsed, { ...options, nowMs: clock.nowMs() });
  }
  if (!parsed.ok) {
    wake(places.forget(key));
    return writeStatus(stored, factsOfInvalid(parsed, options), options);
  }
  await addFinalizer(stored, options);
  const previous = statusOf(stored);
  const state = fromReport(previous?.rollout, clock.nowMs());
  const pass = new FleetPass(key, parsed, state, options);
  // What goes wrong on the way does not keep the status from saying what was decided. Before there
  // is a decision only an obstacle is worth a word; the rest goes away by trying again.
  let failure: unknown;
  try {
    await pass.run();
  } catch (error) {
    failure = error;
    if (!pass.hasDecided && obstacleOf(error) === undefined) {
      throw error;
    }
  }
  // The newest: the finalizer was written meanwhile.
  const result = await writeStatus(caches.fleets.get(key) ?? stored, pass.facts(failure), options);
  if (failure !== undefined) {
    throw failure;
  }
  return earliest([result, ...pass.requeueAfterMs.map((requeueAfterMs) => ({ requeueAfterMs }))]);
}

/** Its old pods keep running, and the status says how they are. */
function factsOfInvalid(
  parsed: Extract<ReturnType<typeof parseFleet>, { ok: false }>,
  { observer, clock }: PassOptions,
): FleetFacts {
  const { identity } = parsed;
  const { applied, pods } = observer.serving(identity);
  return {
    nowMs: clock.nowMs(),
    identity,
    parsed,
    rollout: null,
    target: null,
    lastGood: null,
    applied,
    updateAvailable: false,
    missingInputs: [],
    pods,
    transformers: [],
    kafka: { isReachable: null, detail: '', sinceMs: 0, hasTopic: null },
  };
}

async function writeStatus(
  stored: StoredFleet,
  facts: FleetFacts,
  { client, caches, recorder, signal }: PassOptions,
): Promise<Result | undefined> {
  const previous = statusOf(stored);
  const computed = computeStatus(facts, previous);
  const isUnready = livePods(facts).some((pod) => !pod.isReady);
  const isBusy = isUnready || (facts.rollout !== null && facts.rollout.state.kind !== 'idle');
  const { status, requeueAfterMs } = mergeStatus(previous, computed, isBusy, facts.nowMs);
  if (status !== null) {
    const { apiVersion, kind, metadata } = stored;
    const { name, namespace, uid } = metadata;
    const intent = { apiVersion, kind, metadata: { name, namespace, uid }, status };
    const written = caches.fleets.beginWrite(keyOf(stored));
    try {
      written(await client.applyStatus(thunderFleets, intent, { signal }));
    } catch (error) {
      // Gone meanwhile: nothing is left to be said about it.
      if (!isKubeError(error, 'NOT_FOUND')) {
        tellRefusal(error, stored, recorder);
        throw error;
      }
    }
  }
  for (const event of eventsOf(facts, previous, computed)) {
    recorder.record({ ...event, regarding: stored });
  }
  return earliest([
    requeueAfterMs === null ? undefined : { requeueAfterMs },
    isUnready ? { requeueAfterMs: unreadyLookMs } : undefined,
  ]);
}

/**
 * The API server checks the whole object, and takes no status for a spec that some of its rules
 * cannot even be asked about. Then an Event has to say it.
 */
function tellRefusal(error: unknown, regarding: StoredFleet, recorder: EventRecorder): void {
  if (isKubeError(error, 'INVALID')) {
    const note = `The status cannot be written: ${error.message}. The pods keep running as they are; correct the spec.`;
    recorder.record({ regarding, type: 'Warning', reason: 'InvalidSpec', action: 'Check', note });
  }
}

function earliest(results: readonly (Result | undefined)[]): Result | undefined {
  const all = results.map((result) => result?.requeueAfterMs).filter((ms) => ms !== undefined);
  return all.length === 0 ? undefined : { requeueAfterMs: Math.min(...all) };
}
