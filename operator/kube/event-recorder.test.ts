/** Events: what repeats is counted, nobody gets more than a share, and trouble stays in here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from './errors.ts';
import { createEventRecorder } from './event-recorder.ts';
import {
  eventBurst,
  eventCountMs,
  eventNoteBytesMax,
  eventRefillMs,
  eventSeriesMs,
} from './limits.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { createKubeMetrics } from './metrics.ts';
import type { KubeObject } from './objects.ts';
import type { EventToRecord } from './ports.ts';
import { silentLog } from './silent-log.ts';

type Written = Readonly<Record<string, unknown>> & KubeObject;

function arrange() {
  const clock = new ManualClock();
  const metrics = createKubeMetrics();
  const created: Written[] = [];
  const counts: unknown[] = [];
  const failures: KubeError[] = [];
  const fail = (): void => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  const recorder = createEventRecorder({
    client: {
      async create(_type, object) {
        fail();
        created.push(object as unknown as Written);
        return object;
      },
      async patch(_type, _ref, patch) {
        fail();
        counts.push((patch['series'] as { count: number }).count);
        return undefined as never;
      },
    },
    controller: 'example.com/test',
    instance: 'here',
    clock,
    random: () => 1,
    log: silentLog,
    metrics,
  });
  return { clock, metrics, created, counts, failures, recorder };
}

function event(parts: Partial<EventToRecord> = {}, uid = 'u1'): EventToRecord {
  const metadata = { namespace: 'ns', name: 'thing', uid };
  const regarding = { apiVersion: 'v1', kind: 'Thing', metadata };
  return { regarding, type: 'Normal', reason: 'Done', action: 'Do', note: 'It is done.', ...parts };
}

describe('an event recorder', () => {
  it('writes an event once and counts its repetitions now and then', async () => {
    const { clock, created, counts, recorder } = arrange();
    recorder.record(event());
    await settle();
    assert.equal(created.length, 1);
    assert.match(String(created[0]?.['eventTime']), /\.\d{6}Z$/);
    assert.deepEqual(created[0]?.['regarding'], {
      apiVersion: 'v1',
      kind: 'Thing',
      name: 'thing',
      namespace: 'ns',
      uid: 'u1',
      resourceVersion: undefined,
    });
    for (let n = 0; n < 50; n++) {
      recorder.record(event());
      await clock.advance(eventCountMs / 10);
    }
    await clock.advance(eventCountMs);
    assert.equal(created.length, 1);
    assert.equal(counts.at(-1), 51);
    assert.ok(counts.length <= 6, `${counts.length} writes`);
    // What differs in anything is another event.
    recorder.record(event({ note: 'Another.' }));
    recorder.record(event({ reason: 'Other' }));
    await settle();
    assert.equal(created.length, 3);
    await clock.advance(eventSeriesMs);
    recorder.record(event());
    await settle();
    assert.equal(created.length, 4);
    recorder.stop();
    assert.equal(clock.timers, 0);
  });

  it('gives each object its share, which comes back with time', async () => {
    const { clock, created, recorder, metrics } = arrange();
    for (let n = 0; n < eventBurst + 10; n++) recorder.record(event({ note: `No. ${n}` }));
    recorder.record(event({}, 'u2'));
    await settle(500);
    assert.equal(created.length, eventBurst + 1);
    assert.equal(metrics.events.get('over_share'), 10);
    await clock.advance(eventRefillMs);
    recorder.record(event({ note: 'Later.' }));
    recorder.record(event({ note: 'Too much.' }));
    await settle();
    assert.equal(created.length, eventBurst + 2);
    recorder.stop();
  });

  it('tries again when the server is away, and not when it refuses', async () => {
    const { clock, created, failures, recorder, metrics } = arrange();
    failures.push(new KubeError('CONNECTION', 'refused'), new KubeError('SERVER', 'ill'));
    recorder.record(event());
    await settle();
    assert.equal(created.length, 0);
    await clock.advance(1_000);
    assert.equal(created.length, 1);
    failures.push(new KubeError('INVALID', 'no'));
    recorder.record(event({ note: 'Refused.' }));
    await clock.advance(60_000);
    assert.equal(created.length, 1);
    assert.equal(metrics.events.get('dropped'), 1);
    recorder.stop();
  });

  it('writes an event anew when the server has forgotten it', async () => {
    const { clock, created, counts, failures, recorder } = arrange();
    recorder.record(event());
    await settle();
    recorder.record(event());
    const gone = new KubeError('NOT_FOUND', 'expired', { status: 404, reason: 'NotFound' });
    failures.push(gone);
    await clock.advance(eventCountMs + 1_000);
    assert.equal(created.length, 2);
    assert.deepEqual(counts, [2]);
    recorder.stop();
  });

  it('flushes what waits, as long as it may', async () => {
    const { clock, counts, failures, recorder } = arrange();
    recorder.record(event());
    await settle();
    recorder.record(event());
    assert.deepEqual(counts, []);
    await recorder.flush(new AbortController().signal);
    assert.deepEqual(counts, [2]);
    for (let n = 0; n < 3; n++) failures.push(new KubeError('CONNECTION', 'refused'));
    recorder.record(event({ note: 'Late.' }));
    const patience = new AbortController();
    const flushing = recorder.flush(patience.signal);
    await settle();
    patience.abort();
    await flushing;
    recorder.stop();
    assert.equal(clock.timers, 0);
  });

  it('cuts a long note at a character', async () => {
    const { created, recorder } = arrange();
    recorder.record(event({ note: `x${'é'.repeat(eventNoteBytesMax)}` }));
    await settle();
    const note = String(created[0]?.['note']);
    assert.ok(Buffer.byteLength(note) <= eventNoteBytesMax);
    assert.match(note, /^xé+…$/);
    recorder.stop();
  });
});
