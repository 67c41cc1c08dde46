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
      onNews: ({ metadata }, kind) => news.push(`${metadata.name} ${kind}`),
      onAnswer: (outcome) => outcomes.add(outcome),
    });
    await waitFor('the well one is known', () => poller.reportOf('uid-well'));
    await waitFor('all were asked', () => outcomes.size === 3);
    for (const name of ['silent', 'endless', 'odd']) {
      assert.equal(poller.reportOf(`uid-${name}`), null);
    }
    assert.deepEqual(news, ['well state']);
    lag = 50_000;
    await waitFor('its lag is news', () => news.length === 2);
    assert.deepEqual(news, ['well state', 'well figures']);
    assert.equal(poller.reportOf('uid-well')?.lagEvents, lag);
  });

  it('asks a pod that is ready and has answered less often', async (t) => {
    const asked: string[] = [];
    const ready = readyPod(podAt('ready', hosts.well));
    const poller = poll(t, {
      pods: () => [ready, podAt('odd', hosts.odd)],
      onAnswer: (outcome) => asked.push(outcome),
      readyPollMs: 3_600_000,
    });
    await waitFor('the ready one is known', () => poller.reportOf('uid-ready'));
    await waitFor('rounds go on', () => asked.length > 5);
    assert.deepEqual(
      asked.filter((outcome) => outcome === 'answered'),
      ['answered'],
    );
  });

  it('a ready pod that falls far behind is news at once, one that wavers is figures', async (t) => {
    const news: string[] = [];
    lag = 1;
    poll(t, {
      pods: () => [readyPod(podAt('ready', hosts.well))],
      onNews: (_, kind) => news.push(kind),
      readyPollMs: 20,
    });
    await waitFor('it is known', () => news.length === 1);
    lag = 7;
    await waitFor('it wavers', () => news.length === 2);
    lag = 50_000;
    await waitFor('it falls behind', () => news.length === 3);
    assert.deepEqual(news, ['state', 'figures', 'state']);
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

function readyPod(pod: Pod): Pod {
  const conditions = [{ type: 'Ready', status: 'True' }];
  return { ...pod, status: { ...pod.status, conditions } };
}

function podAt(name: string, podIP: string, phase = 'Running'): Pod {
  const metadata = { name, namespace: 'feeds', uid: `uid-${name}` };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase, podIP } };
}
