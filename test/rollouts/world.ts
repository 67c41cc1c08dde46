/**
 * One fleet among those of an operator: does what its plan says, and lets the judge see everything.
 */

import type { JsonObject } from '#crds/schema/json.ts';
import { apiVersion, names } from '#crds/thunder-fleet/crd.ts';
import { annotationKeys, childName, labelKeys } from '#operator/desired/names.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import type { Change } from '#operator/kube/ports.ts';
import {
  type Deployment,
  deployments,
  type Pod,
  podDisruptionBudgets,
  pods as podType,
  type ReplicaSet,
  services,
} from '#operator/kube/types.ts';
import type { PodFate } from '#test/components/control-plane/pod-runner.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import type { Host, Tenant } from './host.ts';
import { Judge } from './judge.ts';
import { type Action, describeAction, type Plan } from './plan.ts';
import { imageByHand, PodFates } from './pod-fates.ts';
import { imageOf, toSeenPod } from './pod-view.ts';
import type { SharedOperator } from './shared-operator.ts';

export const labelByHand = 'example.com/team';
const restMsMax = 8_000;
const lookMs = 1_000;

export interface WorldOptions {
  readonly host: Host;
  readonly plan: Plan;
  readonly namespace: string;
  readonly operator: SharedOperator;
}

export class World implements Tenant {
  readonly name: string;
  readonly judge: Judge;
  /** What happened, with times. */
  readonly history: string[] = [];
  /** Somebody else's label is on the client Service. */
  hasLabel = false;
  replicas: number;
  /** Of the fleet after the last edit. */
  generation = 1;
  readonly #options: WorldOptions;
  readonly #fates: PodFates;
  readonly #pods = new Map<string, Pod>();
  readonly #said = new Map<string, string>();
  readonly #startedMs = performance.now();
  private constructor(options: WorldOptions) {
    const { host, plan } = options;
    this.#options = options;
    this.name = `feed-${plan.seed}`;
    this.replicas = plan.replicas;
    this.judge = new Judge(plan.rollout, plan.replicas);
    this.#fates = new PodFates(host.runner, plan.warmUpMs, (pod) => {
      this.judge.take(pod.metadata.uid ?? '');
    });
  }

  /** Makes the fleet, in a namespace that is there. */
  static async create(options: WorldOptions): Promise<World> {
    const world = new World(options);
    const { host, namespace, plan } = options;
    host.enter(namespace, world.name, world);
    await host.client.create(thunderFleets, {
      apiVersion,
      kind: names.kind,
      metadata: { namespace, name: world.name },
      spec: {
        image: 'thunder:a',
        kafka: { brokers: ['127.0.0.1:1'] },
        serving: { replicas: plan.replicas },
        rollout: plan.rollout,
      },
    });
    return world;
  }

  fateOf(pod: Pod): PodFate {
    return this.#fates.of(pod);
  }

  onPod({ before, after }: Change<Pod>): void {
    if (before !== undefined && before.metadata.uid !== after?.metadata.uid) {
      this.#pods.delete(before.metadata.uid ?? '');
      this.#see(before, false);
    }
    if (after !== undefined) {
      this.#pods.set(after.metadata.uid ?? '', after);
      this.#see(after, true);
    }
  }

  onDeployment({ metadata, spec, status }: Deployment): void {
    const { replicas, paused = false, minReadySeconds } = spec ?? {};
    const { availableReplicas = 0, observedGeneration } = status ?? {};
    const isSeen = observedGeneration === metadata.generation ? '' : ', not seen yet';
    this.#sayNew(
      'Deployment',
      `${imageOf(spec?.template ?? {})} x${replicas}${paused ? ' paused' : ''} minReady ${minReadySeconds}: ${availableReplicas} available${isSeen}`,
    );
  }

  onReplicaSet({ metadata, spec, status }: ReplicaSet, isThere: boolean): void {
    const size = isThere ? (spec?.replicas ?? 0) : 0;
    const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
    this.#sayNew(
      metadata.name,
      `${imageOf(spec?.template ?? {})} x${size}: ${replicas} there, ${readyReplicas} ready, ${availableReplicas} available`,
    );
    this.#judging(() => this.judge.seeSet(metadata.uid ?? '', size));
  }

  get ref(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.#options.namespace, name: this.name };
  }

  async edit(spec: JsonObject): Promise<void> {
    const edited = await this.#options.host.client.patch(thunderFleets, this.ref, { spec });
    this.generation = edited.metadata.generation ?? 0;
  }

  async annotate(annotations: JsonObject): Promise<void> {
    await this.#options.host.client.patch(thunderFleets, this.ref, { metadata: { annotations } });
  }

  async scale(replicas: number, more: JsonObject = {}): Promise<void> {
    this.replicas = replicas;
    this.judge.want(replicas);
    await this.edit({ ...more, serving: { replicas } });
  }

  async act(action: Action): Promise<void> {
    const { operator } = this.#options;
    this.say(`* ${describeAction(action)}`);
    switch (action.kind) {
      case 'image':
        return this.edit({ image: action.image });
      case 'scale':
        return this.scale(action.replicas);
      case 'pause':
        return this.edit({ paused: action.paused });
      case 'rollback':
        return this.edit({ rollout: { autoRollback: action.autoRollback } });
      case 'ask':
        return this.annotate({ [annotationKeys[action.annotation]]: String(this.history.length) });
      case 'hand':
        return this.#byHand(action.edit);
      case 'lose':
        return this.#losePod(action);
      case 'mend':
        return this.mendPods();
      case 'errors':
        return operator.spoil(action);
      case 'cut':
        return operator.cutWatches();
      case 'double':
        return operator.doubleEvents(action.on);
      case 'away':
        return operator.away(action.ms);
      case 'kill':
        return operator.killAtWrite(action);
      case 'restart':
        return operator.restart();
      case 'rest':
        return this.#rest();
      default:
        return action satisfies never;
    }
  }

  mendPods(): void {
    for (const { metadata } of this.#fates.mend([...this.#pods.values()])) {
      this.judge.giveBack(metadata.uid ?? '');
    }
  }

  /** Tells the judge what everybody knows by now. Answers whether all is as the spec says. */
  async look(): Promise<boolean> {
    const { judge } = this;
    const { namespace, host } = this.#options;
    const { client } = host;
    // In this order: each is as new as the one before, and pods are newest.
    const fleet = await client.get(thunderFleets, this.ref);
    const serving = await client.get(deployments, {
      namespace,
      name: childName(this, 'serving'),
    });
    const { items } = await client.list(podType, {
      namespace,
      labelSelector: `${labelKeys.fleet}=${this.name}`,
    });
    const seen = items.map(toSeenPod).filter(({ isLive }) => isLive);
    const state = (pods: readonly { uid: string; isReady: boolean }[]): string =>
      pods
        .map(({ uid, isReady }) => `${uid} ${isReady}`)
        .toSorted()
        .join();
    if (state(seen) !== state(judge.live)) return false;
    const ready = judge.ready.length;
    const {
      replicas: all = 0,
      updatedReplicas: updated = 0,
      availableReplicas: available = 0,
      readyReplicas = 0,
      observedGeneration,
    } = serving?.status ?? {};
    const said = fleet?.status as { observedGeneration?: number; readyReplicas?: number };
    const isObserved =
      observedGeneration === serving?.metadata.generation &&
      said?.observedGeneration === fleet?.metadata.generation;
    if (!isObserved || readyReplicas !== ready || said?.readyReplicas !== ready) return false;
    judge.noticed();
    const counts = [serving?.spec?.replicas, all, updated, available, judge.live.length, ready];
    if (counts.some((count) => count !== this.replicas)) return false;
    judge.whole();
    this.say('whole');
    return true;
  }

  async waitUntilWhole(withinMs: number): Promise<void> {
    await waitFor('the fleet is whole', () => this.look(), { withinMs, pollMs: lookMs });
  }

  stop(): void {
    const { host, namespace } = this.#options;
    this.#fates.stop();
    host.leave(namespace, this.name);
  }

  say(what: string): void {
    const ms = Math.round(performance.now() - this.#startedMs);
    this.history.push(`${String(ms).padStart(7)} ms ${what}`);
  }

  #sayNew(what: string, text: string): void {
    if (this.#said.get(what) === text) return;
    this.#said.set(what, text);
    this.say(`    ${what} ${text}`);
  }

  #see(pod: Pod, isThere: boolean): void {
    const seen = toSeenPod(pod);
    const now = isThere ? seen : { ...seen, isLive: false, isReady: false };
    const known = this.judge.live.find(({ uid }) => uid === seen.uid);
    if (known?.isReady !== now.isReady || (known === undefined) === now.isLive) {
      const how = now.isReady ? 'ready' : now.isLive ? 'unready' : 'gone';
      this.say(`  ${imageOf(pod)} ${seen.name} ${how}`);
    }
    this.#judging(() => this.judge.see(now));
  }

  #judging(judge: () => void): void {
    const before = this.judge.violations.length;
    judge();
    for (const violation of this.judge.violations.slice(before))
      this.say(`VIOLATION: ${violation}`);
  }

  async #losePod({ how, which }: Extract<Action, { kind: 'lose' }>): Promise<void> {
    const ready = this.judge.ready;
    const chosen = ready[Math.floor(which * ready.length)];
    const pod = this.#pods.get(chosen?.uid ?? '');
    if (chosen === undefined || pod === undefined) return;
    const { uid, name } = chosen;
    this.say(`  the test takes ${name}`);
    this.judge.take(uid);
    if (how === 'delete') {
      const { namespace } = this.#options;
      await this.#options.host.client.delete(podType, { namespace, name });
    } else {
      const unready: PodFate = { kind: 'replaying', progress: 0.9 };
      this.#fates.makeIll(pod, how === 'crash' ? { kind: 'crashLooping' } : unready);
    }
  }

  async #byHand(edit: Extract<Action, { kind: 'hand' }>['edit']): Promise<void> {
    const { client } = this.#options.host;
    const ref = (role: Parameters<typeof childName>[1]) => ({
      namespace: this.#options.namespace,
      name: childName(this, role),
    });
    try {
      if (edit === 'service') {
        this.hasLabel = false;
        await client.delete(services, ref('client'));
      } else if (edit === 'label') {
        await client.patch(services, ref('client'), {
          metadata: { labels: { [labelByHand]: 'feed' } },
        });
        this.hasLabel = true;
      } else if (edit === 'budget') {
        await client.patch(podDisruptionBudgets, ref('serving'), { spec: { maxUnavailable: 3 } });
      } else if (edit === 'deployment pause') {
        await client.patch(deployments, ref('serving'), { spec: { paused: true } });
      } else {
        const serving = await client.get(deployments, ref('serving'));
        const containers = serving?.spec?.template.spec?.containers ?? [];
        const changed = containers.map((each) => ({ ...each, image: imageByHand }));
        await client.patch(deployments, ref('serving'), {
          spec: { template: { spec: { containers: changed } } },
        });
      }
    } catch (error) {
      // It is not there, because of the edit before.
      if (!isKubeError(error, 'NOT_FOUND')) throw error;
    }
  }

  async #rest(): Promise<void> {
    const untilMs = performance.now() + restMsMax;
    await waitFor(
      'it is whole, or was given time',
      async () => (await this.look()) || performance.now() > untilMs,
      { withinMs: restMsMax + 60_000, pollMs: lookMs },
    );
  }
}
