/**
 * Faults 17 and 18, the part that no producer can write: batches put into the log itself while its
 * broker is down. The broker sends them as they are; what is in front of them and behind is good.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { createGzip } from 'node:zlib';
import {
  appendToLog,
  craftBatch,
  craftRecord,
  recordHead,
} from '#test/components/kafka/crafted-batch.ts';
import {
  type KafkaCluster,
  skipWithoutCluster,
  startKafkaCluster,
} from '#test/components/kafka/kafka-cluster.ts';
import { processesFor } from '#test/components/processes/processes.ts';
import type { ThunderNode } from '#test/components/processes/thunder-node.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { positionsOf, startServing, untilReady } from '../node-fixture.ts';
import { Ledger } from './ledger.ts';

const bombBytes = 1024 ** 3;
/** What a node may use on top of its memory without the bomb: the cap on one batch, and some. */
const growthKilobytesMax = 256 * 1024;
const unknownCodec = 6;

describe('batches that no producer writes', { skip: await skipWithoutCluster() }, () => {
  let cluster: KafkaCluster;
  before(async () => {
    cluster = await startKafkaCluster({ brokers: 1 });
  });
  after(() => cluster.stop());

  /** A topic with good posts, then this batch, then good posts again. */
  async function logWith(
    t: TestContext,
    batch: (baseOffset: number) => Buffer,
  ): Promise<{ topic: string; ledger: Ledger }> {
    const topic = await cluster.createTopic();
    const ledger = new Ledger({ kafka: cluster, topic });
    t.after(() => ledger.close());
    await ledger.create(10);
    await ledger.close();
    const broker = cluster.broker(1);
    await broker.stopCleanly();
    await appendToLog(broker.dataFolder, topic, 0, [batch(10)]);
    await broker.restart();
    await ledger.create(10);
    return { topic, ledger };
  }

  async function nodeOn(t: TestContext, topic: string): Promise<ThunderNode> {
    const kafka = { bootstrap: cluster.nodesBootstrap };
    return startServing(await processesFor(t), { kafka, topic });
  }

  it('fault 17: a codec that nobody knows is named where it was found', async (t) => {
    const { topic, ledger } = await logWith(t, (baseOffset) =>
      craftBatch({ baseOffset, codec: unknownCodec, records: craftRecord(Buffer.from('?')) }),
    );
    const node = await nodeOn(t, topic);
    await waitFor(
      'it is said',
      () => node.hasExited || node.log().includes(`codec ${unknownCodec}`),
    );
    assert.match(
      node.log(),
      new RegExp(`compressed with codec ${unknownCodec}, which nobody knows`),
    );
    const line =
      node
        .log()
        .split('\n')
        .find((one) => one.includes('"record skipped"')) ?? '';
    assert.match(line, /"partition":0\b/);
    assert.match(line, /"firstOffset":10\b/);
    await untilReady(node);
    const { warnings } = await node.status();
    assert.match(warnings.join(), new RegExp(`offsets 10 to 10 of .*codec ${unknownCodec}`));
    await ledger.judge([node]);
  });

  it('fault 18: a gigabyte in a megabyte is refused at the limit, and memory stays flat', async (t) => {
    const zeros = await gzipOfZeros(bombBytes);
    t.diagnostic(`${bombBytes} bytes in ${zeros.length}`);
    const { topic, ledger } = await logWith(t, (baseOffset) =>
      craftBatch({ baseOffset, codec: 1, records: zeros }),
    );
    const harmless = await cluster.createTopic();
    const other = await nodeOn(t, harmless);
    await untilReady(other);
    const node = await nodeOn(t, topic);
    await untilReady(node);
    await ledger.judge([node]);
    const status = await node.status();
    assert.equal(positionsOf(status), 21);
    assert.equal(status.counters['unreadable_batch'], 1);
    assert.match(status.warnings.join(), /posts may be missing: .*inflates beyond its cap/);
    assert.match(node.log(), /"reason":"unreadable_batch".*inflates beyond its cap/);
    const growth = peakKilobytes(node.pid) - peakKilobytes(other.pid);
    t.diagnostic(`${growth} KB more than a node without the bomb`);
    assert.ok(growth < growthKilobytesMax, `${growth} KB`);
  });
});

/** The most resident memory a process ever had. */
function peakKilobytes(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]);
}

/** One record of so many zeros, compressed without ever being in memory. */
async function gzipOfZeros(count: number): Promise<Buffer> {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(gzip, 'end');
  gzip.write(recordHead(count));
  const zeros = Buffer.alloc(4 * 1024 * 1024);
  for (let left = count; left > 0; left -= zeros.length) {
    if (!gzip.write(zeros.subarray(0, Math.min(left, zeros.length)))) await once(gzip, 'drain');
  }
  gzip.end(Buffer.from([0]));
  await ended;
  return Buffer.concat(chunks);
}
