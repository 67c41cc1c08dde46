/** The informer against a real API server, with everything that can happen to a watch in between. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { defineResource, type KubeObject } from '#operator/kube/objects.ts';
import type { Informer } from '#operator/kube/ports.ts';
import { type ConfigMap, configMaps } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { type FaultProxy, startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { type KubeForTest, kubeForTest } from './kube-for-test.ts';

/** Short watches, so that a dead one is noticed within the patience of a test. */
const watchTimeoutMs = 1_000;

describe('an informer on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true, controllers: false });
  });
  after(() => plane?.stop());

  it('lists, follows changes and finds by owner, label and index', async (t) => {
    const { namespace, direct } = await arrange(t);
    const informer = direct.informer(configMaps, {
      namespace,
      indexes: { byFirst: (map) => Object.values(map.data ?? {}) },
    });
    const keys: string[] = [];
    informer.onChange(({ key, before, after }) => {
      keys.push(`${key.split('/')[1]} ${before?.data?.['v'] ?? '-'} ${after?.data?.['v'] ?? '-'}`);
    });
    await informer.whenSynced();
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'the-owner' };
    await direct.client.create(configMaps, {
      ...configMap(namespace, 'a', '1'),
      metadata: { namespace, name: 'a', labels: { app: 'x', tier: 'y' }, ownerReferences: [owner] },
    });
    await direct.client.patch(configMaps, { namespace, name: 'a' }, { data: { v: '2' } });
    await waitFor('the change is here', () => valueOf(informer, namespace, 'a') === '2');
    assert.deepEqual(informer.byOwner('the-owner').map(nameOf), ['a']);
    assert.deepEqual(informer.byLabels({ tier: 'y', app: 'x' }).map(nameOf), ['a']);
    assert.deepEqual(informer.byLabels({ tier: 'y', app: 'z' }), []);
    assert.deepEqual(informer.byIndex('byFirst', '2').map(nameOf), ['a']);
    assert.deepEqual(informer.byIndex('byFirst', '1'), []);
    assert.equal(await direct.client.delete(configMaps, { namespace, name: 'a' }), true);
    await waitFor('it is gone', () => informer.get(`${namespace}/a`) === undefined);
    assert.deepEqual(informer.byOwner('the-owner'), []);
    assert.deepEqual(keys, ['a - 1', 'a 1 2', 'a 2 -']);
  });

  it('reads a list that needs several pages', async (t) => {
    const { namespace, direct, proxy, proxied } = await arrange(t);
    await createMany(direct, namespace, 1_101);
    const informer = proxied.informer(configMaps, { namespace });
    await informer.whenSynced();
    assert.equal(informer.size, 1_101);
    assert.equal(proxy.requests.filter(({ isWatch }) => !isWatch).length, 3);
  });

  it('lists once more, and misses nothing, after etcd was compacted and the server restarted', async (t) => {
    const { namespace, direct, proxy, proxied } = await arrange(t);
    await createMany(direct, namespace, 3);
    const informer = proxied.informer(configMaps, { namespace });
    await informer.whenSynced();
    await waitFor('a watch is open', () => proxy.openWatches === 1);
    // No new watch until the old version is forgotten.
    proxy.decide = ({ isWatch }) => (isWatch ? { kind: 'refuse', status: 503 } : undefined);
    proxy.cutWatches();
    await waitFor('the watch is gone', () => proxy.openWatches === 0);
    await direct.client.delete(configMaps, { namespace, name: 'm0' });
    await direct.client.patch(configMaps, { namespace, name: 'm1' }, { data: { v: 'new' } });
    await direct.client.create(configMaps, configMap(namespace, 'late', 'late'));
    await plane.local?.compact();
    await plane.local?.apiServer.kill();
    plane.local?.apiServer.start();
    await plane.local?.waitUntilReady();
    const listsBefore = proxied.metrics.lists.total();
    proxy.decide = () => undefined;
    await waitFor('all is here', () => valueOf(informer, namespace, 'late') === 'late');
    assert.equal(valueOf(informer, namespace, 'm1'), 'new');
    assert.equal(informer.get(`${namespace}/m0`), undefined);
    assert.ok(proxied.metrics.watchFailures.get('configmaps', 'GONE') >= 1, 'no 410 came');
    assert.equal(proxied.metrics.lists.total() - listsBefore, 1);
    await waitFor('a watch is open', () => proxy.openWatches === 1);
  });

  it('notices a watch that died without a word', async (t) => {
    const { namespace, direct, proxy, proxied } = await arrange(t);
    const informer = proxied.informer(configMaps, { namespace, watchTimeoutMs });
    await informer.whenSynced();
    await waitFor('a watch is open', () => proxy.openWatches === 1);
    proxy.silenceWatches();
    await direct.client.create(configMaps, configMap(namespace, 'unheard', '1'));
    await waitFor('it was noticed', () => valueOf(informer, namespace, 'unheard') === '1');
    assert.equal(proxied.metrics.lists.total(), 1);
    assert.equal(proxied.metrics.watchFailures.get('configmaps', 'TIMEOUT'), 1);
  });

  it('resumes from where a watch was cut, without a list', async (t) => {
    const { namespace, direct, proxy, proxied } = await arrange(t);
    const informer = proxied.informer(configMaps, { namespace });
    await informer.whenSynced();
    for (const name of ['a', 'b', 'c']) {
      await waitFor('a watch is open', () => proxy.openWatches === 1);
      proxy.cutWatches();
      await direct.client.create(configMaps, configMap(namespace, name, name));
      await waitFor(`${name} is here`, () => valueOf(informer, namespace, name) === name);
    }
    assert.equal(proxied.metrics.lists.total(), 1);
  });

  it('is right again soon after the return of a server that was away', async (t) => {
    const { namespace, direct, proxy, proxied } = await arrange(t);
    const informer = proxied.informer(configMaps, { namespace });
    await informer.whenSynced();
    await proxy.goAway();
    await direct.client.create(configMaps, configMap(namespace, 'meanwhile', '1'));
    const isPatient = (): boolean => proxied.metrics.watchFailures.total() >= 8;
    await waitFor('its back-off is at the ceiling', isPatient);
    await proxy.comeBack();
    const backMs = performance.now();
    await waitFor('it is right', () => valueOf(informer, namespace, 'meanwhile') === '1');
    t.diagnostic(`right again after ${Math.round(performance.now() - backMs)} ms`);
    assert.equal(proxied.metrics.lists.total(), 1);
  });

  it('comes back when the server asked it to, and not before', async (t) => {
    const { namespace, proxy, proxied } = await arrange(t);
    proxy.decide = ({ index }) =>
      index === 0 ? { kind: 'refuse', status: 429, retryAfterSeconds: 1 } : undefined;
    const startedMs = performance.now();
    await proxied.informer(configMaps, { namespace }).whenSynced();
    assert.ok(performance.now() - startedMs >= 1_000);
    assert.equal(proxied.metrics.watchFailures.get('configmaps', 'TOO_MANY_REQUESTS'), 1);
  });

  it('takes an event twice without telling twice, and lists on a 410 inside a stream', async (t) => {
    const { namespace, direct, proxy, proxied } = await arrange(t);
    proxy.duplicateEvents = true;
    const informer = proxied.informer(configMaps, { namespace });
    const told: string[] = [];
    informer.onChange(({ key }) => told.push(key));
    await informer.whenSynced();
    await waitFor('a watch is open', () => proxy.openWatches === 1);
    await direct.client.create(configMaps, configMap(namespace, 'a', '1'));
    await direct.client.delete(configMaps, { namespace, name: 'a' });
    await direct.client.create(configMaps, configMap(namespace, 'a', '2'));
    await waitFor('the last is here', () => valueOf(informer, namespace, 'a') === '2');
    assert.equal(told.length, 3);
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    proxy.injectIntoWatches({ type: 'ERROR', object: status });
    await waitFor('it listed', () => proxied.metrics.lists.total() === 2);
    await waitFor('a watch is open', () => proxy.openWatches === 1);
    assert.equal(told.length, 3);
  });

  it('goes on when its type is taken away and comes back', async (t) => {
    const { namespace, direct } = await arrange(t);
    const crd = JSON.stringify(gadgetDefinition);
    const define = async (): Promise<void> => {
      await plane.kubectl(['apply', '-f', '-'], crd);
      await plane.kubectl(['wait', '--for=condition=Established', 'crd/gadgets.example.com']);
    };
    await define();
    const informer = direct.informer(gadgets, { namespace });
    await informer.whenSynced();
    await direct.client.create(gadgets, gadget(namespace, 'first'));
    await waitFor('it is here', () => informer.get(`${namespace}/first`) !== undefined);
    await plane.kubectl(['delete', 'crd', 'gadgets.example.com', '--timeout=30s']);
    await waitFor('it is gone', () => informer.size === 0);
    const isMissed = () => direct.metrics.watchFailures.get('gadgets', 'NOT_FOUND') > 0;
    await waitFor('the type is missed', isMissed);
    await define();
    await direct.client.create(gadgets, gadget(namespace, 'second'));
    await waitFor('the second is here', () => informer.get(`${namespace}/second`) !== undefined);
    assert.equal(informer.size, 1);
  });

  it('leaves nothing behind when it is stopped', async (t) => {
    const { namespace, proxy, proxied } = await arrange(t);
    const informer = proxied.informer(configMaps, { namespace });
    await informer.whenSynced();
    await waitFor('a watch is open', () => proxy.openWatches === 1);
    await informer.stop();
    await waitFor('the watch is gone', () => proxy.openWatches === 0);
  });

  async function arrange(t: TestContext): Promise<{
    readonly namespace: string;
    readonly direct: KubeForTest;
    readonly proxy: FaultProxy;
    readonly proxied: KubeForTest;
  }> {
    const namespace = await plane.createNamespace();
    const direct = kubeForTest(t, plane.kubeconfig);
    const proxy = await startFaultProxy(plane);
    const proxied = kubeForTest(t, proxy.kubeconfig);
    t.after(() => proxy.stop());
    return { namespace, direct, proxy, proxied };
  }
});

const gadgets = defineResource<KubeObject>({
  group: 'example.com',
  version: 'v1',
  kind: 'Gadget',
  plural: 'gadgets',
  namespaced: true,
});

const gadgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets' },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
    ],
  },
};

function gadget(namespace: string, name: string): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { namespace, name } };
}

function configMap(namespace: string, name: string, v: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { v } };
}

async function createMany(kube: KubeForTest, namespace: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  await Promise.all(
    names.map((name) => kube.client.create(configMaps, configMap(namespace, name, 'old'))),
  );
}

function valueOf(informer: Informer<ConfigMap>, namespace: string, name: string) {
  return informer.get(`${namespace}/${name}`)?.data?.['v'];
}

function nameOf(map: ConfigMap): string {
  return map.metadata.name;
}
