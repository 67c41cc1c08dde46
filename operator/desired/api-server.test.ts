/**
 * A real API server takes every object that is made of the examples, in a namespace that is labelled
 * restricted, and a second time finds nothing to change; and it takes every status.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { installCrd } from '#crds/install-crd.suite.ts';
import { storedFleet } from '#operator/fleet/fleet-fixture.suite.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { startMs } from '#operator/rollout/rollout-fixture.suite.ts';
import { computeStatus } from '#operator/status/compute-status.ts';
import { factsOf, inState, states } from '#operator/status/fleet-facts.suite.ts';
import { mergeStatus } from '#operator/status/merge-status.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { exampleNames, objectsOf, readExample } from './example-objects.suite.ts';
import { fieldManager } from './names.ts';

describe('the API server', { skip: await skipWithoutControlPlane({ controllers: false }) }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ controllers: false });
  });
  after(() => plane.stop());

  async function apply(objects: readonly KubeObject[]): Promise<string[]> {
    const items = { apiVersion: 'v1', kind: 'List', items: objects };
    const flags = ['--server-side', `--field-manager=${fieldManager}`, '-o', 'json', '-f', '-'];
    const answer = await plane.kubectl(['apply', ...flags], JSON.stringify(items));
    assert.equal(answer.stderr, '', 'a warning of Pod Security, or of a field that is unknown');
    const list = JSON.parse(answer.stdout) as { readonly items: readonly KubeObject[] };
    return list.items.map(
      ({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`,
    );
  }

  for (const name of exampleNames()) {
    it(`takes what is made of ${name}, and applying it again changes nothing (I8)`, async () => {
      const namespace = await plane.createNamespace({
        'pod-security.kubernetes.io/enforce': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      });
      const objects = objectsOf({ ...readExample(name), namespace }).filter(
        ({ kind }) => kind !== 'PodMonitor',
      );
      const first = await apply(objects);
      assert.equal(first.length, objects.length);
      assert.deepEqual(await apply(objects), first);
    });
  }

  it('takes the status of a fleet in every state of a rollout, and shows it', async () => {
    const namespace = await plane.createNamespace();
    await installCrd(plane);
    const fleet = { ...storedFleet(), metadata: { name: 'home-feed', namespace } };
    await plane.kubectl(['create', '-f', '-'], JSON.stringify(fleet));
    const flags = ['--server-side', '--subresource=status', '--field-manager=test', '-f', '-'];
    for (const name of Object.keys(states)) {
      const { status } = mergeStatus(
        undefined,
        computeStatus(factsOf(inState(name)), undefined),
        false,
        startMs,
      );
      const { apiVersion, kind, metadata } = fleet;
      const whole = { apiVersion, kind, metadata, status };
      const applied = await plane.kubectl(['apply', ...flags, '-o', 'json'], JSON.stringify(whole));
      const stored = JSON.parse(applied.stdout) as { readonly status: unknown };
      assert.deepEqual(stored.status, JSON.parse(JSON.stringify(status)), name);
    }
    const shown = await plane.kubectl(['get', '-n', namespace, 'tf', '-o', 'wide']);
    assert.match(
      shown.stdout,
      /home-feed +2 +3 +3 +3 .* 1200000 +0 warm, 3 cold .* 0\.1\.0 +Revision b was refused/,
    );
  });
});
