/**
 * What all interleavings of a round share: one control plane, one stand-in for its nodes, one look at
 * its pods. Groups of fleets have a namespace, an operator and a way to the API server of their own.
 */

import { labelKeys } from '#operator/desired/names.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import type { StoredFleet } from '#operator/fleet/fleet.ts';
import { loadAccess } from '#operator/kube/access.ts';
import { createKubeClient } from '#operator/kube/client.ts';
import { systemClock as kubeClock } from '#operator/kube/clock.ts';
import { createInformer } from '#operator/kube/informer.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import { type KubeObject, keyOf, type ObjectRef } from '#operator/kube/objects.ts';
import type { Change, Informer, KubeClient } from '#operator/kube/ports.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { createTransport } from '#operator/kube/transport.ts';
import {
  type Deployment,
  deployments,
  type Pod,
  pods as podType,
  type ReplicaSet,
  replicaSets,
} from '#operator/kube/types.ts';
import { installCrd } from '#operator/preflight.ts';
import {
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { type PodFate, PodRunner, ready } from '#test/components/control-plane/pod-runner.ts';

const startMsMax = 60_000;
/** The default of 20 is for few objects; here many fleets roll at once. */
const controllerRequestsPerSecond = 500;
/** Those that fleets need; endpoints and budgets, which nobody asks here, cost as much again. */
const controllerNames = [
  'deployment',
  'replicaset',
  'garbagecollector',
  'serviceaccount',
  'root-ca-certificate-publisher-controller',
];

/** Whose pods these are. */
export interface Tenant {
  fateOf(pod: Pod): PodFate;
  onPod(change: Change<Pod>): void;
  onDeployment(deployment: Deployment): void;
  onReplicaSet(set: ReplicaSet, isThere: boolean): void;
}

export class Host {
  readonly plane: TestControlPlane;
  /** Straight to the API server. */
  readonly client: KubeClient;
  readonly runner: PodRunner;
  readonly #pods: Informer<Pod>;
  readonly #fleets: Informer<StoredFleet>;
  readonly #others: readonly Informer<KubeObject>[];
  readonly #tenants = new Map<string, Tenant>();

  private constructor(
    plane: TestControlPlane,
    client: KubeClient,
    runner: PodRunner,
    pods: Informer<Pod>,
    fleets: Informer<StoredFleet>,
    serving: Informer<Deployment>,
    sets: Informer<ReplicaSet>,
  ) {
    this.plane = plane;
    this.client = client;
    this.runner = runner;
    this.#pods = pods;
    this.#fleets = fleets;
    this.#others = [serving, sets];
    runner.decide((pod) => this.#tenantOf(pod)?.fateOf(pod) ?? ready);
    pods.onChange((change) => {
      const pod = change.after ?? change.before;
      if (pod !== undefined && change.cause !== 'resync') this.#tenantOf(pod)?.onPod(change);
    });
    serving.onChange(({ after }) => {
      if (after !== undefined) this.#tenantOf(after)?.onDeployment(after);
    });
    sets.onChange(({ before, after }) => {
      const set = after ?? before;
      if (set !== undefined) this.#tenantOf(set)?.onReplicaSet(set, after !== undefined);
    });
  }

  static async start(): Promise<Host> {
    const plane = await startControlPlane({
      own: true,
      controllerRequestsPerSecond,
      controllerNames,
    });
    try {
      const { kubeconfig } = plane;
      const metrics = createKubeMetrics();
      const access = loadAccess({ kubeconfig });
      const transport = createTransport({
        ...{ access, clock: kubeClock, metrics, userAgent: 'test-rollouts' },
      });
      const client = createKubeClient({ transport, fieldManager: 'test-rollouts' });
      await installCrd(client, kubeClock, AbortSignal.timeout(startMsMax));
      const common = { client, clock: kubeClock, random: Math.random, log: silentLog, metrics };
      const labelSelector = labelKeys.fleet;
      const pods = createInformer<Pod>({ ...common, type: podType, labelSelector });
      const fleets = createInformer<StoredFleet>({ ...common, type: thunderFleets });
      const serving = createInformer<Deployment>({ ...common, type: deployments });
      const sets = createInformer<ReplicaSet>({ ...common, type: replicaSets });
      const runner = await PodRunner.start(kubeconfig);
      const host = new Host(plane, client, runner, pods, fleets, serving, sets);
      for (const informer of [pods, fleets, serving, sets]) {
        informer.start();
        await informer.whenSynced(AbortSignal.timeout(startMsMax));
      }
      return host;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  /** As last seen. */
  fleet(ref: ObjectRef): StoredFleet | undefined {
    return this.#fleets.get(keyOf(ref));
  }

  enter(namespace: string, fleet: string, tenant: Tenant): void {
    this.#tenants.set(`${namespace}/${fleet}`, tenant);
  }

  leave(namespace: string, fleet: string): void {
    this.#tenants.delete(`${namespace}/${fleet}`);
  }

  async stop(): Promise<void> {
    await this.#pods.stop();
    await this.#fleets.stop();
    await Promise.all(this.#others.map((informer) => informer.stop()));
    await this.runner.stop();
    this.client.close();
    await this.plane.stop();
  }

  #tenantOf({ metadata }: KubeObject): Tenant | undefined {
    return this.#tenants.get(`${metadata.namespace}/${metadata.labels?.[labelKeys.fleet]}`);
  }
}
