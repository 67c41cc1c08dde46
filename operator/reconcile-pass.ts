/**
 * What one pass does for a fleet whose spec is good, and what it has seen by its end.
 */

import { revisionsToDelete } from '#operator/desired/choose-revision.ts';
import { fleetObjects } from '#operator/desired/fleet-objects.ts';
import { hashInputs, type InputReference, type Inputs } from '#operator/desired/inputs.ts';
import {
  annotationKeys,
  childName,
  labelKeys,
  servingSelector,
  transformerName,
  transformerSelector,
} from '#operator/desired/names.ts';
import { type Revision, revisionName, revisionObject } from '#operator/desired/revision.ts';
import { keyNames } from '#operator/desired/snapshot-key.ts';
import { isSameJson } from '#operator/fleet/canonical.ts';
import type { Fleet, ParsedFleet } from '#operator/fleet/fleet.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { pods as podType } from '#operator/kube/types.ts';
import { revisionHistory } from '#operator/limits.ts';
import type { ObservedDeployment } from './facts/observe-fleet.ts';
import type { KafkaFinding } from './kafka/kafka-watch.ts';
import { Children, NameTakenError } from './reconcile-children.ts';
import type { PassOptions } from './reconcile-options.ts';
import { decideServing, type ServingDecision } from './reconcile-serving.ts';
import { decideTransformer, type TransformerDecision } from './reconcile-transformers.ts';
import { deletionCosts } from './rollout/deletion-costs.ts';
import type { RolloutState } from './rollout/rollout-state.ts';
import type { FleetFacts } from './status/fleet-facts.ts';
import { isKafkaAway } from './status/kafka-view.ts';

type ValidFleet = Extract<ParsedFleet, { ok: true }>;

export class FleetPass {
  readonly #key: string;
  readonly #parsed: ValidFleet;
  readonly #fleet: Fleet;
  readonly #state: RolloutState;
  readonly #options: PassOptions;
  readonly #children: Children;
  #observed: ObservedDeployment;
  #kafka: KafkaFinding;
  #serving: ServingDecision | undefined;
  readonly #transformers: TransformerDecision[] = [];

  constructor(key: string, parsed: ValidFleet, state: RolloutState, options: PassOptions) {
    this.#key = key;
    this.#parsed = parsed;
    this.#fleet = parsed.fleet;
    this.#state = state;
    this.#options = options;
    this.#children = new Children({ ...options, fleet: parsed.fleet });
    this.#observed = options.observer.serving(this.#fleet);
    this.#kafka = options.kafka.observe(key, this.#fleet, this.#podUids());
  }

