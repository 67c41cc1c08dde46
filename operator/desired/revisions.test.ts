/**
 * Which template pods get: a user's change rolls them, a newer operator does not, and what was
 * refused is not tried again unasked.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject } from '#crds/schema/json.ts';
import { fleetOf } from '#operator/fleet/fleet-fixture.suite.ts';
import { type Choice, chooseRevision, isRefused, revisionsToDelete } from './choose-revision.ts';
import { firstRevision } from './example-objects.suite.ts';
import { fleets } from './fleet-arbitrary.suite.ts';
import {
  hashInputs,
  type ReadInput,
  referencedObjects,
  servingInputs,
  transformerInputs,
} from './inputs.ts';
import { labelKeys, servingSelector } from './names.ts';
import {
  isSameShape,
  type Revision,
  readRevision,
  revisionObject,
  servingShape,
  stampedTemplate,
  transformerShape,
} from './revision.ts';
import { servingTemplate } from './serving-template.ts';

interface Pass {
  readonly spec?: JsonObject;
  /** Another operator makes other templates of the same spec. */
  readonly operator?: string;
  readonly applied?: Revision | null;
  readonly revisions?: readonly Revision[];
  readonly inputs?: string | null;
  readonly updateRequest?: string | null;
}

function choose(pass: Pass): Choice {
  const fleet = fleetOf(pass.spec ?? {});
  return chooseRevision({
    base: servingTemplate(fleet, pass.operator ?? 'image:1'),
    shape: servingShape(fleet),
    stamps: { inputs: pass.inputs === undefined ? 'i1' : pass.inputs, resetAt: null },
    revisions: pass.revisions ?? [pass.applied ?? null].filter((each) => each !== null),
    applied: pass.applied ?? null,
    updateRequest: pass.updateRequest ?? null,
  });
}

function targetOf(pass: Pass): Revision {
  const { target } = choose(pass);
  assert.ok(target !== null);
  return target;
}

const first = targetOf({});

describe('a template', () => {
  it('stays while nothing has changed', () => {
    const choice = choose({ applied: first });
    assert.deepEqual(choice.target, first);
    assert.equal(choice.updateAvailable, false);
  });

  it('follows the spec, but not a scale', () => {
    assert.equal(targetOf({ applied: first, spec: { serving: { replicas: 9 } } }).id, first.id);
    const other = targetOf({ applied: first, spec: { serving: { retention: '1h' } } });
    assert.notEqual(other.id, first.id);
    assert.equal(other.number, 2);
  });

  it('is held when only the operator is newer, until it is asked or the spec changes', () => {
    const newer = { applied: first, operator: 'image:2' };
    const held = choose(newer);
    assert.deepEqual([held.target?.id, held.updateAvailable], [first.id, true]);
    const asked = choose({ ...newer, updateRequest: '1' });
    assert.notEqual(asked.target?.id, first.id);
    assert.equal(asked.updateAvailable, false);
    const edited = choose({ ...newer, spec: { serving: { retention: '1h' } } });
    assert.equal(edited.target?.base.spec.containers[0]?.image, 'image:2');
  });

  it('takes notice of being asked when there is nothing to update', () => {
    const applied = targetOf({ applied: first, updateRequest: '1' });
    assert.deepEqual([applied.id, applied.updateSeen], [first.id, '1']);
    const held = choose({ applied, operator: 'image:2', updateRequest: '1' });
    assert.equal(held.updateAvailable, true);
  });

  it('changes with what its pods read at their start, also while it is held', () => {
    const rotated = choose({ applied: first, operator: 'image:2', inputs: 'i2' });
    assert.notEqual(rotated.target?.id, first.id);
    assert.deepEqual(rotated.target?.base, first.base);
    assert.equal(rotated.updateAvailable, true);
    const missing = choose({
      applied: first,
      inputs: null,
      spec: { serving: { retention: '1h' } },
    });
    assert.deepEqual([missing.target, missing.isMissingInputs], [first, true]);
    assert.equal(choose({ inputs: null }).target, null);
  });

  it('that was refused is not tried again by itself, nor what a newer operator makes of it', () => {
    const bad: Revision = { ...first, verdict: 'bad' };
    const good = targetOf({ spec: { serving: { retention: '1h' } }, revisions: [bad] });
    const revisions = [bad, { ...good, verdict: 'good' as const }];
    const refused = (pass: Pass): boolean =>
      isRefused(targetOf({ applied: good, revisions, ...pass }), revisions);
    assert.equal(refused({}), true);
    assert.equal(refused({ operator: 'image:2' }), true);
    assert.equal(refused({ inputs: 'i2' }), false, 'a Secret may have been what was wrong');
    assert.equal(refused({ updateRequest: 'again' }), false);
    assert.equal(refused({ spec: { serving: { retention: '2h' } } }), false);
  });
});

