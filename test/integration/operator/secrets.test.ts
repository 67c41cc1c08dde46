/**
 * What pods read at their start: a changed Secret rolls them once, a missing one is waited for, and
 * no value is ever seen. And what a newer operator does to pods: nothing, until it is asked.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { servingDeployment } from '#operator/desired/deployments.ts';
import type { PodTemplate } from '#operator/desired/kube-types.ts';
import {
  annotationKeys,
  fieldManager,
  labelKeys,
  servingSelector,
} from '#operator/desired/names.ts';
import {
  readRevision,
  revisionId,
  revisionName,
  revisionObject,
} from '#operator/desired/revision.ts';
import { childTypeOf, thunderFleets } from '#operator/facts/resource-types.ts';
import { parseFleet } from '#operator/fleet/fleet.ts';
import type { ResourceType } from '#operator/kube/objects.ts';
import {
  controllerRevisions,
  coreEvents,
  deployments,
  pods as podType,
  secrets,
} from '#operator/kube/types.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes, revisionOf, untilQuiet } from './operator-for-test.ts';

describe('what pods read at their start', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true });
  });
  after(() => plane?.stop());

  it('criterion 9: a missing Secret is a condition, one that two fleets share rolls each of them once when it is rotated, another one is none of our business', async (t) => {
    const lines: string[] = [];
    const world = await operatorForTest(t, plane, { lines });
    const { namespace, client } = world;
    const { operator } = await world.start();
    const sasl = { username: 'feeds', password: { name: 'kafka-user' } };
    const spec = { kafka: { brokers: ['127.0.0.1:1'], sasl } };
    const fleets = await Promise.all([world.create(spec), world.create(spec)]);
    for (const name of fleets) {
      const missing = await world.untilCondition(name, 'Ready', { reason: 'SecretMissing' });
      assert.match(missing.message, /^Missing: Secret kafka-user\./);
      assert.equal(await world.serving(name), undefined);
    }
    const values = [secretValue(), secretValue()];
    await writeSecret(world, 'kafka-user', { password: values[0] ?? '' });
    for (const name of fleets) await world.untilCondition(name, 'Ready', { status: 'True' });
    const before = new Set(world.runner.pods.map(revisionOf));
    await untilQuiet(world.proxy);
    const passes = await passesOf(operator.httpPort);
    await writeSecret(world, 'unrelated', { password: secretValue() });
    await client.apply(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'unrelated', labels: { changed: 'yes' } },
    });
    // The watch tells in order: what comes after has been seen, so this one has.
    await writeSecret(world, 'kafka-user', { password: values[1] ?? '' });
    await waitFor(
      'the pods of both are replaced, one fleet after the other',
      () => {
        const now = readyOnes(world.runner.pods).map(revisionOf);
        return now.length === 4 && now.every((each) => !before.has(each));
      },
      { withinMs: 90_000 },
    );
    for (const name of fleets) await world.untilCondition(name, 'Ready', { status: 'True' });
    await untilQuiet(world.proxy);
    assert.ok((await passesOf(operator.httpPort)) > passes);
    const { items } = await client.list(coreEvents, { namespace });
    for (const reason of ['SecretChanged', 'RolloutStarted']) {
      const told = items.filter((event) => event.reason === reason);
      const whose = told.map(({ involvedObject }) => involvedObject?.name ?? '').toSorted();
      assert.deepEqual(whose, fleets.toSorted(), reason);
      assert.deepEqual(
        told.map(({ count = 1 }) => count),
        [1, 1],
        reason,
      );
    }
    await assertUnseen(world, lines, values);
  });

  it('fault 55: a Secret that is deleted or malformed is a condition, the pods keep what they have, and no value is seen', async (t) => {
    const lines: string[] = [];
    const world = await operatorForTest(t, plane, { lines, lookAtKafka: true });
    const { namespace, client } = world;
    await world.start();
    const sasl = { username: 'feeds', password: { name: 'kafka-user' } };
    const tls = { ca: { name: 'kafka-ca' } };
    const name = await world.create({ kafka: { brokers: ['127.0.0.1:1'], sasl, tls } });
    const values = [secretValue(), secretValue(), `-----BEGIN ${secretValue()}`];
    await writeSecret(world, 'kafka-user', { password: values[0] ?? '' });
    await writeSecret(world, 'kafka-ca', { 'ca.crt': values[2] ?? '' });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    // What is no certificate is told by what it is for.
    const malformed = await world.untilCondition(name, 'KafkaReachable', { status: 'False' });
    assert.match(malformed.message, /Kafka at 127\.0\.0\.1:1/);
    const pods = new Set(world.runner.pods.map(({ metadata }) => metadata.uid));
    const assertKept = (): void =>
      assert.deepEqual(
        new Set(readyOnes(world.runner.pods).map(({ metadata }) => metadata.uid)),
        pods,
      );
    await client.delete(secrets, { namespace, name: 'kafka-user' });
    const deleted = await world.untilCondition(name, 'Ready', { reason: 'SecretMissing' });
    assert.match(
      deleted.message,
      /^Missing: Secret kafka-user\. Create it; the pods that are there/,
    );
    assertKept();
    // The key is another than the one that the spec names.
    await writeSecret(world, 'kafka-user', { pasword: values[1] ?? '' });
    await waitFor('the key is missed', async () =>
      (await world.condition(name, 'Ready'))?.message.startsWith(
        'Missing: key password of Secret kafka-user.',
      ),
    );
    assert.equal((await world.condition(name, 'Progressing'))?.reason, 'SecretMissing');
    assertKept();
    // As it was: nothing has to be rolled.
    await client.delete(secrets, { namespace, name: 'kafka-user' });
    await writeSecret(world, 'kafka-user', { password: values[0] ?? '' });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assertKept();
    await assertUnseen(world, lines, values);
  });

  it('a Secret that no fleet names causes no pass', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    const { operator } = await world.start();
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await untilQuiet(world.proxy, 8_000);
    const passes = await passesOf(operator.httpPort);
    const cached = await cachedSecretsOf(operator.httpPort);
    await client.apply(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'unrelated' },
      data: { password: 'YQ==' },
    });
    await waitFor(
      'the cache has seen it',
      async () => (await cachedSecretsOf(operator.httpPort)) > cached,
    );
    assert.equal(await passesOf(operator.httpPort), passes);
  });

  it('criterion 12: an operator that would make other pods moves none before it is asked', async (t) => {
    const world = await operatorForTest(t, plane);
    const first = await world.start({ args: ['--image', 'thunder:old'] });
    const name = await world.create();
    await world.untilCondition(name, 'Ready', { status: 'True' });
    await untilQuiet(world.proxy);
    await first.stop();
    // As an older operator has made it: other labels, ports, variables and flags, too.
    const old = await asMadeByOlder(world, name);
    await waitFor(
      'the pods are those of the older one',
      () => {
        const now = world.runner.pods;
        return (
          now.length === 2 &&
          readyOnes(now).every((pod) => revisionOf(pod) === old) &&
          readyOnes(now).length === 2
        );
      },
      { withinMs: 60_000 },
    );
    const pods = new Set(world.runner.pods.map(({ metadata }) => metadata.uid));
    await world.start({ args: ['--image', 'thunder:new'] });
    await world.untilCondition(name, 'UpdateAvailable', { status: 'True' });
    await untilQuiet(world.proxy);
    assert.deepEqual(new Set(world.runner.pods.map(({ metadata }) => metadata.uid)), pods);
    assert.equal((await world.condition(name, 'Ready'))?.status, 'True');
    // A scale is no reason either.
    await world.edit(name, { serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.deepEqual([...new Set(world.runner.pods.map(revisionOf))], [old]);
    for (const { spec, metadata } of world.runner.pods) {
      const [container] = spec?.containers ?? [];
      assert.equal(container?.image, 'thunder:old');
      assert.equal(metadata.labels?.['thunder.dev/of-old'], 'yes');
      assert.ok(container?.ports?.some(({ name: port }) => port === 'debug'));
    }
    await world.annotate(name, { [annotationKeys.update]: 'now' });
    await waitFor('all pods are new', () => {
      const now = new Set(
        readyOnes(world.runner.pods).map(({ spec }) => spec?.containers[0]?.image),
      );
      return now.size === 1 && now.has('thunder:new');
    });
    await world.untilCondition(name, 'UpdateAvailable', { status: 'False' });
    assert.ok(
      readyOnes(world.runner.pods).every(
        ({ metadata }) => metadata.labels?.['thunder.dev/of-old'] === undefined,
      ),
    );
  });
});

type World = Awaited<ReturnType<typeof operatorForTest>>;

/**
 * What the API server has of the fleet becomes what an operator with another template would have
 * written. Answers the id of that revision.
 */
