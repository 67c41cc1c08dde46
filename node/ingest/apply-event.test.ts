/**
 * The event rules on real bytes: outcomes against a target that remembers its calls, and their
 * meaning against the simple store.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  CREATE_EVENT_BYTES_MAX,
  DELETE_EVENT_BYTES_MAX,
  encodeCreateEvent,
  encodeDeleteEvent,
} from '#proto/wire/write-in-network-event.ts';
import { honestEvents, reordered, smallWorld } from '#test/oracle/arbitrary-events.ts';
import {
  createEvent,
  deleteEvent,
  encodePost,
  type PlainEvent,
  type PlainPost,
  toFields,
} from '#test/oracle/plain-events.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';
import { createEventApplier, type EventApplier } from './apply-event.ts';
import type { EventTarget } from './event-target.ts';
import { recordBytesMax } from './ingest-limits.ts';

const { now, retentionSeconds, maxFutureSkewSeconds } = smallWorld;
const day = 86_400;
const nowMs = now * 1000;
const post = createEvent({ postId: 1n, authorId: 2n, createdAt: now }).post;

/** The bytes of an event as the transformer writes them. */
function record(event: PlainEvent): Uint8Array {
  if (event.kind === 'create') {
    const bytes = new Uint8Array(CREATE_EVENT_BYTES_MAX);
    return bytes.subarray(0, encodeCreateEvent(toFields(event.post), bytes, 0));
  }
  const fields = {
    postIdHi: Number(event.postId >> 32n),
    postIdLo: Number(event.postId & 0xffff_ffffn),
    deletedAt: event.deletedAt,
    authorIdHi: 0,
    authorIdLo: 0,
  };
  const bytes = new Uint8Array(DELETE_EVENT_BYTES_MAX);
  return bytes.subarray(0, encodeDeleteEvent(fields, bytes, 0));
}

/** The record of a post of this time. */
function createdAtRecord(createdAt: number): Uint8Array {
  return record({ kind: 'create', post: { ...post, createdAt } });
}

/** A create event around payload bytes of any shape. */
function createAround(payload: readonly number[]): Uint8Array {
  assert.ok(payload.length < 128);
  return Uint8Array.from([0x0a, payload.length, ...payload]);
}

/** Keeps what it was told; answers as an empty store would. */
function rememberingTarget() {
  const created: { bytes: Uint8Array; buffer: Uint8Array }[] = [];
  const deletedAts: number[] = [];
  const target: EventTarget = {
    create(_post, bytes, start, end) {
      created.push({ bytes: bytes.slice(start, end), buffer: bytes });
      return 'stored';
    },
    delete(_hi, _lo, deletedAt) {
      deletedAts.push(deletedAt);
      return 'stored';
    },
  };
  return { created, deletedAts, applier: createEventApplier({ target, retentionSeconds }) };
}

function storeWithApplier() {
  const store = new SimpleStore({
    retentionSeconds,
    maxFutureSkewSeconds,
    postsMax: 10_000,
    tombstonesMax: 10_000,
  });
  return { store, applier: createEventApplier({ target: store, retentionSeconds }) };
}

function apply(applier: EventApplier, bytes: Uint8Array, recordTimestampMs = nowMs, at = now) {
  return applier.apply(bytes, 0, bytes.length, recordTimestampMs, at);
}

/** Everything that can be seen of a store at the moments that matter, in a few hashes. */
function view(store: SimpleStore): string[] {
  const later = [0, 300, 301, retentionSeconds, retentionSeconds + day, retentionSeconds + day + 1];
  return later.map((seconds) => store.stateHash(now + seconds));
}

