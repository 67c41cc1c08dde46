/** The pump over memory: acknowledgement before commit, order, linger, dead letters, stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '#runtime/clock.ts';
import { DependencyError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import { authorKey } from './author-partition.ts';
import type { RecordConverter } from './input-formats.ts';
import { MemoryInput, MemoryOutput } from './memory-log.ts';
import { type InputRecord, type OutputRecord, OutputRefusedError } from './transform-ports.ts';
import { createTransformer, type TransformerOptions } from './transformer.ts';

/** Values are `author:id`; `bad` is broken, `none` is of no use. */
const converter: RecordConverter = (value) => {
  const text = value?.toString() ?? 'bad';
  if (text === 'bad' || text === 'none') {
    return { kind: 'skip', reason: text === 'bad' ? 'malformed' : 'nullcast' };
  }
  const author = Number(text.split(':')[0]);
  const key = author === 0 ? null : authorKey(0, author);
  return {
    kind: 'write',
    event: key === null ? 'delete' : 'create',
    key,
    value: Buffer.from(text),
  };
};

function log(...values: string[]): InputRecord[] {
  return values.map((value, offset) => ({
    offset,
    timestampMs: 1_700_000_000_000 + offset,
    key: Buffer.from(`key ${offset}`),
    value: Buffer.from(value),
  }));
}

function texts(records: readonly OutputRecord[] | undefined): string[] {
  return (records ?? []).map((record) => String(record.value));
}

function setUp(partitions: InputRecord[][], more: Partial<TransformerOptions> = {}, outputs = 1) {
  const input = new MemoryInput('in', partitions);
  const output = new MemoryOutput(outputs);
  const transformer = createTransformer({
    input,
    output,
    outputTopic: 'out',
    converter,
    lingerMs: 0,
    clock: systemClock,
    logger: silentLogger,
    ...more,
    limits: { retryInitialMs: 1, retryMaxMs: 2, ...more.limits },
  });
  return { input, output, transformer };
}

