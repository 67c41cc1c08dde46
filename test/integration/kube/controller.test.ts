/** A small controller end to end: informer, queue, applier, and an API server that goes wrong. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { createApplier } from '#operator/kube/applier.ts';
import { systemClock } from '#operator/kube/clock.ts';
import { createController } from '#operator/kube/controller.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { type ConfigMap, configMaps, type Secret, secrets } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { kubeForTest, testManager } from './kube-for-test.ts';

const objects = 20;

describe('a controller on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true, controllers: false });
  });
  after(() => plane?.stop());

  it('gets everything done though every second write meets a conflict', async (t) => {
    const { proxy, hasConverged, edit, createAll } = await arrange(t);
    let writes = 0;
    proxy.decide = ({ isWrite }) => {
      if (isWrite) writes += 1;
      return isWrite && writes % 2 === 0 ? { kind: 'refuse', status: 409 } : undefined;
    };
    await createAll();
    await waitFor('all children are right', () => hasConverged('1'));
    await edit('2');
    await waitFor('all children follow', () => hasConverged('2'));
  });

  it('waits as long as the server asks, and lets nobody else wait', async (t) => {
    const { proxy, child, createAll } = await arrange(t);
    let refusedMs = 0;
    let againMs = 0;
    proxy.decide = ({ isWrite, path }) => {
      if (!isWrite || !path.endsWith('/m0')) return undefined;
      if (refusedMs !== 0) {
        againMs = performance.now();
        return undefined;
      }
      refusedMs = performance.now();
      return { kind: 'refuse', status: 429, retryAfterSeconds: 2 };
    };
    await createAll();
    const others = Array.from({ length: objects - 1 }, (_, index) => `m${index + 1}`);
    await waitFor('the others are right', () => others.every((name) => child(name) === '1'));
    assert.equal(child('m0'), undefined);
    await waitFor('it is right too', () => child('m0') === '1');
    assert.ok(againMs - refusedMs >= 2_000, `${againMs - refusedMs} ms`);
  });

  it('works on others while one write hangs and the server answers 500 now and then', async (t) => {
    const { proxy, child, createAll, hasConverged } = await arrange(t);
    let hung = 0;
    let writes = 0;
    proxy.decide = ({ isWrite, path }) => {
      if (!isWrite) return undefined;
      writes += 1;
      if (path.endsWith('/m0') && hung === 0) {
        hung += 1;
        return { kind: 'delay', ms: 5_000 };
      }
      return writes % 3 === 0 ? { kind: 'refuse', status: 500 } : undefined;
    };
    await createAll();
    const others = Array.from({ length: objects - 1 }, (_, index) => `m${index + 1}`);
    await waitFor('the others are right', () => others.every((name) => child(name) === '1'));
    assert.equal(child('m0'), undefined);
    await waitFor('all is right', () => hasConverged('1'));
  });

  it('writes nothing once all is right: not on resyncs, nor when the server was away', async (t) => {
    const { proxy, hasConverged, createAll, passes, child } = await arrange(t, { resyncMs: 300 });
    await createAll();
    await waitFor('all children are right', () => hasConverged('1'));
    const writes = () => proxy.requests.filter(({ isWrite }) => isWrite).length;
    const settled = passes() + 2 * objects;
    await waitFor('every cache has seen the last write', () => passes() > settled);
    const before = writes();
    const passesBefore = passes();
    await plane.local?.apiServer.kill();
    plane.local?.apiServer.start();
    await plane.local?.waitUntilReady();
    await waitFor('watches are open again', () => proxy.openWatches === 2);
    const enough = passes() + 5 * objects;
    await waitFor('some more resyncs', () => passes() >= enough);
    t.diagnostic(`${passes() - passesBefore} passes, ${writes() - before} writes`);
    assert.equal(writes() - before, 0);
    assert.equal(child('m0'), '1');
  });

  /** The controller keeps a Secret for every ConfigMap that it sees, with its value. */
  async function arrange(t: TestContext, options: { readonly resyncMs?: number } = {}) {
    const proxy = await startFaultProxy(plane);
    t.after(() => proxy.stop());
    const namespace = await plane.createNamespace();
    const users = kubeForTest(t, plane.kubeconfig);
    const kube = kubeForTest(t, proxy.kubeconfig);
    const labelSelector = 'watched=yes';
    const parents = kube.informer(configMaps, { namespace, labelSelector, ...options });
    const children = kube.informer(secrets, { namespace, fieldManager: testManager });
    await Promise.all([parents.whenSynced(), children.whenSynced()]);
    const applier = createApplier({ client: kube.client, fieldManager: testManager });
    let passes = 0;
    const controller = createController({
      name: 'copies',
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      metrics: kube.metrics,
      async reconcile(key) {
        passes += 1;
        const parent = parents.get(key);
        if (parent !== undefined) await applier.apply(secrets, copyOf(parent), children.get(key));
        return undefined;
      },
    });
    for (const informer of [parents, children]) {
      informer.onChange(({ key }) => controller.queue.add(key));
    }
    const ending = new AbortController();
    const running = controller.run(ending.signal);
    t.after(async () => {
      ending.abort();
      await running;
    });
    const names = Array.from({ length: objects }, (_, index) => `m${index}`);
    const child = (name: string): string | undefined => {
      const value = children.get(`${namespace}/${name}`)?.data?.['v'];
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
    };
    return {
      proxy,
      child,
      passes: () => passes,
      hasConverged: (v: string) => names.every((name) => child(name) === v),
      createAll: () =>
        Promise.all(
          names.map((name) => users.client.create(configMaps, parentOf(namespace, name))),
        ),
      edit: (v: string) =>
        Promise.all(
          names.map((name) => users.client.patch(configMaps, { namespace, name }, { data: { v } })),
        ),
    };
  }
});

function parentOf(namespace: string, name: string): ConfigMap {
  const metadata = { namespace, name, labels: { watched: 'yes' } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { v: '1' } };
}

function copyOf({ metadata: { namespace, name }, data }: ConfigMap): Secret {
  const value = Buffer.from(data?.['v'] ?? '').toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    type: 'Opaque',
    data: { v: value },
  };
}