describe('E1', () => {
  test('E1: a create inserts, a delete kills, the rest is skipped and counted by reason', () => {
    const { store, applier } = storeWithApplier();
    assert.equal(apply(applier, record({ kind: 'create', post })), 'created');
    assert.ok(store.post(1n));
    assert.equal(store.isDeleted(1n, now), false);
    assert.equal(apply(applier, record(deleteEvent(1n, now))), 'deleted');
    assert.equal(store.isDeleted(1n, now), true);
    assert.equal(apply(applier, new Uint8Array(0)), 'no_variant');
    assert.equal(apply(applier, Uint8Array.of(0x1a, 0x00)), 'no_variant');
    assert.equal(apply(applier, Uint8Array.of(0x0a, 0x7f, 0x08)), 'malformed');
    assert.equal(applier.apply(null, 0, 0, nowMs, now), 'no_value');
    assert.equal(apply(applier, new Uint8Array(recordBytesMax + 1)), 'too_large');
    const counts = Object.entries(applier.counts()).filter(([, count]) => count > 0);
    assert.deepEqual(Object.fromEntries(counts), {
      created: 1,
      deleted: 1,
      no_variant: 2,
      malformed: 1,
      no_value: 1,
      too_large: 1,
    });
  });

  test('E1: bytes of any kind are an outcome, and neighbours come through unharmed', () => {
    fc.assert(
      fc.property(honestEvents, fc.array(fc.uint8Array({ maxLength: 200 })), (events, garbage) => {
        const good = storeWithApplier();
        const mixed = storeWithApplier();
        // Garbage can happen to be a valid event: what it says is then applied on both sides, first.
        for (const bytes of garbage) {
          apply(good.applier, bytes);
          apply(mixed.applier, bytes);
        }
        for (const [index, event] of events.entries()) {
          const bytes = record(event);
          apply(good.applier, bytes);
          const junk = garbage[index % Math.max(1, garbage.length)];
          if (junk !== undefined) apply(mixed.applier, junk);
          for (const cut of [1, bytes.length >> 1, bytes.length - 1]) {
            assert.equal(apply(mixed.applier, bytes.subarray(0, cut)), 'malformed');
          }
          apply(mixed.applier, bytes);
        }
        assert.deepEqual(view(mixed.store), view(good.store));
      }),
      { numRuns: 60 },
    );
  });
});

describe('E2', () => {
  test('E2: a create is expired from the second after retention + 1 h on, by the now of applying', () => {
    const { created, applier } = rememberingTarget();
    const oldest = now - retentionSeconds - 3_600;
    assert.equal(apply(applier, createdAtRecord(oldest)), 'created');
    assert.equal(apply(applier, createdAtRecord(oldest - 1)), 'expired');
    assert.equal(apply(applier, createdAtRecord(oldest), nowMs, now + 1), 'expired');
    assert.equal(apply(applier, createdAtRecord(0)), 'expired');
    assert.equal(apply(applier, createdAtRecord(-(2 ** 40))), 'expired');
    assert.equal(created.length, 1);
  });

  test('E2: a post from the future is stored, and seen from max future skew before its time on', () => {
    const { store, applier } = storeWithApplier();
    const createdAt = now + 1_000;
    const bytes = record({ kind: 'create', post: { ...post, createdAt } });
    assert.equal(apply(applier, bytes), 'created');
    const stored = store.post(1n);
    assert.ok(stored);
    assert.equal(store.isLive(stored, createdAt - maxFutureSkewSeconds - 1), false);
    assert.equal(store.isLive(stored, createdAt - maxFutureSkewSeconds), true);
  });

  test('E2: more than 24 h ahead of its record is skipped, whatever the consumer’s clock says', () => {
    const { applier } = rememberingTarget();
    const recordTime = now - 500;
    for (const consumerNow of [recordTime - 10_000, recordTime, recordTime + 10_000]) {
      const at = (createdAt: number) =>
        apply(
          applier,
          record({ kind: 'create', post: { ...post, createdAt } }),
          recordTime * 1000 + 999,
          consumerNow,
        );
      assert.equal(at(recordTime + day), 'created');
      assert.equal(at(recordTime + day + 1), 'future');
      assert.equal(at(2 ** 52), 'future');
    }
  });

  test('E2: without a record timestamp a create is judged by the clock, and a year 5193 never gets in', () => {
    const { created, applier } = rememberingTarget();
    const at = (createdAt: number) =>
      apply(applier, record({ kind: 'create', post: { ...post, createdAt } }), -1);
    assert.equal(at(now + day), 'created');
    assert.equal(at(now + day + 1), 'future');
    assert.equal(at(101_700_000_000), 'future');
    assert.equal(created.length, 1);
    // 2^63 - 1 is not a time at all, and could not be re-encoded.
    const endless = [0x08, 1, 0x10, 2, 0x18, ...Array(8).fill(0xff), 0x7f];
    assert.equal(apply(applier, createAround(endless), -1), 'future');
  });
});