/** Waits for a state of the world, not for time. */
async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, `not within 5 s: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}

const unacknowledged = new DependencyError('no leader', { code: 'NO_LEADER', retry: 'backoff' });

test('T2: a position is committed only after everything before it is acknowledged', async () => {
  const { input, output, transformer } = setUp([log('1:1', 'none', '1:2', 'bad')]);
  let acknowledge = (): void => undefined;
  output.beforeSend = () =>
    new Promise((resolve) => {
      acknowledge = resolve;
    });
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('the batch is sent', () => output.sendSizes.length === 1);
  assert.deepEqual(input.commits, []);
  acknowledge();
  await until('committed', () => input.committed.get(0) === 4);
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1', '1:2']);
  await transformer.stop();
});

test('T2: a send that fails is repeated until it is acknowledged, and nothing overtakes it', async () => {
  const { input, output, transformer } = setUp([log('1:1', '2:2', '3:3', '4:4', '5:5')], {
    limits: { batchRecordsMax: 2 },
  });
  let failures = 0;
  output.beforeSend = async () => {
    if (failures < 5) {
      failures += 1;
      assert.deepEqual(input.commits, []);
      throw unacknowledged;
    }
  };
  await transformer.start(AbortSignal.timeout(5000));
  const delivered = input.deliver();
  await until('it says why', () => transformer.status().reason.includes('no leader'));
  await delivered;
  await until('committed', () => input.committed.get(0) === 5);
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1', '2:2', '3:3', '4:4', '5:5']);
  assert.equal(transformer.status().counters['send_failures'], 5);
  assert.equal(transformer.status().reason, '');
  await transformer.stop();
});

test('T2: while the output is away the input waits, with no more than the bound in memory', async () => {
  const many = log(...Array.from({ length: 1000 }, (_, id) => `1:${id}`));
  const { input, output, transformer } = setUp([many], {
    limits: { batchRecordsMax: 10, queuedBatchesMax: 2 },
  });
  let isAway = true;
  output.beforeSend = async () => {
    if (isAway) {
      throw unacknowledged;
    }
  };
  await transformer.start(AbortSignal.timeout(5000));
  const delivered = input.deliver(5);
  await until('it has tried', () => (transformer.status().counters['send_failures'] ?? 0) > 3);
  // One batch in flight, two queued, one being filled, and the block that filled it.
  assert.ok((transformer.status().counters['read'] ?? 0) <= 45);
  isAway = false;
  await delivered;
  await until('committed', () => input.committed.get(0) === 1000);
  assert.deepEqual(texts(output.partitions('out')[0]), texts(many as unknown as OutputRecord[]));
  await transformer.stop();
});

test('T2: a commit that fails is repeated', async () => {
  const { input, transformer } = setUp([log('1:1', '1:2')]);
  input.commitErrors.push(unacknowledged, unacknowledged);
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 2);
  assert.equal(transformer.status().counters['commit_failures'], 2);
  await transformer.stop();
});

test('T2: what was in flight at a rebalance commits nothing for partitions lost to another', async () => {
  const { input, output, transformer } = setUp([log('1:1'), log('2:2')]);
  let acknowledge = (): void => undefined;
  output.beforeSend = () =>
    new Promise((resolve) => {
      acknowledge = resolve;
    });
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('the batch is sent', () => output.sendSizes.length === 1);
  input.rebalance([1]);
  acknowledge();
  output.beforeSend = async () => undefined;
  await input.deliver();
  await until('the rest is committed', () => input.committed.get(1) === 1);
  assert.equal(input.committed.has(0), false);
  // Delivered again after the rebalance, so written twice: at least once.
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1', '2:2', '2:2']);
  assert.deepEqual(
    transformer.status().partitions.map(({ partition }) => partition),
    [1],
  );
  await transformer.stop();
});

test('T2: order per partition holds, and nothing is lost, through failures and rebalances', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.constantFrom('ok', 'fail', 'rebalance'), { maxLength: 30 }),
      async (sizes, batchRecordsMax, blockRecords, script) => {
        const logs = sizes.map((size, partition) =>
          log(...Array.from({ length: size }, (_, id) => `${partition + 1}:${id}`)),
        );
        const { input, output, transformer } = setUp(logs, { limits: { batchRecordsMax } }, 2);
        output.beforeSend = async () => {
          const step = script.shift();
          if (step === 'rebalance') {
            input.rebalance([...logs.keys()]);
          } else if (step === 'fail') {
            throw unacknowledged;
          }
        };
        await transformer.start(AbortSignal.timeout(5000));
        await until('all committed', () => {
          void input.deliver(blockRecords);
          return logs.every((records, at) => (input.committed.get(at) ?? 0) === records.length);
        });
        await transformer.stop();
        const written = output.partitions('out').flatMap((records) => texts(records));
        for (const [at, records] of logs.entries()) {
          const ids = written
            .filter((text) => text.startsWith(`${at + 1}:`))
            .map((text) => Number(text.split(':')[1]));
          assert.equal(new Set(ids).size, records.length);
          // Repetitions start again further back, but no id comes before the one in front of it.
          ids.forEach((id, index) => assert.ok(id === 0 || ids.slice(0, index).includes(id - 1)));
        }
      },
    ),
    {
      numRuns: 60,
      examples: [
        // The group is at the log's end while batches from before are still queued.
        [
          [13],
          3,
          1,
          [
            'rebalance',
            'rebalance',
            'ok',
            'fail',
            'rebalance',
            'ok',
            'fail',
            'ok',
            'rebalance',
            'fail',
          ],
        ],
      ],
    },
  );
});

test('T2: a partial batch leaves after the linger time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { input, output, transformer } = setUp([log('1:1', '1:2', '1:3')], { lingerMs: 50 });
  await transformer.start(new AbortController().signal);
  await input.deliver(1);
  t.mock.timers.tick(49);
  assert.deepEqual(output.sendSizes, []);
  t.mock.timers.tick(1);
  assert.deepEqual(output.sendSizes, [3]);
  t.mock.timers.reset();
  await until('committed', () => input.committed.get(0) === 3);
  await transformer.stop();
});

test('T2: a full batch does not wait for the linger time', async () => {
  const { input, output, transformer } = setUp([log('1:1', '1:2', '1:3')], {
    lingerMs: 1_000_000,
    limits: { batchRecordsMax: 2 },
  });
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 2);
  assert.deepEqual(output.sendSizes, [2]);
  await transformer.stop();
  assert.equal(input.committed.get(0), 3);
});

test('T2: a stop sends and commits what is queued, then leaves', async () => {
  const { input, output, transformer } = setUp([log('1:1', '1:2')], { lingerMs: 1_000_000 });
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await Promise.all([transformer.stop(), transformer.stop()]);
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1', '1:2']);
  assert.equal(input.committed.get(0), 2);
  assert.ok(input.paused && input.closed && output.closed);
  assert.equal(transformer.status().stage, 'draining');
});

test('T2: a stop while the output is away ends in bounded time and commits nothing', async () => {
  const { input, output, transformer } = setUp([log('1:1')], { limits: { drainMs: 20 } });
  output.beforeSend = async () => {
    throw unacknowledged;
  };
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await transformer.stop();
  assert.deepEqual(input.commits, []);
  assert.ok(input.closed && output.closed);
});

test('T4: a delete without an author is written to every partition', async () => {
  const { input, output, transformer } = setUp([log('0:7')], {}, 3);
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 1);
  assert.deepEqual(output.partitions('out').map(texts), [['0:7'], ['0:7'], ['0:7']]);
  await transformer.stop();
});

test('T5: a broken record is counted, copied with where it came from, and skipped', async () => {
  const { input, output, transformer } = setUp([log('1:1', 'bad', 'none', '1:2')], {
    deadLetterTopic: 'dead',
  });
  output.beforeSend = async (topic) => {
    if (topic === 'dead') {
      assert.deepEqual(input.commits, [], 'acknowledged before the commit');
    }
  };
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 4);
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1', '1:2']);
  const [letter, ...others] = output.partitions('dead')[0] ?? [];
  assert.equal(others.length, 0);
  assert.equal(String(letter?.value), 'bad');
  assert.equal(String(letter?.key), 'key 1');
  assert.equal(letter?.timestampMs, 1_700_000_000_001);
  assert.deepEqual(letter?.headers, {
    'thunder-reason': 'malformed',
    'thunder-topic': 'in',
    'thunder-partition': '0',
    'thunder-offset': '1',
  });
  assert.deepEqual(transformer.status().counters, {
    assignments: 1,
    read: 4,
    written_create: 2,
    skipped_malformed: 1,
    skipped_nullcast: 1,
    dead_lettered: 1,
  });
  await transformer.stop();
});

test('T5: without a dead-letter topic a broken record is counted and skipped', async () => {
  const { input, output, transformer } = setUp([log('bad', '1:1')]);
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 2);
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1']);
  assert.equal(transformer.status().counters['skipped_malformed'], 1);
  await transformer.stop();
});

test('T5: a record the output will never take is set aside, its neighbours get through in order', async () => {
  const values = Array.from({ length: 9 }, (_, id) => `1:${id}`);
  const { input, output, transformer } = setUp([log(...values)], { deadLetterTopic: 'dead' });
  output.beforeSend = async (topic, records) => {
    if (topic === 'out' && texts(records).includes('1:5')) {
      throw new OutputRefusedError('too large');
    }
  };
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 9);
  assert.deepEqual(
    texts(output.partitions('out')[0]),
    values.filter((value) => value !== '1:5'),
  );
  assert.deepEqual(texts(output.partitions('dead')[0]), ['1:5']);
  assert.equal(output.partitions('dead')[0]?.[0]?.headers?.['thunder-reason'], 'refused');
  await transformer.stop();
});

test('T2: a record that the output refuses, with nowhere to set it aside, blocks until it is taken', async () => {
  const { input, output, transformer } = setUp([log('1:1', '1:2', '1:3')]);
  let isTaken = false;
  let refusals = 0;
  output.beforeSend = async (_topic, records) => {
    if (isTaken || !texts(records).includes('1:2')) return;
    refusals += 1;
    throw new OutputRefusedError('too large');
  };
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('tried again alone', () => refusals > 4 && output.sendSizes.at(-1) === 1);
  assert.match(transformer.status().reason, /topic out does not acknowledge: too large/);
  assert.equal(input.committed.get(0), undefined);
  isTaken = true;
  await until('committed', () => input.committed.get(0) === 3);
  assert.deepEqual(texts(output.partitions('out')[0]), ['1:1', '1:2', '1:3']);
  assert.equal(transformer.status().counters['refused'], undefined);
  await transformer.stop();
});

test('T5: broken records are logged with their place and no payload, and only so many a while', async () => {
  const lines: unknown[][] = [];
  const logger = Object.assign(Object.create(silentLogger), {
    warn: (...args: unknown[]) => lines.push(args),
  });
  const bad = log(...Array.from({ length: 500 }, () => 'bad'));
  const { input, transformer } = setUp([bad], { logger });
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 500);
  const skips = lines.filter(([, message]) => message === 'record skipped');
  assert.equal(skips.length, 10);
  assert.deepEqual(skips[3]?.[0], {
    reason: 'malformed',
    topic: 'in',
    partition: 0,
    offset: 3,
    heldBack: 0,
  });
  await transformer.stop();
});

test('T1: the key is the author, the stamp is the input record’s, never from the future', async () => {
  const records = log('258:1', '258:2', '258:3');
  const future = { ...(records[1] as InputRecord), timestampMs: Date.now() + 9e7 };
  const none = { ...(records[2] as InputRecord), timestampMs: -1 };
  const { input, output, transformer } = setUp([[records[0] as InputRecord, future, none]]);
  const before = Date.now();
  await transformer.start(AbortSignal.timeout(5000));
  await input.deliver();
  await until('committed', () => input.committed.get(0) === 3);
  const written = output.partitions('out')[0] ?? [];
  assert.deepEqual(
    written.map((record) => record.key?.toString('hex')),
    ['0000000000000102', '0000000000000102', '0000000000000102'],
  );
  assert.equal(written[0]?.timestampMs, 1_700_000_000_000);
  for (const record of written.slice(1)) {
    assert.ok(record.timestampMs >= before && record.timestampMs <= Date.now());
  }
  await transformer.stop();
});

test('L3: a short lag of which nothing was read is not caught up, and its reason stays', async () => {
  const { input, transformer } = setUp([log('1:1', '1:2', '1:3')], { lagIntervalMs: 1 });
  await transformer.start(AbortSignal.timeout(5000));
  input.trouble(new Error('cannot read'));
  await until('lag is known', () => transformer.status().lagEvents === 3);
  input.rebalance([0]);
  await until('lag is known again', () => transformer.status().lagEvents === 3);
  const { stage, ready, readyAt, reason } = transformer.status();
  assert.deepEqual([stage, ready, readyAt, reason], ['replaying', false, null, 'cannot read']);
  await input.deliver();
  await until('caught up', () => transformer.status().ready);
  assert.equal(transformer.status().reason, '');
  assert.notEqual(transformer.status().readyAt, null);
  await transformer.stop();
});

test('L3: what was in the way of reading is over when there is nothing to read', async () => {
  const { input, transformer } = setUp([[]], { lagIntervalMs: 1 });
  await transformer.start(AbortSignal.timeout(5000));
  input.trouble(new Error('cannot read'));
  assert.equal(transformer.status().reason, 'cannot read');
  await until('nothing is in the way', () => transformer.status().reason === '');
  await transformer.stop();
});

test('L3: a member without partitions says so, is ready to take over, and is not latched', async () => {
  const many = log(...Array.from({ length: 3000 }, (_, id) => `1:${id}`));
  const { input, transformer } = setUp([many], { lagIntervalMs: 1 });
  await transformer.start(AbortSignal.timeout(5000));
  input.rebalance([]);
  assert.match(transformer.status().reason, /no partitions assigned: more members than partitions/);
  assert.equal(transformer.status().ready, true);
  input.rebalance([0]);
  await until('lag is known', () => transformer.status().lagEvents === 3000);
  assert.equal(transformer.status().stage, 'replaying');
  assert.equal(transformer.status().reason, '');
  await transformer.stop();
});

test('the status tells stage and lag', async () => {
  const records = log(...Array.from({ length: 3000 }, (_, id) => `1:${id}`));
  const { input, transformer } = setUp([records, []], { lagIntervalMs: 1 });
  assert.equal(transformer.status().stage, 'connecting');
  await transformer.start(AbortSignal.timeout(5000));
  await until('lag is known', () => transformer.status().lagEvents === 3000);
  assert.equal(transformer.status().stage, 'replaying');
  await input.deliver(1000);
  await until('caught up', () => transformer.status().stage === 'ready');
  assert.equal(transformer.status().lagEvents, 0);
  assert.deepEqual(
    transformer.status().partitions.map(({ state }) => state),
    ['live', 'live'],
  );
  await transformer.stop();
});
