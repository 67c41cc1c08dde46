/** The cache's indexes against a plain search, for random puts and removals. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { ObjectCache } from './object-cache.ts';
import { type KubeObject, keyOf } from './objects.ts';

interface Thing extends KubeObject {
  readonly colour: string;
}

const small = fc.constantFrom('a', 'b', 'c');
const thing: fc.Arbitrary<Thing> = fc
  .record({
    name: fc.constantFrom('n1', 'n2', 'n3', 'n4', 'n5'),
    labels: fc.option(fc.dictionary(small, small), { nil: undefined }),
    owners: fc.uniqueArray(small, { maxLength: 2 }),
    colour: small,
  })
  .map(({ name, labels, owners, colour }) => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: {
      namespace: 'ns',
      name,
      labels,
      ownerReferences: owners.map((uid) => ({ apiVersion: 'v1', kind: 'O', name: uid, uid })),
    },
    colour,
  }));

const sorted = (things: readonly Thing[]): string[] => things.map(keyOf).toSorted();

describe('an object cache', () => {
  it('finds by owner, label and index what a search through everything finds', () => {
    const step = fc.oneof(
      thing.map((put) => ({ put })),
      fc.constantFrom('n1', 'n2', 'n3').map((remove) => ({ remove })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), small, small, (steps, one, other) => {
        const cache = new ObjectCache<Thing>({ byColour: ({ colour }) => [colour] });
        const model = new Map<string, Thing>();
        for (const step of steps) {
          if ('put' in step) {
            assert.equal(cache.put(step.put), model.get(keyOf(step.put)));
            model.set(keyOf(step.put), step.put);
          } else {
            assert.equal(cache.remove(`ns/${step.remove}`), model.get(`ns/${step.remove}`));
            model.delete(`ns/${step.remove}`);
          }
        }
        const all = [...model.values()];
        assert.equal(cache.size, model.size);
        assert.deepEqual(sorted(cache.values()), sorted(all));
        assert.deepEqual(
          sorted(cache.byOwner(one)),
          sorted(
            all.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === one)),
          ),
        );
        const labels = { [one]: other, [other]: one };
        assert.deepEqual(
          sorted(cache.byLabels(labels)),
          sorted(
            all.filter(({ metadata }) =>
              Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value),
            ),
          ),
        );
        assert.deepEqual(
          sorted(cache.byIndex('byColour', one)),
          sorted(all.filter(({ colour }) => colour === one)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('freezes what it holds, to the bottom', () => {
    const cache = new ObjectCache<Thing>();
    const labels = { a: 'b' };
    cache.put({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', labels }, colour: 'a' });
    assert.throws(() => {
      labels.a = 'c';
    }, TypeError);
  });

  it('does not take a name that is no index for an empty one', () => {
    assert.throws(() => new ObjectCache().byIndex('none', 'x'), /no index called none/);
  });
});
