/** The client against a real API server: what it sends, what it makes of answers, and its bounds. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { KubeError, type KubeErrorCode } from '#operator/kube/errors.ts';
import { defineResource, type KubeObject } from '#operator/kube/objects.ts';
import {
  type ConfigMap,
  configMaps,
  type Deployment,
  deployments,
  namespaces,
  podDisruptionBudgets,
} from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { type Fault, startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { kubeForTest, testManager } from './kube-for-test.ts';

describe('the client on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true, controllers: false });
  });
  after(() => plane?.stop());

  it('creates, reads, replaces, patches and deletes', async (t) => {
    const { client, namespace } = await arrange(t);
    const ref = { namespace, name: 'a' };
    assert.equal(await client.get(configMaps, ref), undefined);
    const created = await client.create(configMaps, configMap(namespace, 'a', { v: '1' }));
    await rejects(
      client.create(configMaps, configMap(namespace, 'a', {})),
      'ALREADY_EXISTS',
      'reread',
    );
    const updated = await client.update(configMaps, { ...created, data: { v: '2' } });
    await rejects(
      client.update(configMaps, { ...created, data: { v: '3' } }),
      'CONFLICT',
      'reread',
    );
    assert.deepEqual(updated.data, { v: '2' });
    const patched = await client.patch(configMaps, ref, { data: { v: null, w: '4' } });
    assert.deepEqual(patched.data, { w: '4' });
    const { items } = await client.list(configMaps, { namespace, labelSelector: 'none=such' });
    assert.deepEqual(items, []);
    await rejects(
      client.delete(configMaps, ref, { preconditions: { uid: 'another' } }),
      'CONFLICT',
      'reread',
    );
    const { uid } = patched.metadata;
    assert.equal(await client.delete(configMaps, ref, { preconditions: { uid } }), true);
    assert.equal(await client.delete(configMaps, ref), false);
  });

  it('keeps fields that no type here knows', async (t) => {
    const { client, namespace } = await arrange(t);
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      },
    };
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify(crd));
    await plane.kubectl(['wait', '--for=condition=Established', 'crd/widgets.example.com']);
    type Widget = KubeObject & {
      readonly spec?: { readonly odd: unknown };
      readonly status?: { readonly seen: number };
    };
    const widgets = defineResource<Widget>({
      group: 'example.com',
      version: 'v1',
      kind: 'Widget',
      plural: 'widgets',
      namespaced: true,
    });
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget' };
    const metadata = { namespace, name: 'w' };
    const odd = { deep: [{ when: '2026-01-01T00:00:00Z' }], n: 1 };
    await client.apply(widgets, { ...widget, metadata, spec: { odd } });
    await client.applyStatus(widgets, { ...widget, metadata, status: { seen: 7 } });
    const { items } = await client.list(widgets, { namespace });
    assert.deepEqual(items[0]?.spec, { odd });
    assert.deepEqual(items[0]?.status, { seen: 7 });
    const again = await client.patchStatus(widgets, metadata, { status: { seen: 8 } });
    assert.deepEqual([again.spec, again.status], [{ odd }, { seen: 8 }]);
    await rejects(
      client.applyStatus(widgets, {
        ...widget,
        metadata: { namespace, name: 'x' },
        status: { seen: 1 },
      }),
      'NOT_FOUND',
      'backoff',
    );
    await plane.kubectl(['delete', 'crd', 'widgets.example.com', '--timeout=30s']);
    // The type itself is gone: that is no missing object.
    await rejects(client.get(widgets, metadata), 'NOT_FOUND', 'backoff');
  });

  it('takes fields over by force, and says who owns them without', async (t) => {
    const { client, namespace } = await arrange(t);
    const web = deployment(namespace, 'web', 1);
    await client.apply(deployments, web, { fieldManager: 'somebody-else' });
    const mine: Partial<Deployment> & KubeObject = {
      ...identified(web),
      spec: { ...web.spec, replicas: 3 } as Deployment['spec'],
    };
    await assert.rejects(client.apply(deployments, mine, { force: false }), (error: unknown) => {
      assert.ok(error instanceof KubeError);
      assert.equal(error.code, 'APPLY_CONFLICT');
      assert.equal(error.retry, 'never');
      assert.match(error.message, /somebody-else/);
      assert.deepEqual(
        error.causes.map(({ field }) => field),
        ['.spec.replicas'],
      );
      return true;
    });
    const taken = await client.apply(deployments, mine);
    assert.equal(taken.spec?.replicas, 3);
    const owners = taken.metadata.managedFields?.filter((entry) =>
      JSON.stringify(entry.fieldsV1).includes('f:replicas'),
    );
    assert.deepEqual(
      owners?.map((entry) => entry.manager),
      [testManager],
    );
    // A field that is applied no more is given up; the default takes its place.
    const { replicas: _, ...rest } = mine.spec as NonNullable<Deployment['spec']>;
    const given = await client.apply(deployments, { ...identified(web), spec: rest });
    assert.equal(given.spec?.replicas, 1);
  });

  it('checks without changing anything on a dry run', async (t) => {
    const { client, namespace } = await arrange(t);
    const map = configMap(namespace, 'dry', { v: '1' });
    const answer = await client.apply(configMaps, map, { dryRun: true });
    assert.deepEqual(answer.data, { v: '1' });
    assert.equal(await client.get(configMaps, { namespace, name: 'dry' }), undefined);
  });

  it('names what the schema refuses, and hands warnings on', async (t) => {
    const { client, namespace, warnings } = await arrange(t);
    const wrong = { ...deployment(namespace, 'web', -1) };
    await assert.rejects(client.apply(deployments, wrong), (error: unknown) => {
      assert.ok(error instanceof KubeError && error.code === 'INVALID' && error.retry === 'never');
      return error.causes.some(({ field }) => field === 'spec.replicas');
    });
    const odd = { ...configMap(namespace, 'odd', {}), unknownField: 1 };
    await client.create(configMaps, odd);
    assert.match(warnings.join(), /unknownField/);
  });

  it('refuses names that would mean something else, before anything is sent', async (t) => {
    const { client, namespace, proxy } = await arrange(t);
    const before = proxy.requests.length;
    for (const name of ['', '.', '..']) {
      await rejects(client.get(configMaps, { namespace, name }), 'BAD_REQUEST', 'never');
    }
    await rejects(client.get(configMaps, { name: 'a' }), 'BAD_REQUEST', 'never');
    await rejects(client.get(namespaces, { namespace, name: 'a' }), 'BAD_REQUEST', 'never');
    assert.equal(proxy.requests.length, before);
  });

  it('says of every refusal what helps, and repeats none by itself', async (t) => {
    const { client, namespace, proxy } = await arrange(t);
    const cases: readonly (readonly [Fault, KubeErrorCode])[] = [
      [{ kind: 'refuse', status: 409 }, 'CONFLICT'],
      [{ kind: 'refuse', status: 410 }, 'GONE'],
      [{ kind: 'refuse', status: 429, retryAfterSeconds: 7 }, 'TOO_MANY_REQUESTS'],
      [{ kind: 'refuse', status: 500 }, 'SERVER'],
      [{ kind: 'refuse', status: 503, retryAfterSeconds: 3 }, 'SERVER'],
      [{ kind: 'reset' }, 'CONNECTION'],
      [{ kind: 'lose' }, 'CONNECTION'],
    ];
    for (const [fault, code] of cases) {
      const before = proxy.requests.length;
      proxy.decide = () => fault;
      const map = configMap(namespace, 'a', { v: code });
      await assert.rejects(client.apply(configMaps, map), (error: unknown) => {
        assert.ok(error instanceof KubeError);
        assert.equal(error.code, code);
        const seconds = fault.kind === 'refuse' ? fault.retryAfterSeconds : undefined;
        assert.equal(error.retryAfterMs, seconds === undefined ? undefined : seconds * 1000);
        return true;
      });
      assert.equal(proxy.requests.length - before, 1);
    }
    // The answer was lost, and the write was not.
    proxy.decide = () => undefined;
    const found = await client.get(configMaps, { namespace, name: 'a' });
    assert.deepEqual(found?.data, { v: 'CONNECTION' });
  });

  it('gives a request up at its deadline or when told to, and tells the server so', async (t) => {
    const { client, namespace, proxy } = await arrange(t);
    proxy.decide = () => ({ kind: 'hang' });
    const ref = { namespace, name: 'a' };
    await rejects(client.get(configMaps, ref, { timeoutMs: 200 }), 'TIMEOUT', 'backoff');
    assert.equal(proxy.requests.at(-1)?.query.get('timeout'), '200ms');
    const giving = new AbortController();
    const waiting = client.get(configMaps, ref, { signal: giving.signal });
    giving.abort();
    await rejects(waiting, 'ABORTED', 'never');
    await rejects(client.get(configMaps, ref, { signal: giving.signal }), 'ABORTED', 'never');
  });

  it('uses few connections for many requests', async (t) => {
    const { client, namespace, proxy } = await arrange(t);
    await Promise.all(
      Array.from({ length: 200 }, () => client.get(configMaps, { namespace, name: 'a' })),
    );
    assert.ok(proxy.openConnections <= 32, `${proxy.openConnections} connections`);
  });

  it('asks the fence when the connection is there, and sends nothing that it refuses', async (t) => {
    const { clientWith, namespace, proxy } = await arrange(t);
    let asked = 0;
    // Lost between the first look and the first byte.
    const client = clientWith({
      fence: {
        assertLeader() {
          asked += 1;
          if (asked > 1) throw new KubeError('NOT_LEADER', 'lost meanwhile');
        },
        leaseLeftMs: () => 5_000,
      },
    });
    const before = proxy.requests.length;
    const write = client.apply(configMaps, configMap(namespace, 'fenced', {}));
    await rejects(write, 'NOT_LEADER', 'never');
    assert.equal(asked, 2);
    assert.equal(proxy.requests.length, before);
    assert.equal(await client.get(configMaps, { namespace, name: 'fenced' }), undefined);
  });

  it('cannot make anything in a namespace that is going', async (t) => {
    const { client } = await arrange(t);
    const namespace = await plane.createNamespace();
    await client.delete(namespaces, { name: namespace });
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { namespace, name: 'b' },
      spec: { maxUnavailable: 1, selector: {} },
    };
    await rejects(client.apply(podDisruptionBudgets, budget), 'NAMESPACE_TERMINATING', 'never');
  });

  async function arrange(t: TestContext) {
    const proxy = await startFaultProxy(plane);
    t.after(() => proxy.stop());
    const namespace = await plane.createNamespace();
    return { ...kubeForTest(t, proxy.kubeconfig), proxy, namespace };
  }
});

async function rejects(
  promise: Promise<unknown>,
  code: KubeErrorCode,
  retry: KubeError['retry'],
): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof KubeError, String(error));
    assert.deepEqual([error.code, error.retry], [code, retry], error.message);
    return true;
  });
}

function configMap(namespace: string, name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}

function identified({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

function deployment(namespace: string, name: string, replicas: number): Deployment {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'example.com/none:1' }] },
      },
    },
  };
}