  /** Throws at the first thing that cannot be done; what comes after waits for the next pass. */
  async run(): Promise<void> {
    const hashKey = await this.#applyObjects();
    const hash = (references: readonly InputReference[]): Inputs =>
      hashInputs(references, this.#options.observer.readInput(this.#fleet), hashKey);
    await this.#applyServing(hash);
    await this.#applyTransformers(hash);
    await this.#writeDeletionCosts();
  }

  get hasDecided(): boolean {
    return this.#serving !== undefined;
  }

  /** Times after which something is due even if nothing changes. */
  get requeueAfterMs(): number[] {
    const { outcome, reset } = this.#serving ?? {};
    return [outcome?.requeueAfterMs, reset?.requeueAfterMs].filter(
      (ms) => ms !== null && ms !== undefined,
    );
  }

  facts(failure: unknown): FleetFacts {
    const { outcome, choice, inputs, lastGood } = this.#serving ?? {};
    const obstacle = obstacleOf(failure);
    return {
      nowMs: this.#options.clock.nowMs(),
      identity: this.#fleet,
      parsed: this.#parsed,
      rollout: outcome ?? null,
      target: choice?.target?.id ?? null,
      lastGood: lastGood ?? null,
      applied: this.#observed.applied,
      updateAvailable: [this.#serving, ...this.#transformers].some(
        (decision) => decision?.choice.updateAvailable === true,
      ),
      missingInputs: [
        ...new Set(
          [inputs, ...this.#transformers.map((each) => each.inputs)].flatMap(
            (each) => each?.missing ?? [],
          ),
        ),
      ],
      pods: this.#observed.pods,
      transformers: this.#transformers.map(({ facts }) => facts),
      kafka: this.#kafka.facts,
      ...(obstacle === undefined ? {} : { obstacle }),
    };
  }

  /** Everything but the Deployments. Answers the key of the hash that tells changed inputs. */
  async #applyObjects(): Promise<Uint8Array> {
    const { operatorNamespace, caches, random } = this.#options;
    const reference = { apiVersion: 'v1', kind: 'Secret', name: childName(this.#fleet, 'keys') };
    // A key that is there and not seen would be replaced, and every pod with it.
    const keys = dataOf(await this.#children.find(reference));
    const { hasPodMonitors } = caches;
    let hashKey = '';
    for (const { object, ...name } of fleetObjects(this.#fleet, {
      ...{ operatorNamespace, hasPodMonitors, keys, random },
    })) {
      if (object === null) {
        await this.#children.remove(name);
      } else {
        const applied = await this.#children.apply(object);
        hashKey = name.kind === 'Secret' ? (dataOf(applied)[keyNames.inputs] ?? '') : hashKey;
      }
    }
    return Buffer.from(hashKey, 'base64');
  }

  async #applyServing(hash: (references: readonly InputReference[]) => Inputs): Promise<void> {
    const { observer, places, clock, defaultImage, wake } = this.#options;
    const fleet = this.#fleet;
    // Anew: time has passed. From here to the plan nothing waits, so that no two fleets decide at once.
    this.#observed = observer.serving(fleet);
    const { applied, revisions, pods } = this.#observed;
    const decision = decideServing({
      ...{ fleet, defaultImage, applied, revisions, pods, hash },
      nowMs: clock.nowMs(),
      state: this.#state,
      isKafkaAway: isKafkaAway(pods, this.#kafka.facts, clock.nowMs()),
      mayStart: (wantsToRoll) => places.ask({ key: this.#key, state: this.#state, wantsToRoll }),
    });
    this.#serving = decision;
    wake(places.settle(this.#key, decision.outcome.state));
    const name = childName(fleet, 'serving');
    await this.#applyRevisions(name, servingSelector(fleet), revisions, decision.revisions);
    if (decision.deployment !== null) {
      await this.#children.apply(decision.deployment);
    }
    this.#tell(decision);
    const { choice, outcome } = decision;
    const inUse = [choice.target?.id, outcome.plan?.revision, applied?.revision];
    await this.#removeRevisions(name, decision.revisions, this.#observed, inUse);
  }

  async #applyTransformers(hash: (references: readonly InputReference[]) => Inputs): Promise<void> {
    const { observer, defaultImage } = this.#options;
    const fleet = this.#fleet;
    for (const transformer of fleet.spec.transformers) {
      const observed = observer.transformer(fleet, transformer.name);
      const decision = decideTransformer({
        ...{ fleet, transformer, defaultImage, hash, ...observed },
        lagEvents: this.#kafka.lagByTransformer.get(transformer.name) ?? null,
      });
      this.#transformers.push(decision);
      const name = transformerName(fleet, transformer.name);
      const selector = transformerSelector(fleet, transformer.name);
      await this.#applyRevisions(name, selector, observed.revisions, decision.revisions);
      if (decision.deployment !== null) {
        await this.#children.apply(decision.deployment);
      }
      const inUse = [decision.choice.target?.id, observed.applied?.revision];
      await this.#removeRevisions(name, decision.revisions, observed, inUse);
    }
    await this.#removeTransformers();
  }

  /** Those that the spec no longer has. */
  async #removeTransformers(): Promise<void> {
    const { caches } = this.#options;
    const { uid, spec } = this.#fleet;
    const names = new Set<string | undefined>(spec.transformers.map(({ name }) => name));
    for (const object of [...caches.deployments.byOwner(uid), ...caches.revisions.byOwner(uid)]) {
      const { name, labels } = object.metadata;
      const isTransformers = labels?.[labelKeys.component] === 'transformer';
      if (isTransformers && !names.has(labels?.[labelKeys.transformer]) && !spec.paused) {
        await this.#children.remove({ ...object, name });
      }
    }
  }

  /** Those that are new, or that something was learnt about. */
  async #applyRevisions(
    deployment: string,
    selector: Readonly<Record<string, string>>,
    before: readonly Revision[],
    after: readonly Revision[],
  ): Promise<void> {
    for (const revision of after) {
      const known = before.find(({ id }) => id === revision.id);
      if (!isSameJson(known, revision)) {
        await this.#children.apply(revisionObject(this.#fleet, deployment, selector, revision));
      }
    }
  }

  async #removeRevisions(
    deployment: string,
    revisions: readonly Revision[],
    { pods }: ObservedDeployment,
    inUse: readonly (string | undefined)[],
  ): Promise<void> {
    const used = new Set([...inUse, ...pods.map(({ revision }) => revision)]);
    const kept = new Set([...used].filter((id) => id !== undefined));
    for (const id of revisionsToDelete(revisions, kept, revisionHistory)) {
      const name = revisionName(deployment, id);
      await this.#children.remove({ apiVersion: 'apps/v1', kind: 'ControllerRevision', name });
    }
  }

  async #writeDeletionCosts(): Promise<void> {
    const { client, caches, signal } = this.#options;
    const { namespace } = this.#fleet;
    for (const { pod, cost } of deletionCosts(this.#observed.pods)) {
      const annotations = { [annotationKeys.deletionCost]: cost };
      const written = caches.pods.beginWrite(`${namespace}/${pod}`);
      try {
        const patch = { metadata: { annotations } };
        written(await client.patch(podType, { namespace, name: pod }, patch, { signal }));
      } catch (error) {
        // It is gone already, and needs no hint.
        if (!isKubeError(error, 'NOT_FOUND')) {
          throw error;
        }
      }
    }
  }

  /** What the rollout's own events do not say: why there is one. */
  #tell({ reset, choice, outcome }: ServingDecision): void {
    const { recorder, caches } = this.#options;
    const regarding = caches.fleets.get(this.#key);
    const isStarted = outcome.events.some(({ reason }) => reason === 'RolloutStarted');
    if (regarding === undefined || !isStarted) {
      return;
    }
    const { applied, revisions } = this.#observed;
    const before = revisions.find(({ id }) => id === applied?.revision);
    if (reset.reason !== null) {
      const note = reset.reason;
      recorder.record({ regarding, type: 'Warning', reason: 'OffsetReset', action: 'Roll', note });
    }
    if (before !== undefined && before.stamps.inputs !== choice.target?.stamps.inputs) {
      const note =
        'A Secret or ConfigMap that pods read at their start has changed; they are replaced one by one.';
      recorder.record({ regarding, type: 'Normal', reason: 'SecretChanged', action: 'Roll', note });
    }
  }

  #podUids(): ReadonlySet<string> {
    return new Set(this.#observed.pods.map(({ uid }) => uid));
  }
}

function dataOf(object: KubeObject | undefined): Readonly<Record<string, string>> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- a Secret, by its reference
  return (object as { readonly data?: Record<string, string> } | undefined)?.data ?? {};
}

/** What will not go away by trying again, one sentence; the rest is not worth a status. */
export function obstacleOf(failure: unknown): string | undefined {
  const isLasting =
    failure instanceof NameTakenError ||
    isKubeError(failure, 'INVALID', 'BAD_REQUEST', 'FORBIDDEN', 'TOO_LARGE_FOR_SERVER');
  return isLasting && failure instanceof Error ? failure.message : undefined;
}
