/**
 * The same decisions with Kubernetes' own Deployment and ReplicaSet controllers: what the model
 * supposes of them is so. Nobody runs the pods; the test says of each when it is ready.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { servingDeployment } from '#operator/desired/deployments.ts';
import { firstRevision } from '#operator/desired/example-objects.suite.ts';
import { fieldManager, labelKeys } from '#operator/desired/names.ts';
import type { Revision } from '#operator/desired/revision.ts';
import { servingTemplate } from '#operator/desired/serving-template.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import { fleetOf } from '#operator/fleet/fleet-fixture.suite.ts';
import { loadAccess } from '#operator/kube/access.ts';
import { createKubeClient } from '#operator/kube/client.ts';
import { systemClock } from '#operator/kube/clock.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import type { KubeObject, ResourceType } from '#operator/kube/objects.ts';
import type { KubeClient } from '#operator/kube/ports.ts';
import { createTransport } from '#operator/kube/transport.ts';
import { deployments, pods, replicaSets } from '#operator/kube/types.ts';
import { heldMinReadySeconds } from '#operator/limits.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { applyVerdicts, lastGoodOf } from './apply-verdicts.ts';
import { type PodObject, toPodFacts } from './pod-facts.ts';
import type { AppliedDeployment, RolloutFacts } from './rollout-facts.ts';
import { factsOf } from './rollout-fixture.suite.ts';
import type { RolloutState } from './rollout-state.ts';
import { stepRollout } from './step-rollout.ts';

const deadlineMs = 60_000;

interface DeploymentObject extends KubeObject {
  readonly spec: {
    readonly replicas: number;
    readonly minReadySeconds: number;
    readonly paused?: boolean;
    readonly template: { readonly metadata: { readonly labels: Record<string, string> } };
  };
  readonly status: { readonly observedGeneration?: number; readonly availableReplicas?: number };
}
interface PodReport extends KubeObject {
  readonly status: object;
}
interface ReplicaSetObject extends KubeObject {
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly availableReplicas?: number };
}

/** A fleet in a namespace of its own, and the little of an operator that a rollout needs. */
class RealFleet {
  readonly fleet: Fleet;
  state: RolloutState = { kind: 'idle', sinceMs: Date.now() };
  changes: Partial<RolloutFacts> = {};
  /** Revisions whose pods crash instead of becoming ready. */
  readonly broken = new Set<string>();
  leastReady = Infinity;
  mostPods = 0;
  readonly #client: KubeClient;
  #revisions: Revision[] = [];
  #target = '';

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.fleet = fleetOf({ serving: { replicas: 3 } }, { namespace });
  }

  /** Another image is another revision. */
  want(image: string): string {
    const made = firstRevision(this.fleet, servingTemplate(this.fleet, image));
    if (!this.#revisions.some(({ id }) => id === made.id)) {
      this.#revisions.push({ ...made, number: this.#revisions.length + 1 });
    }
    this.#target = made.id;
    return made.id;
  }

  /** Passes until the state is this. */
  async until(kind: RolloutState['kind'], alsoAfter = 0): Promise<void> {
    const endMs = Date.now() + deadlineMs;
    let passes = 0;
    while (this.state.kind !== kind || passes <= alsoAfter) {
      assert.ok(Date.now() < endMs, `still ${this.state.kind}, not ${kind}`);
      await this.pass();
      passes += 1;
      await pause(100);
    }
  }

  async pass(): Promise<void> {
    const items = await this.#list();
    const seen = items.filter(({ kind }) => kind === 'Pod') as PodObject[];
    const facts = seen.map((pod) => toPodFacts(pod, null, Date.now()));
    const ready = facts.filter((pod) => pod.isReady).length;
    this.leastReady = Math.min(this.leastReady, ready);
    this.mostPods = Math.max(this.mostPods, facts.filter((pod) => !pod.isTerminating).length);
    const refused = this.#revisions.some(
      ({ id, verdict }) => id === this.#target && verdict === 'bad',
    );
    const outcome = stepRollout(this.state, {
      ...factsOf(this.changes),
      nowMs: Date.now(),
      target: { id: this.#target, isRefused: refused, updateSeen: null },
      lastGood: lastGoodOf(this.#revisions),
      applied: appliedOf(items),
      pods: facts,
    });
    this.state = outcome.state;
    this.#revisions = applyVerdicts(this.#revisions, outcome.verdicts);
    const { plan } = outcome;
    const revision = this.#revisions.find(({ id }) => id === plan?.revision);
    assert.ok(plan !== null && revision !== undefined);
    const wanted: KubeObject = servingDeployment(this.fleet, revision, plan);
    await this.#client.apply<KubeObject>(deployments, wanted);
    await Promise.all(seen.map((pod) => this.#live(pod)));
  }

  async #list(): Promise<readonly KubeObject[]> {
    const { namespace } = this.fleet;
    const types: readonly ResourceType[] = [deployments, replicaSets, pods];
    const lists = await Promise.all(types.map((type) => this.#client.list(type, { namespace })));
    return lists.flatMap(({ items }) => items);
  }

  /** What a kubelet would report. */
  async #live(pod: PodObject): Promise<void> {
    const { name, labels, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined || pod.status?.containerStatuses !== undefined) return;
    const isBroken = this.broken.has(labels?.[labelKeys.revision] ?? '');
    const longAgo = new Date(Date.now() - 60_000).toISOString();
    const state = isBroken ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: {} };
    const container = {
      name: 'thunder',
      image: 'i',
      imageID: '',
      ready: !isBroken,
      restartCount: 0,
    };
    const status = {
      conditions: [
        { type: 'Ready', status: isBroken ? 'False' : 'True', lastTransitionTime: longAgo },
      ],
      containerStatuses: [{ ...container, state }],
    };
    const { apiVersion, kind } = pod;
    const metadata = { name, namespace: this.fleet.namespace };
    const report: PodReport = { apiVersion, kind, metadata, status };
    await this.#client.applyStatus<KubeObject>(pods, report).catch((error: unknown) => {
      // It was removed since it was listed.
      assert.ok(isKubeError(error, 'NOT_FOUND'), String(error));
    });
  }
}

