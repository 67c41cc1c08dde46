/**
 * Leader election between processes on a real API server: one that is paused past its lease writes
 * nothing more, whatever moment it was stopped at. The proxy sees every request that is sent.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { leaseTimes } from '#operator/kube/limits.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import {
  type ProxiedRequest,
  startFaultProxy,
} from '#test/components/control-plane/fault-proxy.ts';
import { startJanitor } from '#test/components/kafka/janitor.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';

const program = path.join(import.meta.dirname, 'elector-process.ts');

describe('leader election on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  before(async () => {
    plane = await startControlPlane({ own: true, controllers: false });
  });
  after(() => plane?.stop());

  it('a leader that was paused past its lease writes nothing more, and another leads', async (t) => {
    const { start, writesOf } = await arrange(t);
    const first = start('first');
    await first.says('leading');
    const second = start('second');
    await waitFor('the first writes', () => writesOf('first').length > 20);
    first.child.kill('SIGSTOP');
    const pausedMs = performance.now();
    await second.says('leading');
    const failoverMs = Math.round(performance.now() - pausedMs);
    t.diagnostic(`failover took ${failoverMs} ms`);
    await waitFor('the second writes', () => writesOf('second').length > 20);
    const before = writesOf('first').length;
    first.child.kill('SIGCONT');
    await first.says('lost');
    assert.equal(writesOf('first').length, before);
    assert.equal(await first.exitCode, 1);
    // It still leads, and nobody disturbed it.
    const secondBefore = writesOf('second').length;
    await waitFor('the second writes on', () => writesOf('second').length > secondBefore + 20);
  });

  it('a leader that ends in order hands over at once', async (t) => {
    const { start, writesOf } = await arrange(t);
    const first = start('first');
    await first.says('leading');
    const second = start('second');
    await waitFor('the second waits', () => second.hasLooked());
    first.child.kill('SIGTERM');
    const endedMs = performance.now();
    await second.says('leading');
    const handOverMs = Math.round(performance.now() - endedMs);
    t.diagnostic(`hand-over took ${handOverMs} ms`);
    assert.equal(await first.exitCode, 0);
    const before = writesOf('first').length;
    await waitFor('the second writes', () => writesOf('second').length > 20);
    assert.equal(writesOf('first').length, before);
  });

  it('a leader that cannot renew stops writing before its lease is over', async (t) => {
    const { start, writesOf, proxy } = await arrange(t);
    const first = start('first');
    await first.says('leading');
    await waitFor('it writes', () => writesOf('first').length > 20);
    const brokenMs = performance.now();
    proxy.decide = ({ path: where, isWrite }) =>
      isWrite && where.includes('/leases') ? { kind: 'refuse', status: 503 } : undefined;
    await first.says('lost');
    assert.equal(await first.exitCode, 1);
    const isGood = ({ atMs }: ProxiedRequest): boolean => atMs < brokenMs;
    const renewals = proxy.requests.filter((one) => one.isWrite && one.path.includes('/leases'));
    const renewedMs = renewals.findLast(isGood)?.atMs ?? 0;
    const lastMs = writesOf('first').at(-1)?.atMs ?? 0;
    t.diagnostic(`wrote for ${Math.round(lastMs - renewedMs)} ms after its last renewal`);
    assert.ok(lastMs > brokenMs && lastMs - renewedMs < leaseTimes.leaseMs);
  });

  async function arrange(t: TestContext) {
    const proxy = await startFaultProxy(plane);
    t.after(() => proxy.stop());
    const namespace = await plane.createNamespace();
    const start = (identity: string) => {
      const child = spawn(process.execPath, [program, proxy.kubeconfig, namespace, identity], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // A paused child does not end with its parent.
      const janitor = startJanitor('kill -9 "$1"', [String(child.pid)]);
      t.after(async () => {
        child.kill('SIGKILL');
        await janitor.clean();
      });
      const hasLooked = (): boolean => proxy.requests.some((one) => one.userAgent === identity);
      return watchChild(child, hasLooked);
    };
    return {
      proxy,
      start,
      /** What it sent to be written, renewals aside. */
      writesOf: (identity: string) =>
        proxy.requests.filter(
          (one) => one.isWrite && one.userAgent === identity && !one.path.includes('/leases'),
        ),
    };
  }
});

function watchChild(child: ChildProcess, hasLooked: () => boolean) {
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return {
    child,
    hasLooked,
    exitCode: once(child, 'exit').then(([code]) => code as number | null),
    says: (word: string) => waitFor(`it says ${word}`, () => said.split('\n').includes(word)),
  };
}