describe('E3', () => {
  const reply = createEvent({ ...post, inReplyToPostId: 9n, conversationId: 8n }).post;

  test('E3: a canonical create is kept as it came, without a copy', () => {
    const { created, applier } = rememberingTarget();
    const bytes = record({ kind: 'create', post: reply });
    assert.equal(apply(applier, bytes), 'created');
    assert.equal(created[0]?.buffer, bytes);
    assert.deepEqual(created[0]?.bytes, encodePost(reply));
  });

  test('E3: reordered, repeated, unknown, default and padded fields and a missing flag are made canonical', () => {
    const time = [...encodePost({ ...post, postId: 0n, authorId: 0n })];
    const shapes: Record<string, number[]> = {
      reordered: [0x10, 2, 0x08, 1, ...time, 0x38, 1, 0x20, 9, 0x58, 8],
      repeated: [0x08, 7, 0x08, 1, 0x10, 2, ...time, 0x20, 9, 0x38, 1, 0x58, 8],
      unknown: [0x08, 1, 0x10, 2, ...time, 0x20, 9, 0x38, 1, 0x58, 8, 0x62, 2, 5, 5],
      defaults: [0x08, 1, 0x10, 2, ...time, 0x20, 9, 0x30, 0, 0x38, 1, 0x58, 8],
      padded: [0x08, 0x81, 0x00, 0x10, 2, ...time, 0x20, 9, 0x38, 1, 0x58, 8],
      'without flag': [0x08, 1, 0x10, 2, ...time, 0x20, 9, 0x58, 8],
    };
    for (const [shape, payload] of Object.entries(shapes)) {
      const { created, applier } = rememberingTarget();
      assert.equal(apply(applier, createAround(payload)), 'created', shape);
      assert.deepEqual(created[0]?.bytes, encodePost(reply), shape);
    }
  });

  test('E3: either in_reply_to field makes a reply, present as zero too', () => {
    const user: PlainPost = createEvent({ ...post, inReplyToUserId: 0n }).post;
    const { created, applier } = rememberingTarget();
    const flagless = [...encodePost({ ...user, isReply: false })];
    assert.equal(apply(applier, createAround(flagless)), 'created');
    assert.deepEqual(created[0]?.bytes, encodePost({ ...user, isReply: true }));
  });
});

test('E4: a create of a stored id is counted as a duplicate and changes nothing', () => {
  const { store, applier } = storeWithApplier();
  apply(applier, record({ kind: 'create', post }));
  const before = view(store);
  const other = { ...post, createdAt: now - 5, hasVideo: true };
  assert.equal(apply(applier, record({ kind: 'create', post })), 'duplicate');
  assert.equal(apply(applier, record({ kind: 'create', post: other })), 'duplicate');
  assert.deepEqual(view(store), before);
  assert.equal(applier.counts().duplicate, 2);
});

