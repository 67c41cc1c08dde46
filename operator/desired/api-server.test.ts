/**
 * A real API server takes every object that is made of the examples, in a namespace that is labelled
 * restricted, and a second time finds nothing to change.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '#operator/kube/objects.ts';
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
});
