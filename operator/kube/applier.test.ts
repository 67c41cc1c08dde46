/** When an applier asks the server and when it need not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApplier } from './applier.ts';
import { defineResource, type KubeObject } from './objects.ts';
import type { KubeClient } from './ports.ts';

interface Thing extends KubeObject {
  readonly spec?: { readonly cpu?: string; readonly mode?: string };
}

const things = defineResource<Thing>({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
});

/** A server that writes `1000m` as `1`, and adds a default. */
function arrange() {
  let version = 0;
  let stored: Thing | undefined;
  let applies = 0;
  const client: Pick<KubeClient, 'apply'> = {
    async apply(_type, intent) {
      applies += 1;
      const { spec = {} } = intent as Thing;
      const cpu = spec.cpu === '1000m' ? '1' : spec.cpu;
      const names = Object.keys(spec).map((name) => [`f:${name}`, {}]);
      const next = { ...(cpu === undefined ? {} : { cpu }), mode: spec.mode ?? 'default' };
      const fieldsV1 = { 'f:spec': Object.fromEntries(names) };
      const same = JSON.stringify([stored?.spec, stored?.metadata.managedFields?.[0]?.fieldsV1]);
      if (same !== JSON.stringify([next, fieldsV1])) version += 1;
      stored = {
        ...intent,
        metadata: {
          ...intent.metadata,
          uid: 'u',
          resourceVersion: String(version),
          managedFields: [{ manager: 'me', operation: 'Apply', fieldsV1 }],
        },
        spec: next,
      };
      return stored as never;
    },
  };
  const applier = createApplier({ client, fieldManager: 'me' });
  return { applier, stored: () => stored, applies: () => applies };
}

function thing(spec: Thing['spec']): Thing {
  const metadata = { namespace: 'ns', name: 'a' };
  return { apiVersion: 'example.com/v1', kind: 'Thing', metadata, ...(spec && { spec }) };
}

describe('an applier', () => {
  it('asks once for the same intent, in whatever words the server keeps it', async () => {
    for (const cpu of ['1', '1000m']) {
      const { applier, stored, applies } = arrange();
      assert.equal((await applier.apply(things, thing({ cpu }), undefined)).changed, true);
      for (let n = 0; n < 3; n++) {
        assert.equal((await applier.apply(things, thing({ cpu }), stored())).changed, false);
      }
      assert.equal(applies(), 1);
    }
  });

  it('does not ask again while the cache still shows what was before', async () => {
    const { applier, stored, applies } = arrange();
    await applier.apply(things, thing({ cpu: '1' }), undefined);
    const before = stored();
    await applier.apply(things, thing({ cpu: '2' }), before);
    assert.equal((await applier.apply(things, thing({ cpu: '2' }), before)).changed, false);
    assert.equal(applies(), 2);
    // A change of mind is not to be taken for that.
    await applier.apply(things, thing({ cpu: '3' }), before);
    assert.equal(applies(), 3);
  });

  it('asks when a field has another value, is not ours, or is ours and no more wanted', async () => {
    const { applier, stored, applies } = arrange();
    const { object } = await applier.apply(things, thing({ cpu: '1', mode: 'x' }), undefined);
    let version = 100;
    const changedBy = (parts: Partial<Thing>): Thing => {
      version += 1;
      const resourceVersion = String(version);
      return {
        ...object,
        ...parts,
        metadata: { ...object.metadata, ...parts.metadata, resourceVersion },
      };
    };
    const cases = [
      changedBy({ spec: { cpu: '9', mode: 'x' } }),
      changedBy({
        metadata: {
          name: 'a',
          managedFields: [
            { manager: 'me', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:cpu': {} } } },
          ],
        },
      }),
      changedBy({ metadata: { name: 'a', managedFields: [] } }),
    ];
    for (const [index, live] of cases.entries()) {
      await applier.apply(things, thing({ cpu: '1', mode: 'x' }), live);
      assert.equal(applies(), index + 2);
    }
    await applier.apply(things, thing({ cpu: '1' }), stored());
    assert.equal(applies(), 5);
  });

  it('asks when the object is another one by the same name', async () => {
    const { applier, stored, applies } = arrange();
    await applier.apply(things, thing({ cpu: '1000m' }), undefined);
    const known = stored();
    assert.ok(known !== undefined);
    const other = { ...known, metadata: { ...known.metadata, uid: 'v', resourceVersion: '77' } };
    await applier.apply(things, thing({ cpu: '1000m' }), other);
    assert.equal(applies(), 2);
  });
});
