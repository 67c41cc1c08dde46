/** Applying against a real API server: what is written, what is not, and whose field is whose. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { createApplier } from '#operator/kube/applier.ts';
import type { Intent } from '#operator/kube/ports.ts';
import { type Deployment, deployments } from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { kubeForTest, testManager } from './kube-for-test.ts';

describe('an applier on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true, controllers: false });
  });
  after(() => plane?.stop());

  it('writes once, and nothing more while all agrees', async (t) => {
    const { apply, writes } = await arrange(t);
    assert.equal((await apply()).changed, true);
    for (let pass = 0; pass < 5; pass++) assert.equal((await apply()).changed, false);
    assert.equal(writes(), 1);
  });

  it('writes nothing after a restart, if the intent is in the words of the server', async (t) => {
    const { apply, restart, writes } = await arrange(t);
    await apply();
    restart();
    assert.equal((await apply()).changed, false);
    assert.equal(writes(), 1);
  });

  it('writes nothing twice where the server has other words for the same', async (t) => {
    const { apply, restart, writes } = await arrange(t, { cpu: '1000m' });
    const { object } = await apply();
    const [container] = object.spec?.template.spec?.containers ?? [];
    assert.equal(container?.resources?.requests?.['cpu'], '1');
    await apply();
    assert.equal(writes(), 1);
    // What was remembered is gone: it costs a request, which changes nothing.
    restart();
    assert.equal((await apply()).changed, false);
    await apply();
    assert.equal(writes(), 2);
  });

  it('takes back what was changed by hand, and leaves what others added', async (t) => {
    const { apply, ref, seen, live } = await arrange(t);
    await apply();
    const edit = ['-n', ref.namespace, 'patch', 'deployment', ref.name, '-p'];
    await plane.kubectl([
      ...edit,
      '{"spec":{"replicas":5},"metadata":{"annotations":{"by":"hand"}}}',
    ]);
    await seen('the edit', () => live()?.spec?.replicas === 5);
    const { object, changed } = await apply();
    assert.deepEqual([changed, object.spec?.replicas], [true, 2]);
    assert.equal(object.metadata.annotations?.['by'], 'hand');
    await seen('it is ours again', () => live()?.spec?.replicas === 2);
    assert.equal((await apply()).changed, false);
  });

  it('puts back what was removed by hand, an item of a list too', async (t) => {
    const { apply, ref, seen, live } = await arrange(t);
    await apply();
    const remove = [{ op: 'remove', path: '/spec/template/spec/containers/0/ports/0' }];
    const patch = ['patch', 'deployment', ref.name, '--type=json', '-p', JSON.stringify(remove)];
    await plane.kubectl(['-n', ref.namespace, ...patch]);
    const ports = () => live()?.spec?.template.spec?.containers[0]?.ports ?? [];
    await seen('the removal', () => ports().length === 1);
    await apply();
    await seen('it is back', () => ports().length === 2);
  });

  it('removes a field that the intent no longer has', async (t) => {
    const { apply, intent } = await arrange(t);
    await apply();
    const { labels: _, ...metadata } = intent.metadata;
    const { object, changed } = await apply({ ...intent, metadata });
    assert.equal(changed, true);
    assert.equal(object.metadata.labels, undefined);
  });

  it('makes anew what was deleted', async (t) => {
    const { apply, ref, seen, live, client } = await arrange(t);
    const first = await apply();
    await client.delete(deployments, ref);
    await seen('it is gone', () => live() === undefined);
    const { object, changed } = await apply();
    assert.equal(changed, true);
    assert.notEqual(object.metadata.uid, first.object.metadata.uid);
  });

  async function arrange(t: TestContext, { cpu = '1' } = {}) {
    const proxy = await startFaultProxy(plane);
    t.after(() => proxy.stop());
    const namespace = await plane.createNamespace();
    const kube = kubeForTest(t, proxy.kubeconfig);
    const informer = kube.informer(deployments, { namespace, fieldManager: testManager });
    await informer.whenSynced();
    const ref = { namespace, name: 'web' };
    const intent = deployment(namespace, cpu);
    let applier = createApplier({ client: kube.client, fieldManager: testManager });
    const live = (): Deployment | undefined => informer.get(`${namespace}/web`);
    const seen = (what: string, look: () => boolean) => waitFor(what, look);
    return {
      client: kube.client,
      ref,
      intent,
      live,
      seen,
      restart() {
        applier = createApplier({ client: kube.client, fieldManager: testManager });
      },
      writes: () => proxy.requests.filter(({ isWrite }) => isWrite).length,
      /** Applies over what the cache shows, once that is up to date. */
      async apply(wanted: Intent<Deployment> = intent) {
        const applied = await applier.apply(deployments, wanted, live());
        const { resourceVersion } = applied.object.metadata;
        await seen(
          'the cache shows it',
          () => live()?.metadata.resourceVersion === resourceVersion,
        );
        return applied;
      },
    };
  }
});

function deployment(namespace: string, cpu: string): Deployment {
  const labels = { app: 'web' };
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u', controller: true };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name: 'web', labels, ownerReferences: [owner] },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels, annotations: { 'example.com/hash': 'abc' } },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'example.com/none:1',
              args: ['serve', '--port', '1'],
              env: [
                { name: 'A', value: '1' },
                {
                  name: 'UID',
                  // The server would add the version, and then these were no longer our words.
                  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } },
                },
              ],
              ports: [
                { name: 'grpc', containerPort: 1 },
                { name: 'http', containerPort: 2, protocol: 'TCP' },
              ],
              resources: { requests: { cpu, memory: '64Mi' } },
              securityContext: {
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: {} }],
          nodeSelector: undefined,
        },
      },
    },
  };
}
