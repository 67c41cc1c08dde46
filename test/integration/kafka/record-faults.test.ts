/**
 * Faults 12, 14 to 17 and 19: records, transactions and codecs that a node has to get through, written
 * by Kafka's own Java clients. Each test has a topic and nodes of its own, so they overlap.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type JavaCodec, JavaTool } from '#test/components/kafka/java-tool.ts';
import {
  type KafkaCluster,
  skipWithoutCluster,
  startKafkaCluster,
} from '#test/components/kafka/kafka-cluster.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { hostileInNetworkEvents } from '../hostile-records.ts';
import { append } from '../node-fixture.ts';
import { type FaultNode, launchFaultNode, startFaultNode } from './fault-node.ts';
import { Ledger } from './ledger.ts';

/** Of the transaction that hangs: the broker aborts it by itself then. */
const transactionTimeoutMs = 6_000;
const hangs = 'thunder_kafka_hw_minus_lso';
const largeRecordBytes = 8 * 1024 * 1024;

describe('records that are not plain', { skip: await skipWithoutCluster(), concurrency: 4 }, () => {
  let cluster: KafkaCluster;
  let tool: JavaTool;
  before(async () => {
    cluster = await startKafkaCluster({ brokers: 1 });
    tool = await JavaTool.start(cluster.bootstrap);
  });
  after(async () => {
    await tool.kill();
    await cluster.stop();
  });

  async function createLog(
    t: TestContext,
    options: {
      readonly partitions?: number;
      readonly config?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<{ topic: string; ledger: Ledger; start: (name?: string) => Promise<FaultNode> }> {
    const topic = await cluster.createTopic(options);
    const ledger = new Ledger({ kafka: cluster, topic });
    t.after(() => ledger.close());
    const start = (name = 'node') =>
      startFaultNode(t, { bootstrap: cluster.nodesBootstrap, topic, name });
    return { topic, ledger, start };
  }

  /** Ready on a log that nobody writes to: at its very end, whatever is there. */
  async function assertAtEnd(node: FaultNode): Promise<void> {
    await node.untilReady();
    await waitFor('no lag is left', async () => {
      const { lagEvents, partitions } = await node.status();
      return lagEvents === 0 && partitions.every(({ position, end }) => position === end);
    });
    assert.equal((await node.status()).reason, '');
    assert.deepEqual(node.positions.violations, []);
  }

  it('fault 12: poison is skipped alone, counted by reason, and logged with its place', async (t) => {
    const { topic, ledger, start } = await createLog(t);
    const running = await start('running');
    await running.untilReady();
    await ledger.create(1);
    for (const { value } of hostileInNetworkEvents) {
      await append(cluster, topic, [{ value }]);
      await ledger.create(1);
    }
    const replayed = await start('replayed');
    for (const node of [running, replayed]) {
      await assertAtEnd(node);
      const { counters } = await node.status();
      for (const { reason } of hostileInNetworkEvents) {
        const expected = hostileInNetworkEvents.filter((one) => one.reason === reason).length;
        assert.equal(counters[reason], expected, `${node.name}: ${reason}`);
      }
      const skipped = node
        .log()
        .split('\n')
        .filter((line) => line.includes('"record skipped"'));
      assert.ok(skipped.length > 0);
      for (const line of skipped) {
        assert.match(
          line,
          new RegExp(`"reason":"[a-z_]+".*"topic":"${topic}","partition":0,"offset":\\d`),
        );
        assert.doesNotMatch(line, /not a record at all|payload|"value"/);
      }
    }
    await ledger.judge([running, replayed]);
  });

  it('fault 13: a storm of poison keeps a starting node unready, and is said by a running one', async (t) => {
    const { topic, ledger, start } = await createLog(t);
    const running = await start('running');
    await running.untilReady();
    const garbage = Array.from({ length: 900 }, () => ({ value: Buffer.from('garbage') }));
    await ledger.create(100);
    await append(cluster, topic, garbage);
    await waitFor('it is said', async () =>
      /DecodeFailureRate|cannot be (decoded|read)/i.test((await running.status()).reason),
    );
    assert.equal((await running.page('/readyz')).code, 200, 'what is ready stays ready');
    const starting = await start('starting');
    await waitFor('it has read the log', async () => (await starting.status()).lagEvents === 0);
    await waitFor('it says why it is not ready', async () =>
      /DecodeFailureRate|cannot be (decoded|read)/i.test((await starting.status()).reason),
    );
    assert.equal((await starting.page('/readyz')).code, 503);
    await ledger.judge([running]);
  });

  it('fault 14: an aborted transaction stays invisible and holds nobody up', async (t) => {
    const { topic, ledger, start } = await createLog(t, { partitions: 2 });
    const running = await start('running');
    await running.untilReady();
    await ledger.create(5);
    const id = `abort-${topic}`;
    for (const partition of [0, 1]) {
      await tool.begin(id);
      await tool.put(id, { topic, partition, values: valuesOf(ledger, [900, 901, 902]) });
      await tool.abort(id);
      await ledger.create(3, { partition });
    }
    await tool.begin(id);
    const committed = ledger.reserve(4);
    await tool.put(id, { topic, partition: 1, values: valuesOf(ledger, committed) });
    await tool.commit(id);
    ledger.acknowledged(committed);
    const replayed = await start('replayed');
    await assertAtEnd(replayed);
    await assertAtEnd(running);
    await ledger.judge([running, replayed]);
  });

  it('fault 15: a hanging transaction delays no readiness, and ends at its timeout', async (t) => {
    const { topic, ledger, start } = await createLog(t);
    await ledger.create(5);
    const id = `hang-${topic}`;
    await tool.begin(id, { timeoutMs: transactionTimeoutMs });
    const { first } = await tool.put(id, { topic, values: valuesOf(ledger, [900]) });
    const behind = await ledger.create(5);
    const node = await start();
    await node.untilReady();
    const { partitions } = await node.status();
    const held = partitions[0]?.position;
    // A machine that is too busy may come here after the timeout; then there is nothing to be seen.
    if (held === first) {
      assert.equal((await ledger.missingAt(node)).length, behind.length);
      await waitFor('it is seen that something hangs', async () => (await node.metric(hangs)) > 0);
    } else {
      t.diagnostic('the transaction timed out before the node was ready');
    }
    await ledger.judge([node]);
    await assertAtEnd(node);
    await waitFor('nothing hangs', async () => (await node.metric(hangs)) === 0);
  });

  it('fault 16: a log that ends in a marker, or with holes before it, is read to its end', async (t) => {
    const compacted = {
      'cleanup.policy': 'compact',
      'segment.ms': '1000',
      'min.cleanable.dirty.ratio': '0.01',
      'min.compaction.lag.ms': '0',
    };
    const { topic, ledger, start } = await createLog(t, { config: compacted });
    const key = Buffer.from('the same for all');
    const stampMs = Date.now() - 60_000;
    // Segments roll by the records' own time, and what rolled is compacted: of these the last stays.
    const keyed = 5;
    for (let index = 0; index < keyed; index += 1) {
      const timestampMs = stampMs + index * 5_000;
      const ids = ledger.reserve(1);
      await tool.send({ topic, key, timestampMs, values: valuesOf(ledger, ids) });
    }
    const id = `marker-${topic}`;
    const ids = ledger.reserve(3);
    await tool.begin(id);
    await tool.put(id, {
      topic,
      key: Buffer.from('another'),
      values: valuesOf(ledger, ids.slice(-1)),
    });
    await tool.commit(id);
    ledger.acknowledged(ids.slice(-1));
    await tool.begin(id);
    await tool.put(id, { topic, key, values: valuesOf(ledger, [900]) });
    await tool.abort(id);
    const running = await start('before');
    await assertAtEnd(running);
    await ledger.judge([running]);
    await waitFor(
      'the cleaner has made holes',
      async () => {
        const probe = await launchFaultNode({
          bootstrap: cluster.nodesBootstrap,
          topic,
          name: 'probe',
        });
        await probe.untilReady();
        const { created = 0 } = (await probe.status()).counters;
        await probe.stop();
        return created < keyed;
      },
      { pollMs: 200 },
    );
    const replayed = await start('replayed');
    await assertAtEnd(replayed);
    await ledger.judge([replayed]);
  });

  it('fault 17: every codec, mixed in one topic, in batches of any size, is read', async (t) => {
    const { topic, ledger, start } = await createLog(t, { partitions: 2 });
    const running = await start('running');
    await running.untilReady();
    const codecs: readonly JavaCodec[] = ['gzip', 'none', 'snappy', 'lz4', 'zstd'];
    for (const records of [1, 2, 40, 300]) {
      for (const codec of codecs) {
        const ids = ledger.reserve(records);
        const partition = records % 2;
        await tool.send({ topic, partition, values: valuesOf(ledger, ids) }, codec);
        ledger.acknowledged(ids);
      }
    }
    const replayed = await start('replayed');
    await assertAtEnd(replayed);
    await assertAtEnd(running);
    await ledger.judge([running, replayed]);
    for (const node of [running, replayed]) {
      const { counters } = await node.status();
      assert.equal(counters['unreadable_batch'], 0);
      assert.equal(counters['malformed'], 0);
    }
  });

  it('fault 19: a record larger than any fetch is fetched, counted and passed', async (t) => {
    const { topic, ledger, start } = await createLog(t);
    const running = await start('running');
    await running.untilReady();
    await ledger.create(2);
    await tool.send({ topic, values: [Buffer.alloc(largeRecordBytes, 'x')] });
    await ledger.create(2);
    const replayed = await start('replayed');
    for (const node of [running, replayed]) {
      await assertAtEnd(node);
      assert.equal((await node.status()).counters['too_large'], 1);
    }
    await ledger.judge([running, replayed]);
  });
});

function valuesOf(ledger: Ledger, ids: readonly number[]): Buffer[] {
  return ids.map((id) => ledger.valueOf(id));
}