describe('a revision', () => {
  it('comes back from its ControllerRevision as it was', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const made = firstRevision(fleet, servingTemplate(fleet, 'i'));
        const revision: Revision = { ...made, verdict: 'good', updateSeen: 'x', number: 7 };
        const object = revisionObject(fleet, 'd', servingSelector(fleet), revision);
        assert.deepEqual(readRevision(JSON.parse(JSON.stringify(object))), revision);
      }),
    );
  });

  it('that somebody has written into is none', () => {
    const fleet = fleetOf();
    const object = revisionObject(fleet, 'd', servingSelector(fleet), first);
    const spoilt = structuredClone(object) as unknown as { data: { stamps: { inputs: string } } };
    spoilt.data.stamps.inputs = 'else';
    // oxlint-disable-next-line no-unsafe-type-assertion -- still the same kind of object
    assert.equal(readRevision(spoilt as unknown as typeof object), undefined);
    assert.equal(readRevision({ ...object, metadata: { name: 'x' } }), undefined);
    assert.equal(readRevision({ ...object, data: 'x' } as typeof object), undefined);
  });

  it('is told by the label of its pods, and stamps only annotations', () => {
    const stamped = stampedTemplate({ ...first, stamps: { inputs: 'i', resetAt: 'T' } });
    assert.equal(stamped.metadata.labels[labelKeys.revision], first.id);
    assert.deepEqual(stamped.spec, first.base.spec);
    assert.deepEqual(stamped.metadata.annotations, {
      'thunder.dev/inputs': 'i',
      'thunder.dev/reset-at': 'T',
    });
  });

  it('has the same shape as an older one that lacks a field with a default', () => {
    const fleet = fleetOf({ transformers: [{ deadLetterTopic: 'd' }] });
    const older = structuredClone(servingShape(fleet)) as { serving: Record<string, unknown> };
    delete older.serving['requestTimeout'];
    // oxlint-disable-next-line no-unsafe-type-assertion -- made of JSON
    assert.ok(isSameShape(older as unknown as JsonObject, servingShape(fleet)));
    const [transformer] = fleet.spec.transformers;
    assert.ok(transformer !== undefined);
    const shape = transformerShape(fleet, transformer);
    assert.ok(isSameShape(shape, transformerShape(fleet, { ...transformer, replicas: 4 })));
    assert.ok(
      !isSameShape(shape, transformerShape(fleet, { ...transformer, deadLetterTopic: 'e' })),
    );
  });

  it('is deleted when it is old, unused and not the one to go back to', () => {
    const numbered = [1, 2, 3, 4, 5].map((number) => ({ ...first, id: `r${number}`, number }));
    const revisions = numbered.map((each) =>
      each.id === 'r2' ? { ...each, verdict: 'good' as const } : each,
    );
    assert.deepEqual(revisionsToDelete(revisions, new Set(['r1']), 1), ['r4', 'r3']);
    assert.deepEqual(revisionsToDelete(revisions, new Set(), 9), []);
  });
});

describe('what pods read at their start', () => {
  const key = new Uint8Array(32).fill(3);
  const spec = {
    kafka: {
      brokers: ['k:1'],
      tls: { ca: { name: 'ca' } },
      sasl: { username: 'u', password: { name: 'user' } },
    },
    security: { serverTls: { name: 'cert' } },
    serving: { podTemplate: { env: [{ name: 'A', configMap: { name: 'cm', key: 'a' } }] } },
    transformers: [{}],
  };
  const data: Record<string, Record<string, string>> = {
    'Secret/ca': { 'ca.crt': 'Y2E=' },
    'Secret/user': { password: 'cHc=' },
    'Secret/cert': { 'tls.crt': 'Yw==', 'tls.key': 'aw==' },
    'ConfigMap/cm': { a: 'text' },
  };
  const reading =
    (changes: Record<string, Record<string, string> | undefined> = {}): ReadInput =>
    (kind, name) =>
      ({ ...data, ...changes })[`${kind}/${name}`];
  const fleet = fleetOf(spec);
  const serving = servingInputs(fleet);
  const before = hashInputs(serving, reading(), key).hash;

  it('rolls exactly the pods that use it', () => {
    const password = reading({ 'Secret/user': { password: 'bmV3' } });
    assert.notEqual(hashInputs(serving, password, key).hash, before);
    const unused = reading({ 'Secret/user': { password: 'cHc=', other: 'eA==' } });
    assert.equal(hashInputs(serving, unused, key).hash, before);
    const variable = reading({ 'ConfigMap/cm': { a: 'other' } });
    assert.notEqual(hashInputs(serving, variable, key).hash, before);
    const transformer = transformerInputs(fleet, 'transformer');
    assert.equal(
      hashInputs(transformer, variable, key).hash,
      hashInputs(transformer, reading(), key).hash,
    );
  });

  it('does not count what is reloaded, nor the fleet’s own keys', () => {
    const renewed = reading({ 'Secret/cert': { 'tls.crt': 'bg==', 'tls.key': 'bg==' } });
    assert.equal(hashInputs(serving, renewed, key).hash, before);
    assert.deepEqual(referencedObjects(fleet), [
      'ConfigMap/cm',
      'Secret/ca',
      'Secret/cert',
      'Secret/user',
    ]);
  });

  it('names what is missing, reloaded or not', () => {
    const missing = hashInputs(
      serving,
      reading({ 'Secret/cert': undefined, 'Secret/user': {} }),
      key,
    );
    assert.deepEqual(missing, {
      hash: null,
      missing: ['key password of Secret user', 'Secret cert'],
    });
  });

  it('is hashed with the fleet’s own key, and one value’s end is no other’s beginning', () => {
    assert.notEqual(hashInputs(serving, reading(), new Uint8Array(32)).hash, before);
    const two = [{ kind: 'Secret' as const, name: 's', keys: ['a', 'b'], isReloaded: false }];
    const hash = (a: string, b: string): string | null =>
      hashInputs(two, () => ({ a, b }), key).hash;
    assert.notEqual(hash('xy', 'z'), hash('x', 'yz'));
    assert.match(before ?? '', /^[0-9a-f]{16}$/);
  });
});