describe('E5', () => {
  test('E5: delete wins, whichever of two partitions is read first', () => {
    fc.assert(
      fc.property(
        honestEvents.chain((events) => fc.tuple(fc.constant(events), reordered(events))),
        ([events, shuffled]) => {
          const one = storeWithApplier();
          const other = storeWithApplier();
          for (const event of events) apply(one.applier, record(event));
          for (const event of shuffled) apply(other.applier, record(event));
          assert.deepEqual(view(other.store), view(one.store));
          for (const event of events) {
            if (event.kind === 'delete' && event.deletedAt >= now - retentionSeconds - day) {
              assert.equal(one.store.isDeleted(event.postId, now), true);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('E5: a deleted_at that is absent or over 24 h ahead of its record counts as the record’s timestamp', () => {
    const { deletedAts, applier } = rememberingTarget();
    const recordTime = now - 100;
    const at = (deletedAt: number) =>
      apply(applier, record(deleteEvent(1n, deletedAt)), recordTime * 1000 + 999, now + 5_000);
    assert.equal(at(now - 200), 'deleted');
    assert.equal(at(0), 'deleted');
    assert.equal(at(recordTime + day), 'deleted');
    assert.equal(at(recordTime + day + 1), 'deleted');
    assert.equal(at(2 ** 52), 'deleted');
    assert.deepEqual(deletedAts, [now - 200, recordTime, recordTime + day, recordTime, recordTime]);
  });

  test('E5: without a record timestamp deleted_at is believed up to 24 h ahead of the clock, else the delete is skipped', () => {
    const { deletedAts, applier } = rememberingTarget();
    assert.equal(apply(applier, record(deleteEvent(1n, now + day)), -1), 'deleted');
    assert.equal(apply(applier, record(deleteEvent(1n, now + day + 1)), -1), 'untimed');
    assert.equal(apply(applier, record(deleteEvent(1n, 0)), -1), 'untimed');
    assert.deepEqual(deletedAts, [now + day]);
  });

  test('E5: a delete whose tombstone would be past its time is counted expired', () => {
    const { deletedAts, applier } = rememberingTarget();
    const oldest = now - retentionSeconds - day;
    assert.equal(apply(applier, record(deleteEvent(1n, oldest))), 'deleted');
    assert.equal(apply(applier, record(deleteEvent(1n, oldest - 1))), 'expired');
    assert.equal(apply(applier, record(deleteEvent(1n, 0)), (oldest - 1) * 1000), 'expired');
    assert.deepEqual(deletedAts, [oldest]);
  });
});

test('E6: ids above 2^53 and 2^63 are ordinary, and zero is a missing id', () => {
  const { store, applier } = storeWithApplier();
  for (const id of [2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 1n]) {
    const big = { ...post, postId: id, authorId: id };
    assert.equal(apply(applier, record({ kind: 'create', post: big })), 'created');
    assert.equal(store.post(id)?.authorId, id);
    assert.equal(apply(applier, record(deleteEvent(id, now))), 'deleted');
    assert.equal(store.isDeleted(id, now), true);
  }
  const before = view(store);
  for (const missing of [
    { ...post, postId: 0n },
    { ...post, authorId: 0n },
  ]) {
    assert.equal(apply(applier, record({ kind: 'create', post: missing })), 'missing_id');
  }
  assert.equal(apply(applier, record(deleteEvent(0n, now))), 'missing_id');
  assert.deepEqual(view(store), before);
  assert.equal(applier.counts().missing_id, 3);
});

test('E7: applying any prefix of the log again changes nothing', () => {
  fc.assert(
    fc.property(honestEvents, fc.nat(), (events, length) => {
      const { store, applier } = storeWithApplier();
      for (const event of events) apply(applier, record(event));
      const before = view(store);
      const { created, deleted } = applier.counts();
      for (const event of events.slice(0, length % (events.length + 1))) {
        apply(applier, record(event));
      }
      assert.deepEqual(view(store), before);
      assert.equal(applier.counts().created, created);
      assert.equal(applier.counts().deleted, deleted);
    }),
    { numRuns: 60 },
  );
});
