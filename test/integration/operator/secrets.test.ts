/**
 * What pods read at their start: a changed Secret rolls them once, a missing one is waited for, and
 * no value is ever seen. And what a newer operator does to pods: nothing, until it is asked.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { annotationKeys } from '#operator/desired/names.ts';
import { coreEvents, secrets } from '#operator/kube/types.ts';
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

  it('criterion 9: a missing Secret is a condition, a rotated one rolls the pods once, another one is none of our business', async (t) => {
    const lines: string[] = [];
    const world = await operatorForTest(t, plane, { lines });
    const { namespace, client } = world;
    const { operator } = await world.start();
    const sasl = { username: 'feeds', password: { name: 'kafka-user' } };
    const name = await world.create({ kafka: { brokers: ['127.0.0.1:1'], sasl } });
    const missing = await world.untilCondition(name, 'Ready', { reason: 'SecretMissing' });
    assert.match(missing.message, /^Missing: Secret kafka-user\./);
    assert.equal(await world.serving(name), undefined);
    const values = [secretValue(), secretValue()];
    const write = (password: string, secret = 'kafka-user') =>
      client.apply(secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name: secret },
        data: { password: Buffer.from(password).toString('base64') },
      });
    await write(values[0] ?? '');
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const before = new Set(world.runner.pods.map(revisionOf));
    await untilQuiet(world.proxy);
    const passes = await passesOf(operator.httpPort);
    await write(secretValue(), 'unrelated');
    await client.apply(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: 'unrelated', labels: { changed: 'yes' } },
    });
    // The watch tells in order: what comes after has been seen, so this one has.
    await write(values[1] ?? '');
    await waitFor('the pods are replaced', () => {
      const now = new Set(readyOnes(world.runner.pods).map(revisionOf));
      return now.size === 1 && [...now].every((each) => !before.has(each));
    });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    assert.ok((await passesOf(operator.httpPort)) > passes);
    const { items } = await client.list(coreEvents, { namespace });
    const rolls = items.filter(({ reason }) => reason === 'SecretChanged');
    assert.equal(rolls.length, 1);
    const rollouts = items.filter(({ reason }) => reason === 'RolloutStarted');
    assert.equal(rollouts.length, 1);
    await client.delete(secrets, { namespace, name: 'kafka-user' });
    await world.untilCondition(name, 'Ready', { reason: 'SecretMissing' });
    assert.equal(readyOnes(world.runner.pods).length, 2);
    const everything = await plane.kubectl([
      '-n',
      namespace,
      'get',
      'tf,pods,deploy,events,controllerrevisions',
      '-o',
      'json',
    ]);
    for (const value of [
      ...values,
      ...values.map((each) => Buffer.from(each).toString('base64')),
    ]) {
      assert.ok(!everything.stdout.includes(value));
      assert.ok(!lines.join('').includes(value));
    }
    assert.ok(lines.length > 0);
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
    const pods = new Set(world.runner.pods.map(({ metadata }) => metadata.uid));
    await first.stop();
    await world.start({ args: ['--image', 'thunder:new'] });
    await world.untilCondition(name, 'UpdateAvailable', { status: 'True' });
    await untilQuiet(world.proxy);
    assert.deepEqual(new Set(world.runner.pods.map(({ metadata }) => metadata.uid)), pods);
    assert.equal((await world.condition(name, 'Ready'))?.status, 'True');
    // A scale is no reason either.
    await world.edit(name, { serving: { replicas: 3 } });
    await world.untilCondition(name, 'Ready', { status: 'True' });
    const images = new Set(world.runner.pods.map(({ spec }) => spec?.containers[0]?.image));
    assert.deepEqual(images, new Set(['thunder:old']));
    await world.annotate(name, { [annotationKeys.update]: 'now' });
    await waitFor('all pods are new', () => {
      const now = new Set(
        readyOnes(world.runner.pods).map(({ spec }) => spec?.containers[0]?.image),
      );
      return now.size === 1 && now.has('thunder:new');
    });
    await world.untilCondition(name, 'UpdateAvailable', { status: 'False' });
  });
});

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
