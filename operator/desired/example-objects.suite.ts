/**
 * Everything that the operator makes of the examples in docs/examples, as it is committed in
 * `golden/`. `cli/node operator/desired/example-objects.suite.ts` writes it anew.
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadYaml } from '@kubernetes/client-node';
import { toYaml } from '#crds/generate/to-yaml.ts';
import type { Json } from '#crds/schema/json.ts';
import { type Fleet, parseFleet, type StoredFleet } from '#operator/fleet/fleet.ts';
import { uid } from '#operator/fleet/fleet-fixture.suite.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import { chooseRevision } from './choose-revision.ts';
import { servingDeployment, transformerDeployment } from './deployments.ts';
import { fleetObjects } from './fleet-objects.ts';
import { hashInputs, servingInputs, transformerInputs } from './inputs.ts';
import type { PodTemplate } from './kube-types.ts';
import { childName, servingSelector, transformerName, transformerSelector } from './names.ts';
import { type Revision, revisionObject, servingShape, transformerShape } from './revision.ts';
import { servingTemplate } from './serving-template.ts';
import { transformerTemplate } from './transformer-template.ts';

const examples = path.resolve(import.meta.dirname, '../../docs/examples');
export const goldenFolder = path.join(import.meta.dirname, 'golden');
const defaultImage = 'registry.example.com/thunder:default';
/** What the Secrets of the tests hold; it must be nowhere in what is made. */
export const secretValue = 'c2VjcmV0LXZhbHVl';

export function exampleNames(): string[] {
  return globSync('*.yaml', { cwd: examples })
    .map((file) => path.basename(file, '.yaml'))
    .toSorted();
}

export function readExample(name: string): Fleet {
  const text = readFileSync(path.join(examples, `${name}.yaml`), 'utf8');
  const { metadata, ...rest } = loadYaml<StoredFleet>(text);
  const parsed = parseFleet({
    ...rest,
    metadata: { namespace: 'default', ...metadata, uid, generation: 1 },
  });
  assert.ok(parsed.ok);
  return parsed.fleet;
}

/** A revision as a first pass makes it. */
export function firstRevision(fleet: Fleet, base: PodTemplate, transformer?: string): Revision {
  const references =
    transformer === undefined ? servingInputs(fleet) : transformerInputs(fleet, transformer);
  const everything = new Proxy({}, { get: () => secretValue, has: () => true });
  const { hash } = hashInputs(references, () => everything, new Uint8Array(32).fill(7));
  const entry = fleet.spec.transformers.find((each) => each.name === transformer);
  const { target } = chooseRevision({
    base,
    shape: entry === undefined ? servingShape(fleet) : transformerShape(fleet, entry),
    stamps: { inputs: hash, resetAt: null },
    revisions: [],
    applied: null,
    updateRequest: null,
  });
  assert.ok(target !== null);
  return target;
}

/** All of a fleet's objects, in the order in which they are applied. */
export function objectsOf(fleet: Fleet): KubeObject[] {
  const serving = firstRevision(fleet, servingTemplate(fleet, defaultImage));
  const plan = { replicas: fleet.spec.serving.replicas, isHeld: false, isPaused: false };
  return [
    ...fleetObjects(fleet, {
      operatorNamespace: 'thunder-system',
      hasPodMonitors: true,
      keys: {},
      random: (bytes) => new Uint8Array(bytes).fill(1),
    }).flatMap(({ object }) => (object === null ? [] : [object])),
    revisionObject(fleet, childName(fleet, 'serving'), servingSelector(fleet), serving),
    servingDeployment(fleet, serving, plan),
    ...fleet.spec.transformers.flatMap((each) => {
      const made = firstRevision(fleet, transformerTemplate(fleet, each, defaultImage), each.name);
      const name = transformerName(fleet, each.name);
      const selector = transformerSelector(fleet, each.name);
      return [
        revisionObject(fleet, name, selector, made),
        transformerDeployment(fleet, each, made),
      ];
    }),
  ];
}

export function goldenText(name: string): string {
  const objects = objectsOf(readExample(name)).filter(({ kind }) => kind !== 'ControllerRevision');
  return objects.map((object) => toYaml(object as unknown as Json)).join('---\n');
}

if (import.meta.main) {
  mkdirSync(goldenFolder, { recursive: true });
  for (const name of exampleNames()) {
    writeFileSync(path.join(goldenFolder, `${name}.yaml`), goldenText(name));
  }
}
