/** Our own writes are seen at once, and never longer than the cache is behind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writtenMsMax } from '#operator/bounds.ts';
import { ObjectCache } from '#operator/kube/object-cache.ts';
import { type KubeObject, keyOf } from '#operator/kube/objects.ts';
import type { Change, Informer } from '#operator/kube/ports.ts';
import { configMaps } from '#operator/kube/types.ts';
import { allNamespaces, View } from './view.ts';

describe('a view of cached objects', () => {
  it('shows a write before the cache does, and the cache as soon as it moves', () => {
    const { view, cache } = arrange();
    view.beginWrite('feeds/a')(objectOf('a', '5'));
    assert.equal(view.get('feeds/a')?.metadata.resourceVersion, '5');
    assert.deepEqual(view.byLabels('feeds', { app: 'x' }).map(keyOf), ['feeds/a']);
    assert.deepEqual(view.byOwner('owner').map(keyOf), ['feeds/a']);
    assert.equal(view.list().length, 1);
    cache.put(objectOf('a', '5'));
    cache.put(objectOf('a', '6'));
    assert.equal(view.get('feeds/a')?.metadata.resourceVersion, '6');
    view.beginWrite('feeds/a')(objectOf('a', '7'));
    assert.equal(view.get('feeds/a')?.metadata.resourceVersion, '7');
    cache.remove('feeds/a');
    assert.equal(view.get('feeds/a'), undefined);
  });

  it('believes a cache that has moved during the write: an edit by others may have followed it', () => {
    const { view, cache } = arrange();
    cache.put(objectOf('a', '1'));
    const written = view.beginWrite('feeds/a');
    cache.put(objectOf('a', '2'));
    cache.put(objectOf('a', '3'));
    written(objectOf('a', '2'));
    assert.equal(view.get('feeds/a')?.metadata.resourceVersion, '3');
  });

  it('shows the second of two writes that the cache has not seen yet', () => {
    const { view, cache } = arrange();
    cache.put(objectOf('a', '1'));
    view.beginWrite('feeds/a')(objectOf('a', '2'));
    view.beginWrite('feeds/a')(objectOf('a', '3'));
    assert.equal(view.get('feeds/a')?.metadata.resourceVersion, '3');
    cache.put(objectOf('a', '2'));
    assert.equal(view.get('feeds/a')?.metadata.resourceVersion, '2');
  });

  it('takes nothing from another namespace', () => {
    const { view, cache } = arrange();
    cache.put(objectOf('a', '1', 'others'));
    assert.deepEqual(view.byLabels('feeds', { app: 'x' }), []);
    assert.equal(view.byLabels('others', { app: 'x' }).length, 1);
  });

  it('believes the cache again after a while, for what was deleted unseen never shows', () => {
    const { view, clock } = arrange();
    view.beginWrite('feeds/a')(objectOf('a', '5'));
    clock.nowMs += writtenMsMax;
    assert.equal(view.get('feeds/a'), undefined);
    assert.deepEqual(view.list(), []);
  });
});

/** The cache of an informer, without its watch. */
function arrange() {
  const objects = new ObjectCache<KubeObject>();
  const listeners: ((change: Change<KubeObject>) => void)[] = [];
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs };
  const informer = {
    get: (key: string) => objects.get(key),
    list: () => objects.values(),
    byOwner: (uid: string) => objects.byOwner(uid),
    byLabels: (labels: Record<string, string>) => objects.byLabels(labels),
    onChange(listener: (change: Change<KubeObject>) => void) {
      listeners.push(listener);
      return () => undefined;
    },
  } as unknown as Informer<KubeObject>;
  const tell = (key: string, before?: KubeObject, after?: KubeObject): void => {
    for (const listener of listeners) listener({ key, before, after, cause: 'watch' });
  };
  const cache = {
    put: (object: KubeObject) => tell(keyOf(object), objects.put(object), object),
    remove: (key: string) => tell(key, objects.remove(key)),
  };
  const view = new View<KubeObject>(configMaps, new Map([[allNamespaces, informer]]), clock);
  return { view, cache, clock };
}

function objectOf(name: string, resourceVersion: string, namespace = 'feeds'): KubeObject {
  const owner = { apiVersion: 'v1', kind: 'Owner', name: 'owner', uid: 'owner' };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...{ name, namespace, resourceVersion, uid: `uid-${name}` },
      labels: { app: 'x' },
      ownerReferences: [owner],
    },
  };
}
