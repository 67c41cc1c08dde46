/**
 * What users and other controllers rely on: a status that is true, fields that come back, a scale
 * that scales and nothing else.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { names } from '#crds/thunder-fleet/crd.ts';
import { childName } from '#operator/desired/names.ts';
import type { KubeObject, ResourceType } from '#operator/kube/objects.ts';
import {
  deployments,
  networkPolicies,
  podDisruptionBudgets,
  secrets,
  serviceAccounts,
  services,
} from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, revisionOf, untilQuiet } from './operator-for-test.ts';

const restoredMsMax = 1_000;
const toldMsMax = 2_000;

describe('what others see of a fleet', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 5: Ready is about the newest generation, and false soon after the pods are unready', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace } = world;
    await world.start();
    const apply = (image: string) =>
      plane.kubectl(
        ['-n', namespace, 'apply', '-f', '-'],
        JSON.stringify({
          apiVersion: `${names.group}/${names.version}`,
          kind: names.kind,
          metadata: { name: 'feed' },
          spec: { image, kafka: { brokers: ['127.0.0.1:1'] } },
        }),
      );
    const untilReady = () =>
      plane.kubectl(['-n', namespace, 'wait', 'tf/feed', '--for=condition=Ready', '--timeout=50s']);
    await apply('thunder:1');
    await untilReady();
    assert.equal(readyOnes(world.runner.pods).length, 2);
    for (const image of ['thunder:2', 'thunder:3']) {
      await apply(image);
      await untilReady();
      const seen = await plane.kubectl([
        ...['-n', namespace, 'get', 'pods', '-o'],
        'jsonpath={.items[*].spec.containers[0].image}',
      ]);
      assert.equal(seen.stdout, `${image} ${image}`);
    }
    world.runner.decide(() => ({ kind: 'replaying', progress: 0.5 }));
    await waitFor('no pod is ready', () => readyOnes(world.runner.pods).length === 0);
    const unreadyMs = performance.now();
    await world.untilCondition('feed', 'Ready', { status: 'False', reason: 'PodsNotReady' });
    const toldMs = Math.round(performance.now() - unreadyMs);
    t.diagnostic(`told after ${toldMs} ms`);
    assert.ok(toldMs < toldMsMax);
    assert.equal((await world.condition('feed', 'Available'))?.status, 'False');
    const columns = await plane.kubectl(['-n', namespace, 'get', 'tf', 'feed', '--no-headers']);
    assert.match(columns.stdout, /^feed +2 +0 +2 /);
  });

  it('criterion 7: a field changed by hand is back at once, and fields of others stay', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await untilQuiet(world.proxy);
    const base = childName({ name }, 'client');
    const serving = childName({ name }, 'serving');
    const edits: readonly (readonly [ResourceType, string, Record<string, unknown>])[] = [
      [deployments, serving, { spec: { replicas: 5 } }],
      [deployments, serving, { spec: { strategy: { rollingUpdate: { maxUnavailable: 1 } } } }],
      [services, base, { spec: { publishNotReadyAddresses: true } }],
      [services, base, { spec: { selector: { 'thunder.dev/component': 'other' } } }],
      [podDisruptionBudgets, serving, { spec: { maxUnavailable: 2 } }],
      [serviceAccounts, base, { automountServiceAccountToken: true }],
      [networkPolicies, serving, { spec: { ingress: [] } }],
      [services, base, { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }],
      [services, base, { metadata: { ownerReferences: null } }],
      [secrets, childName({ name }, 'keys'), { data: { 'inputs-hash': null } }],
    ];
    const times: number[] = [];
    for (const [type, object, patch] of edits) {
      const before = await client.get(type, { namespace, name: object });
      const theirs = { metadata: { annotations: { 'example.com/theirs': 'kept' } } };
      await client.patch(type, { namespace, name: object }, theirs);
      await client.patch(type, { namespace, name: object }, patch);
      const sinceMs = performance.now();
      // The hash's key is random: another one takes its place.
      const isRandom = type === secrets;
      await waitFor(`${type.kind} is as before ${JSON.stringify(patch)}`, async () => {
        const now = await client.get(type, { namespace, name: object });
        return isRandom
          ? (now as { data?: Record<string, string> }).data?.['inputs-hash'] !== undefined
          : JSON.stringify(intentOf(now)) === JSON.stringify(intentOf(before)) && now;
      });
      times.push(Math.round(performance.now() - sinceMs));
      const after = await client.get(type, { namespace, name: object });
      assert.equal(after?.metadata.annotations?.['example.com/theirs'], 'kept');
    }
    const deleted: readonly (readonly [ResourceType, string])[] = [
      [services, base],
      [podDisruptionBudgets, serving],
      [networkPolicies, serving],
    ];
    for (const [type, object] of deleted) {
      await client.delete(type, { namespace, name: object });
      const sinceMs = performance.now();
      await waitFor(`${type.kind} is made anew`, () =>
        client.get(type, { namespace, name: object }),
      );
      times.push(Math.round(performance.now() - sinceMs));
    }
    t.diagnostic(`back after ${times.join(', ')} ms`);
    assert.ok((times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0) < restoredMsMax);
  });

  it('criterion 8: kubectl scale scales, through the subresource, and changes no template', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace } = world;
    await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const revisions = new Set(world.runner.pods.map(revisionOf));
    await plane.kubectl(['-n', namespace, 'scale', 'tf', name, '--replicas=4']);
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.equal(readyOnes(world.runner.pods).length, 4);
    assert.deepEqual(new Set(world.runner.pods.map(revisionOf)), revisions);
    const { stdout } = await plane.kubectl(['get', '--raw', scalePath(namespace, name)]);
    const scale = JSON.parse(stdout) as { status: { replicas: number; selector: string } };
    assert.equal(scale.status.replicas, 4);
    const selected = await plane.kubectl([
      ...['-n', namespace, 'get', 'pods', '-l', scale.status.selector, '-o', 'name'],
    ]);
    assert.equal(selected.stdout.trim().split('\n').length, 4);
    await plane.kubectl(['-n', namespace, 'scale', 'tf', name, '--replicas=1']);
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.deepEqual(new Set(world.runner.pods.map(revisionOf)), revisions);
  });
});

function scalePath(namespace: string, name: string): string {
  return `/apis/${names.group}/${names.version}/namespaces/${namespace}/${names.plural}/${name}/scale`;
}

/** What people change, without what servers and others write. */
function intentOf(object: KubeObject | undefined): unknown {
  const { status: _, metadata, ...rest } = (object ?? {}) as KubeObject & { status?: unknown };
  const { labels, ownerReferences } = metadata ?? {};
  return { ...rest, labels, ownerReferences };
}
