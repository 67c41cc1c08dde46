/**
 * L4 with whole processes: a node that is told to end under load leaves nobody without an answer and
 * nothing behind in Kafka.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createQueryClient } from '#cli/query/query-client.ts';
import { skipWithoutKafka, startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import {
  append,
  createEvent,
  healthOf,
  notServing,
  startServing,
  untilApplied,
  untilReady,
} from './node-fixture.ts';

const authors = Array.from({ length: 50 }, (_, index) => BigInt(index + 1));
const callers = 6;

describe('a node that is told to end', { skip: await skipWithoutKafka() }, () => {
  let kafka: TestKafka;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.stop());

  async function groupsOf(topic: string): Promise<string[]> {
    const admin = kafka.client().admin();
    await admin.connect();
    try {
      const { groups } = await admin.listGroups();
      return groups.map((group) => group.groupId).filter((id) => id.startsWith(topic));
    } finally {
      await admin.disconnect();
    }
  }

  it('L4: SIGTERM under load fails no call of a client that retries once, exits 0 and removes its group', async (t) => {
    const topic = await kafka.createTopic();
    const messages = authors.flatMap((author) =>
      Array.from({ length: 10 }, (_, index) => ({
        value: createEvent(author * 100n + BigInt(index), author),
      })),
    );
    await append(kafka, topic, messages);
    const processes = await processesFor(t);
    const drainDelayMs = 700;
    const [leaving, staying] = await Promise.all([
      startServing(processes, { kafka, topic, name: 'leaving', drainDelayMs }),
      startServing(processes, { kafka, topic, name: 'staying', drainDelayMs }),
    ]);
    await Promise.all([untilReady(leaving), untilReady(staying)]);
    await waitFor('both have their groups', async () => (await groupsOf(topic)).length === 2);

    const address = `ipv4:${leaving.address},${staying.address}`;
    const shared = createQueryClient({ address });
    t.after(() => shared.close());
    const answered = new Map<string | null, number>();
    const failures: string[] = [];
    const load = { isOver: false, sent: 0, retried: 0 };
    /** Half of the callers keep their connections, half connect anew for every call. */
    const call = async (_: unknown, index: number): Promise<void> => {
      while (!load.isOver) {
        load.sent += 1;
        const client = index % 2 === 0 ? shared : createQueryClient({ address });
        try {
          const answer = await client.getInNetworkPosts({ userId: 1n, followingUserIds: authors });
          const { node } = answer.metadata;
          answered.set(node, (answered.get(node) ?? 0) + 1);
          load.retried += answer.tries - 1;
          if (answer.posts.length !== messages.length) {
            failures.push(`${answer.posts.length} posts`);
          }
        } catch (error) {
          failures.push(String(error));
        } finally {
          if (client !== shared) client.close();
        }
      }
    };
    const countOf = (name: string): number => answered.get(name) ?? 0;
    const callsOver = Array.from({ length: callers }, call);
    await waitFor('both nodes answer', () => countOf('leaving') > 50 && countOf('staying') > 50);

    leaving.kill('SIGTERM');
    await waitFor('it says that it is not ready', async () => {
      const { code, body } = await leaving.page('/readyz');
      return code === 503 && body.includes('draining');
    });
    assert.equal(await healthOf(leaving), notServing);
    const answeredBefore = countOf('leaving');
    await waitFor('it still answers', () => countOf('leaving') > answeredBefore + 10);

    assert.deepEqual(await leaving.exited, { code: 0, signal: null });
    const othersBefore = countOf('staying');
    await waitFor('the other goes on', () => countOf('staying') > othersBefore + 50);
    load.isOver = true;
    await Promise.all(callsOver);
    t.diagnostic(`${load.sent} calls, ${load.retried} of them answered at the second try`);
    assert.deepEqual(failures, []);
    assert.equal((await groupsOf(topic)).length, 1, 'its group is gone, the other one is not');

    assert.equal(await staying.stop(), 0);
    assert.deepEqual(await groupsOf(topic), []);
  });

  it('L4: a second signal ends a node at once', async (t) => {
    const topic = await kafka.createTopic();
    await append(kafka, topic, [{ value: createEvent(1n, 1n) }]);
    const drainDelayMs = 600_000;
    const node = await startServing(await processesFor(t), { kafka, topic, drainDelayMs });
    await untilReady(node);
    await untilApplied(node, 1);
    node.kill('SIGTERM');
    await waitFor('it drains', async () => (await node.status()).stage === 'draining');
    assert.equal(node.hasExited, false);
    node.kill('SIGTERM');
    assert.deepEqual(await node.exited, { code: 143, signal: null });
  });
});
