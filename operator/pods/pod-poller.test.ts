/** Pods that answer, are silent, answer too much or nonsense, over real connections. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { podAnswerBytesMax } from '#operator/bounds.ts';
import { systemClock } from '#operator/kube/clock.ts';
import type { Pod } from '#operator/kube/types.ts';
import { reportOf } from '#operator/rollout/rollout-fixture.suite.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { createPodPoller, type PodPollerOptions } from './pod-poller.ts';

const hosts = {
  well: '127.65.0.1',
  silent: '127.65.0.2',
  endless: '127.65.0.3',
  odd: '127.65.0.4',
};

describe('asking pods', () => {
  let server: Server;
  let lag = 1;
  before(async () => {
    server = createServer((request, response) => {
      switch (request.socket.localAddress) {
        case hosts.well:
          response.end(JSON.stringify(reportOf({ lagEvents: lag })));
          break;
        case hosts.endless:
          response.end(' '.repeat(podAnswerBytesMax + 1));
          break;
        case hosts.odd:
          response.end('<html>');
          break;
        default:
          // Never answers.
          break;
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '0.0.0.0', resolve);
    });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('knows those that answer, and nothing of the others, which keep nobody waiting', async (t) => {
    const outcomes = new Set<string>();
    const news: string[] = [];
    const poller = poll(t, {
      pods: () => Object.entries(hosts).map(([name, podIP]) => podAt(name, podIP)),
      onNews: ({ metadata }) => news.push(metadata.name),
      onAnswer: (outcome) => outcomes.add(outcome),
    });
    await waitFor('the well one is known', () => poller.reportOf('uid-well'));
    await waitFor('all were asked', () => outcomes.size === 3);
    for (const name of ['silent', 'endless', 'odd']) {
      assert.equal(poller.reportOf(`uid-${name}`), null);
    }
    assert.deepEqual(news, ['well']);
    lag = 50_000;
    await waitFor('its lag is news', () => news.length === 2);
    assert.equal(poller.reportOf('uid-well')?.lagEvents, lag);
  });

  it('forgets pods that are gone, and asks none that does not run', async (t) => {
    let pods = [podAt('well', hosts.well), podAt('pending', hosts.well, 'Pending')];
    const poller = poll(t, { pods: () => pods });
    await waitFor('the well one is known', () => poller.reportOf('uid-well'));
    assert.equal(poller.reportOf('uid-pending'), null);
    pods = [];
    await waitFor('it is forgotten', () => poller.reportOf('uid-well') === null);
  });

  function poll(t: TestContext, options: Partial<PodPollerOptions>) {
    const poller = createPodPoller({
      ...{ pods: () => [], onNews: () => undefined, clock: systemClock, pollMs: 20 },
      port: (server.address() as AddressInfo).port,
      ...options,
    });
    const ending = new AbortController();
    const running = poller.run(ending.signal);
    t.after(async () => {
      ending.abort();
      await running;
    });
    return poller;
  }
});

function podAt(name: string, podIP: string, phase = 'Running'): Pod {
  const metadata = { name, namespace: 'feeds', uid: `uid-${name}` };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase, podIP } };
}