function appliedOf(items: readonly KubeObject[]): AppliedDeployment | null {
  const found = items.find(({ kind }) => kind === 'Deployment') as DeploymentObject | undefined;
  if (found === undefined) return null;
  const { spec, status, metadata } = found;
  const sets = items.filter(({ kind }) => kind === 'ReplicaSet') as ReplicaSetObject[];
  return {
    revision: spec.template.metadata.labels[labelKeys.revision] ?? '',
    replicas: spec.replicas,
    isHeld: spec.minReadySeconds === heldMinReadySeconds,
    isPaused: spec.paused === true,
    isObserved: (status.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    available: status.availableReplicas ?? 0,
    replicaSets: sets.map((set) => ({
      revision: set.metadata.labels?.[labelKeys.revision] ?? '',
      replicas: set.spec.replicas,
      available: set.status?.availableReplicas ?? 0,
      size: set.spec.replicas,
      sizedFor: spec.replicas,
    })),
    createFailure: null,
  };
}

describe('with the real controllers', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  let client: KubeClient;
  before(async () => {
    plane = await startControlPlane();
    const transport = createTransport({
      access: loadAccess({ kubeconfig: plane.kubeconfig }),
      clock: systemClock,
      metrics: createKubeMetrics(),
      userAgent: 'rollout-test/0',
    });
    client = createKubeClient({ transport, fieldManager });
  });
  after(async () => {
    client.close();
    await plane.stop();
  });

  async function started(): Promise<RealFleet> {
    const namespace = await plane.createNamespace();
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'home-feed', namespace },
    };
    await plane.kubectl(['create', '-f', '-'], JSON.stringify(account));
    const fleet = new RealFleet(client, namespace);
    fleet.want('image:1');
    await fleet.pass();
    await fleet.until('idle');
    fleet.leastReady = Infinity;
    fleet.mostPods = 0;
    return fleet;
  }

  it('a rollout replaces pods one by one, and none that answers is missed', async () => {
    const fleet = await started();
    fleet.want('image:2');
    await fleet.until('rolling');
    await fleet.until('idle');
    assert.deepEqual([fleet.leastReady, fleet.mostPods], [3, 4]);
  });

  it('a bad one goes back, with every old pod still there', async () => {
    const fleet = await started();
    fleet.changes = { autoRollback: true };
    fleet.broken.add(fleet.want('image:2'));
    await fleet.until('rolledBack', 10);
    assert.deepEqual([fleet.leastReady, fleet.mostPods], [3, 4]);
    await fleet.until('rolledBack', 10);
    fleet.want('image:3');
    await fleet.until('idle');
    assert.equal(fleet.leastReady, 3);
  });

  it('a wait after the first pod holds, and an edit then takes no pod that is counted on', async () => {
    const fleet = await started();
    fleet.changes = { holdMs: 3_600_000 };
    fleet.want('image:2');
    await fleet.until('holding', 10);
    assert.deepEqual([fleet.leastReady, fleet.mostPods], [3, 4]);
    fleet.want('image:3');
    await fleet.until('rolling');
    await fleet.until('holding', 5);
    fleet.changes = { ...fleet.changes, continueRequest: 'now' };
    await fleet.until('idle');
    assert.equal(fleet.leastReady, 3);
  });
});