async function asMadeByOlder({ client, namespace, get, serving }: World, name: string) {
  const stored = await get(name);
  const deployment = await serving(name);
  assert.ok(stored !== undefined && deployment !== undefined);
  const parsed = parseFleet(stored);
  assert.ok(parsed.ok);
  const current = deployment.spec?.template.metadata?.labels?.[labelKeys.revision] ?? '';
  const at = { namespace, name: revisionName(deployment.metadata.name, current) };
  const object = await client.get(controllerRevisions, at);
  const revision = object === undefined ? undefined : readRevision(object);
  assert.ok(revision !== undefined);
  const { metadata, spec } = revision.base;
  const [container, ...others] = spec.containers;
  assert.ok(container !== undefined);
  const base: PodTemplate = {
    metadata: { ...metadata, labels: { ...metadata.labels, 'thunder.dev/of-old': 'yes' } },
    spec: {
      ...spec,
      containers: [
        {
          ...container,
          args: container.args.filter((each) => !each.startsWith('--decode-failure-max')),
          env: [...container.env, { name: 'THUNDER_OLD', value: '1' }],
          ports: [...container.ports, { name: 'debug', containerPort: 9_229, protocol: 'TCP' }],
        },
        ...others,
      ],
    },
  };
  const older = { ...revision, base, id: revisionId(base, revision.stamps) };
  const selector = servingSelector(parsed.fleet);
  await client.apply(
    controllerRevisions,
    revisionObject(parsed.fleet, deployment.metadata.name, selector, older),
    { fieldManager },
  );
  const plan = { replicas: 2, isHeld: false, isPaused: false };
  const wanted = servingDeployment(parsed.fleet, older, plan);
  await client.apply(childTypeOf(wanted), wanted, { fieldManager });
  await client.delete(controllerRevisions, at);
  return older.id;
}

