/**
 * Ingest as a whole over a log that a test holds in its hands, with a clock that moves when told.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigurationError, DependencyError } from '#runtime/errors.ts';
import { deleteEvent } from '#test/oracle/plain-events.ts';
import { LogGapError } from './event-source-gap.ts';
import { sliceRecordsMax } from './ingest-limits.ts';
import {
  creates,
  fieldsOf,
  HandSource,
  lostGap,
  neverAborted,
  refused,
  startSeconds,
  until,
  warning,
  wire,
  withRig,
} from './ingest-rig.suite.ts';

describe('L1', () => {
  for (const [what, ranges] of [
    ['without partitions', []],
    ['that is empty', [[0, 0]]],
    [
      'whose records are all gone',
      [
        [40, 40],
        [7, 7],
      ],
    ],
  ] as [string, [number, number][]][]) {
    test(`L1: a topic ${what} is ready at once, without time passing`, async () => {
      await withRig(new HandSource(...ranges), {}, async ({ ingest, stages }) => {
        await ingest.start(neverAborted);
        await until(() => ingest.ready(), 'ready');
        assert.deepEqual(stages, ['replaying', 'ready']);
        assert.equal(ingest.status().progress, 1);
        assert.notEqual(ingest.status().readyAt, null);
      });
    });
  }

  test('L1: one record, then control records, is ready when the position is past them all', async () => {
    await withRig(new HandSource([5, 8]), {}, async ({ ingest, source, applied }) => {
      await ingest.start(neverAborted);
      assert.deepEqual([...source.positions], [[0, 5]]);
      await source.deliver(0, creates(5, 6), 6);
      assert.equal(ingest.ready(), false);
      await source.deliver(0, [], 8);
      await until(() => ingest.ready(), 'ready');
      assert.deepEqual(applied, [6]);
    });
  });

  test('L1: applied, not delivered, is what counts: a large batch is not done before its last slice', async () => {
    const size = sliceRecordsMax * 3 + 1;
    await withRig(new HandSource([0, size]), {}, async ({ ingest, source, applied }) => {
      await ingest.start(neverAborted);
      const delivered = source.deliver(0, creates(0, size), size);
      const seen: number[] = [];
      const state = { done: false };
      void delivered.then(() => (state.done = true));
      while (!state.done) {
        seen.push(ingest.status().applied);
        assert.equal(ingest.status().applied, applied.length);
        assert.equal(ingest.ready(), false);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(seen.length >= 3, 'the event loop had its turns in between');
      assert.equal(applied.length, size);
      await until(() => ingest.ready(), 'ready');
    });
  });

  test('L1: a partition added while replaying and one added when ready are both applied from their start', async () => {
    await withRig(new HandSource([0, 1]), {}, async (rig) => {
      const { ingest, source, advance, applied, stages } = rig;
      await ingest.start(neverAborted);
      source.partitions.push({ start: 0, end: 5_000 });
      await source.deliver(0, creates(0, 1), 1);
      advance(2_000);
      await until(() => ingest.status().partitions.length === 2, 'the new partition is seen');
      assert.equal(ingest.ready(), false);
      await source.deliver(1, creates(0, 5_000), 5_000);
      advance(2_000);
      await until(() => ingest.ready(), 'ready');
      await source.deliver(2, creates(0, 2), 2);
      source.partitions.push({ start: 0, end: 2 });
      advance(2_000);
      await until(() => ingest.status().partitions[2]?.end === 2, 'the third partition is seen');
      assert.equal(applied.length, 5_003);
      assert.deepEqual(stages, ['replaying', 'ready']);
      assert.deepEqual(ingest.status().partitions[2], {
        topic: 'in-network',
        partition: 2,
        position: 2,
        target: 0,
        end: 2,
        lag: 0,
        state: 'live',
      });
    });
  });
});

const errorLevel = 50;

describe('L2', () => {
  test('L2: a broker outage leaves a ready node ready, staler and saying why', async () => {
    await withRig(new HandSource([0, 0]), {}, async (rig) => {
      const { ingest, source, advance, recorder, lines } = rig;
      await ingest.start(neverAborted);
      await until(() => ingest.ready(), 'ready');
      source.boundsError = new DependencyError('no broker', { code: 'K', retry: 'backoff' });
      source.listener?.onTrouble(new Error('fetch failed'));
      for (let second = 0; second < 5; second += 1) {
        const { asked } = source;
        advance(1_000);
        await until(() => source.asked > asked, 'asked again');
      }
      assert.equal(ingest.ready(), true);
      assert.equal(ingest.stalenessMs(), 5_000);
      assert.match(ingest.status().reason, /no broker/);
      assert.equal(recorder.pollErrors.value, 6);
      assert.ok(lines.some((line) => line.level === warning && line['error'] === 'no broker'));
      source.boundsError = null;
      advance(1_000);
      await until(() => ingest.stalenessMs() === 0, 'fresh again');
      assert.equal(ingest.status().reason, '');
    });
  });

  test('L2: max staleness takes readiness away, and catching up gives it back', async () => {
    const options = { maxStalenessMs: 3_000 };
    await withRig(new HandSource([0, 0]), options, async (rig) => {
      const { ingest, source, advance, stages } = rig;
      await ingest.start(neverAborted);
      await until(() => ingest.ready(), 'ready');
      source.boundsError = new Error('no broker');
      advance(3_001);
      await until(() => !ingest.ready(), 'unready');
      source.boundsError = null;
      advance(1_000);
      await until(() => ingest.ready(), 'ready again');
      assert.deepEqual(stages, ['replaying', 'ready', 'replaying', 'ready']);
    });
  });

  test('L2: a re-created log is counted as a reset, nothing more is applied, what is there is served on', async () => {
    const resets: unknown[] = [];
    const options = { onReset: (reset: unknown) => resets.push(reset) };
    await withRig(new HandSource([0, 3]), options, async (rig) => {
      const { ingest, source, advance, applied } = rig;
      await ingest.start(neverAborted);
      await source.deliver(0, creates(0, 3), 3);
      await until(() => ingest.ready(), 'ready');
      source.partitions[0] = { start: 0, end: 1 };
      advance(1_000);
      await until(() => ingest.status().resets.length === 1, 'the reset is seen');
      await source.deliver(0, creates(0, 9), 9);
      assert.equal(applied.length, 3);
      assert.equal(ingest.ready(), true);
      advance(60_000);
      assert.equal(ingest.stalenessMs(), 61_000);
      assert.equal(ingest.status().partitions[0]?.state, 'reset');
      assert.deepEqual(resets, ingest.status().resets);
    });
  });

  test('L2: records that a ready node lost between two looks are a reset', async () => {
    await withRig(new HandSource([0, 0]), {}, async ({ ingest, source, applied }) => {
      await ingest.start(neverAborted);
      await until(() => ingest.ready(), 'ready');
      source.listener?.onTrouble(lostGap(source.topic));
      await source.deliver(0, creates(5, 6), 6);
      assert.equal(ingest.status().resets[0]?.kind, 'records_lost');
      assert.deepEqual(applied, []);
      assert.equal(ingest.ready(), true);
    });
  });

  test('L2: lost records are no reset when all of them are older than any post that may be seen', async () => {
    const retentionMs = 172_800_000;
    for (const [youngerMs, isReset] of [
      [-1, false],
      [0, true],
      [null, true],
    ] as const) {
      await withRig(new HandSource([0, 0]), {}, async ({ ingest, source, applied, lines }) => {
        await ingest.start(neverAborted);
        await until(() => ingest.ready(), 'ready');
        const slackMs = 3_600_000;
        const oldest = startSeconds * 1000 - retentionMs - slackMs;
        source.listener?.onTrouble(
          lostGap(source.topic, youngerMs === null ? null : oldest + youngerMs),
        );
        await source.deliver(0, creates(5, 6), 6);
        assert.equal(ingest.status().resets.length, isReset ? 1 : 0);
        assert.equal(applied.length, isReset ? 0 : 1);
        assert.equal(ingest.status().counters['lost_expired'], isReset ? 0 : 5);
        const said = lines.some((line) => /older than the retention were lost/.test(line.msg));
        assert.equal(said, !isReset);
      });
    }
  });

  test('L2: a replay that the log’s own retention overtakes goes on', async () => {
    await withRig(new HandSource([0, 6]), {}, async ({ ingest, source, applied }) => {
      await ingest.start(neverAborted);
      source.listener?.onTrouble(lostGap(source.topic));
      await source.deliver(0, creates(5, 6), 6);
      await until(() => ingest.ready(), 'ready');
      assert.deepEqual(applied, [6]);
      assert.deepEqual(ingest.status().resets, []);
    });
  });

  test('L2: draining is unready at once and goes on applying; stopping ends it', async () => {
    await withRig(new HandSource([0, 0]), {}, async (rig) => {
      const { ingest, source, applied, stages } = rig;
      await ingest.start(neverAborted);
      await until(() => ingest.ready(), 'ready');
      ingest.drain();
      assert.equal(ingest.ready(), false);
      assert.equal(ingest.status().reason, 'shutting down');
      await source.deliver(0, creates(0, 1), 1);
      assert.equal(applied.length, 1);
      await Promise.all([ingest.stop(), ingest.stop()]);
      await source.deliver(0, creates(1, 2), 2);
      assert.equal(applied.length, 1);
      assert.equal(source.closed, 1);
      assert.deepEqual(stages, ['replaying', 'ready', 'draining']);
    });
  });
});

describe('L3', () => {
  test('L3: while the log cannot be reached the stage, the reason and a line every 5 s are there', async () => {
    const source = new HandSource([0, 0]);
    source.openErrors = [refused()];
    await withRig(source, {}, async ({ ingest, advance, lines }) => {
      assert.equal(ingest.status().stage, 'connecting');
      const started = ingest.start(neverAborted);
      await until(() => /waiting for the log; refused/.test(ingest.status().reason), 'the reason');
      advance(5_000);
      await until(() => lines.some((line) => line.msg === 'catching up'), 'a progress line');
      assert.equal(lines.find((line) => line.msg === 'catching up')?.['stage'], 'connecting');
      await started;
      await until(() => ingest.ready(), 'ready');
    });
  });

  test('L3: what is in the way of reading is said until something is read, however often the ends answer', async () => {
    await withRig(new HandSource([0, 3]), {}, async ({ ingest, source, advance }) => {
      await ingest.start(neverAborted);
      source.listener?.onTrouble(new Error('consumer failed'));
      for (let look = 0; look < 3; look += 1) {
        const { asked } = source;
        advance(1_000);
        await until(() => source.asked > asked, 'asked again');
        assert.match(ingest.status().reason, /catching up with the log; consumer failed/);
      }
      await source.deliver(0, creates(0, 1), 1);
      assert.equal(ingest.status().reason, 'catching up with the log');
      source.listener?.onTrouble(new Error('consumer failed again'));
      await source.deliver(0, creates(1, 3), 3);
      await until(() => ingest.ready(), 'ready');
      source.listener?.onTrouble(new Error('and again'));
      advance(1_000);
      await until(
        () => ingest.status().reason === '',
        'with nothing to read nothing is in the way',
      );
    });
  });

  test('L3: a reset is said once, and nothing is said to be tried again after it', async () => {
    await withRig(new HandSource([0, 3]), {}, async ({ ingest, source, lines }) => {
      await ingest.start(neverAborted);
      await source.deliver(0, creates(0, 3), 3);
      await until(() => ingest.ready(), 'ready');
      const gap = new LogGapError({
        topic: source.topic,
        kind: 'rewound',
        partition: 0,
        position: 3,
        foundAt: 0,
      });
      for (let time = 0; time < 3; time += 1) source.listener?.onTrouble(gap);
      assert.equal(ingest.status().reason, `reset of partition 0: ${gap.message}`);
      assert.equal(lines.filter((line) => line.level === errorLevel).length, 1);
      assert.equal(lines.filter((line) => line.level === warning).length, 0);
    });
  });

  test('L3: progress is logged every 5 s with stage, applied, target, rate and time left', async () => {
    await withRig(new HandSource([0, 4_000]), {}, async (rig) => {
      const { ingest, source, advance, lines } = rig;
      await ingest.start(neverAborted);
      const progress = () => lines.filter((line) => line.msg === 'catching up');
      advance(4_999);
      await source.deliver(0, creates(0, 1_000), 1_000);
      await pause(5);
      assert.equal(progress().length, 0);
      advance(1);
      await until(() => progress().length === 1, 'the first line');
      const { stage, applied, target, etaSeconds, ratePerSecond } = fieldsOf(progress()[0]);
      assert.deepEqual(
        { stage, applied, target },
        { stage: 'replaying', applied: 1_000, target: 4_000 },
      );
      assert.ok(Number(ratePerSecond) > 0);
      assert.ok(Number(etaSeconds) > 0);
      assert.equal(ingest.status().progress, 0.25);
      await source.deliver(0, creates(1_000, 4_000), 4_000);
      await until(() => ingest.ready(), 'ready');
      advance(5_000);
      await until(() => lines.filter((line) => line.msg === 'stats').length === 2, 'stats');
      assert.equal(progress().length, 1, 'a ready node is not catching up');
    });
  });
});

test('L5: a stats line every 5 s and a reclaim pass every 2 min at most', async () => {
  const options = { statsFields: () => ({ posts: 3 }) };
  await withRig(new HandSource([0, 0]), options, async (rig) => {
    const { ingest, advance, lines, reclaimedAt } = rig;
    await ingest.start(neverAborted);
    const stats = () => lines.filter((line) => line.msg === 'stats');
    for (let count = 1; count <= 24; count += 1) {
      advance(5_000);
      await until(() => stats().length === count, `line ${count}`);
    }
    const { stage, posts, events, stalenessMs } = fieldsOf(stats().at(-1));
    assert.deepEqual({ stage, posts }, { stage: 'ready', posts: 3 });
    assert.equal(typeof stalenessMs, 'number');
    assert.match(JSON.stringify(events), /"created":0/);
    await until(() => reclaimedAt.length > 0, 'reclaimed');
    assert.deepEqual(reclaimedAt, [startSeconds + 120]);
    const tooLong = { reclaimIntervalMs: 120_001 };
    await assert.rejects(
      withRig(new HandSource(), tooLong, async () => {}),
      RangeError,
    );
  });
});

describe('records', () => {
  test('E1: bad records are counted, told apart in the log by offset and never by content, and harm nobody', async () => {
    await withRig(
      new HandSource([0, 40]),
      {},
      async ({ ingest, source, recorder, applied, lines }) => {
        await ingest.start(neverAborted);
        const records = creates(0, 40).map((record, index) =>
          index % 2 === 0
            ? record
            : { ...record, value: index === 1 ? null : Uint8Array.of(0x0a, 9) },
        );
        await source.deliver(0, records, 40);
        assert.equal(applied.length, 20);
        assert.equal(recorder.parseFailures.value, 20);
        assert.equal(ingest.status().counters['malformed'], 19);
        assert.equal(ingest.status().counters['no_value'], 1);
        const said = lines.filter((line) => line.msg === 'record skipped');
        assert.equal(said.length, 10, 'a bad day does not flood the log');
        const { level, reason, topic, partition, offset, heldBack, ...rest } = fieldsOf(said[1]);
        assert.deepEqual(Object.keys(rest).toSorted(), ['msg', 'time']);
        assert.deepEqual(
          { level, reason, topic, partition, offset, heldBack },
          {
            level: warning,
            reason: 'malformed',
            topic: 'in-network',
            partition: 0,
            offset: 3,
            heldBack: 0,
          },
        );
      },
    );
  });

  test('E7: records delivered again are not applied again and move nothing back', async () => {
    await withRig(new HandSource([0, 6]), {}, async ({ ingest, source, applied }) => {
      await ingest.start(neverAborted);
      await source.deliver(0, creates(0, 4), 4);
      await source.deliver(0, creates(0, 3), 3);
      assert.equal(ingest.status().partitions[0]?.position, 4);
      await source.deliver(0, creates(2, 6), 6);
      await until(() => ingest.ready(), 'ready');
      assert.deepEqual(applied, [1, 2, 3, 4, 5, 6]);
      assert.equal(ingest.status().counters['redelivered'], 5);
    });
  });

  test('a delete arrives as a delete', async () => {
    await withRig(new HandSource([0, 1]), {}, async ({ ingest, source }) => {
      await ingest.start(neverAborted);
      const value = wire(deleteEvent(7n, 0));
      await source.deliver(0, [{ offset: 0, timestampMs: startSeconds * 1000, value }], 1);
      assert.equal(ingest.status().counters['deleted'], 1);
    });
  });
});

describe('the source', () => {
  test('positions are committed when the node is ready and when they have moved, and a failed commit is tried again', async () => {
    await withRig(new HandSource([0, 3]), {}, async ({ ingest, source, advance }) => {
      await ingest.start(neverAborted);
      await source.deliver(0, creates(0, 3), 3);
      await until(() => source.commits.length === 1, 'the commit of a ready node');
      assert.deepEqual([...(source.commits[0] ?? [])], [[0, 3]]);
      advance(10_000);
      await pause(10);
      assert.equal(source.commits.length, 1);
      await source.deliver(0, creates(3, 4), 4);
      source.commitError = new Error('not now');
      advance(10_000);
      await until(() => ingest.status().counters['commit_failures'] === 1, 'the failure');
      source.commitError = null;
      advance(10_000);
      await until(() => source.commits.length === 2, 'the commit');
      assert.deepEqual([...(source.commits[1] ?? [])], [[0, 4]]);
      assert.equal(ingest.ready(), true);
    });
  });

  test('an error that waiting cannot cure ends the start, with everything closed', async () => {
    const source = new HandSource([0, 0]);
    source.openErrors = [new ConfigurationError('no such topic')];
    await withRig(source, {}, async ({ ingest }) => {
      await assert.rejects(ingest.start(neverAborted), ConfigurationError);
      assert.equal(source.closed, 1);
    });
  });

  test('aborting while the log cannot be reached ends the start quietly', async () => {
    const source = new HandSource([0, 0]);
    source.openErrors = Array.from({ length: 100 }, refused);
    const aborter = new AbortController();
    await withRig(source, {}, async ({ ingest }) => {
      const started = ingest.start(aborter.signal);
      await until(() => source.openErrors.length < 100, 'tried');
      aborter.abort();
      await started;
      assert.equal(source.closed, 1);
      assert.equal(ingest.ready(), false);
    });
  });
});
