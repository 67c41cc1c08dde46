/**
 * Ten thousand watches, one after the other: nothing is left of those before. They are refused,
 * ended at once, reset, or opened on the real server and then cut.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { configMaps } from '#operator/kube/types.ts';
import {
  controlPlaneOrSkip,
  skipWithoutControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { kubeForTest } from './kube-for-test.ts';

const reconnects = 10_000;
const withinMs = 180_000;
/** The heap wanders by a few megabytes; a leak of 1 KB a watch would show as ten. */
const heapGrowthBytesMax = 6 * 1024 * 1024;

describe('ten thousand watches', { skip: await skipWithoutControlPlane() }, () => {
  it('leave no memory, no handle and no second watch behind', async (t) => {
    const plane = await controlPlaneOrSkip(t, { own: true, controllers: false });
    if (plane === undefined) return;
    const proxy = await startFaultProxy(plane);
    t.after(() => proxy.stop());
    const namespace = await plane.createNamespace();
    const kube = kubeForTest(t, proxy.kubeconfig);
    let watches = 0;
    let openMax = 0;
    proxy.decide = ({ isWatch }) => {
      if (!isWatch) return undefined;
      watches += 1;
      openMax = Math.max(openMax, proxy.openWatches);
      proxy.forgetRequests();
      if (watches > reconnects) return undefined;
      // This one reaches the server; it is cut as soon as it is open.
      if (watches % 100 === 0) return undefined;
      if (watches % 20 === 0) return { kind: 'reset' };
      if (watches % 2 === 0) return { kind: 'refuse', status: 503 };
      return { kind: 'end' };
    };
    const informer = kube.informer(configMaps, {
      namespace,
      backoff: { firstMs: 0.01, ceilingMs: 0.01 },
    });
    await informer.whenSynced();
    const at = async (count: number): Promise<Sizes> => {
      const isThere = (): boolean => {
        if (watches < reconnects) proxy.cutWatches();
        return watches >= count;
      };
      await waitFor(`${count} watches`, isThere, { withinMs });
      return sizesNow();
    };
    const early = await at(2_000);
    const late = await at(reconnects);
    t.diagnostic(
      `after 2000: ${JSON.stringify(early)}, after ${reconnects}: ${JSON.stringify(late)}`,
    );
    await waitFor('the last watch stays', () => proxy.openWatches === 1);
    assert.ok(openMax <= 1, `${openMax} watches at a time`);
    assert.equal(kube.metrics.lists.total(), 1);
    assert.ok(late.heapBytes - early.heapBytes < heapGrowthBytesMax);
    assert.ok(late.files <= early.files + 4, `${early.files} files became ${late.files}`);
    assert.ok(late.resources <= early.resources + 8);
  });
});

interface Sizes {
  readonly heapBytes: number;
  readonly files: number;
  readonly resources: number;
}

function sizesNow(): Sizes {
  // Reachable only from a context made after the flag was set.
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    files: readdirSync('/proc/self/fd').length,
    resources: process.getActiveResourcesInfo().length,
  };
}