function writeSecret({ client, namespace }: World, name: string, values: Record<string, string>) {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const metadata = { namespace, name };
  return client.apply(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data });
}

/** In nothing that the operator made, said or logged. */
async function assertUnseen(
  { client, namespace }: World,
  lines: readonly string[],
  values: readonly string[],
): Promise<void> {
  const types = [thunderFleets, podType, deployments, coreEvents, controllerRevisions] as const;
  const lists = await Promise.all(
    types.map((type) => client.list(type as ResourceType, { namespace })),
  );
  const everything = JSON.stringify(lists) + lines.join('');
  assert.ok(lines.length > 0 && everything.includes('kafka-user'));
  for (const value of values) {
    for (const text of [value, Buffer.from(value).toString('base64')]) {
      assert.ok(!everything.includes(text), 'a secret value was seen');
    }
  }
}

function secretValue(): string {
  return randomBytes(12).toString('hex');
}

const passesOf = (port: number): Promise<number> =>
  metricOf(port, /^controller_runtime_reconcile_total\{controller="fleets".*\} (\d+)$/gm);
const cachedSecretsOf = (port: number): Promise<number> =>
  metricOf(port, /^reflector_cached_objects\{name="secrets"\} (\d+)$/gm);

/** The sum over all labels. */
async function metricOf(port: number, pattern: RegExp): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}
