/**
 * Events on objects (`events.k8s.io/v1`): repetitions are counted on one event, each object has its
 * share, and writing happens behind a queue, so that recording costs the caller nothing.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Random } from './backoff.ts';
import { failureToError, isObjectMissing } from './http-errors.ts';
import {
  eventBurst,
  eventCountMs,
  eventNoteBytesMax,
  eventRefillMs,
  eventSeriesMax,
  eventSeriesMs,
  eventTriesMax,
  eventWriters,
} from './limits.ts';
import type { KubeMetrics } from './metrics.ts';
import { toMicroTime } from './micro-time.ts';
import { defineResource, type KubeObject, type ObjectRef } from './objects.ts';
import type { Clock, EventRecorder, EventToRecord, KubeClient, Log } from './ports.ts';
import { createWorkQueue } from './work-queue.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>;
  /** Who reports: `example.com/my-operator`. */
  readonly controller: string;
  /** Which process of it; default the host's name. */
  readonly instance?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: KubeMetrics;
}

interface EventObject extends KubeObject {
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly type: string;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly regarding: Reference;
  readonly related?: Reference;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

const eventType = defineResource<EventObject>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
});

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

interface Series {
  readonly event: EventToRecord;
  ref: ObjectRef | undefined;
  readonly firstMs: number;
  count: number;
  lastMs: number;
  writtenCount: number;
  writtenMs: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new SeriesRecorder(options);
}

class SeriesRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  /** By what makes two events the same; the one longest without a repetition is first. */
  readonly #series = new Map<string, Series>();
  readonly #shares = new Map<string, { left: number; sinceMs: number }>();
  readonly #queue: ReturnType<typeof createWorkQueue>;
  readonly #flushing = new Set<() => void>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#queue = createWorkQueue({ ...options, name: 'events' });
    for (let writer = 0; writer < eventWriters; writer++) void this.#writeAll();
  }

  record(event: EventToRecord): void {
    const { clock, metrics } = this.#options;
    const key = keyOfEvent(event);
    const nowMs = clock.monotonicMs();
    const known = this.#series.get(key);
    this.#series.delete(key);
    if (known !== undefined && nowMs - known.lastMs < eventSeriesMs) {
      known.count += 1;
      known.lastMs = nowMs;
      this.#series.set(key, known);
      metrics.events.add(1, 'counted');
      this.#queue.addAfter(key, known.writtenMs + eventCountMs - nowMs);
      return;
    }
    if (!this.#takeShare(event.regarding.metadata.uid ?? '', nowMs)) {
      metrics.events.add(1, 'over_share');
      return;
    }
    this.#series.set(key, {
      event,
      ref: undefined,
      firstMs: clock.nowMs(),
      count: 1,
      lastMs: nowMs,
      writtenCount: 0,
      writtenMs: Number.NEGATIVE_INFINITY,
    });
    dropOldest(this.#series, eventSeriesMax);
    this.#queue.add(key);
  }

  async flush(signal: AbortSignal): Promise<void> {
    for (const [key, series] of this.#series) {
      if (series.count > series.writtenCount) this.#queue.add(key);
    }
    if (signal.aborted || !this.#isBehind()) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        this.#flushing.delete(end);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      this.#flushing.add(end);
    });
  }

  stop(): void {
    this.#queue.stop();
    for (const end of this.#flushing) end();
  }

  /** A bucket for each object: so many at once, then one a while. */
  #takeShare(uid: string, nowMs: number): boolean {
    const share = this.#shares.get(uid) ?? { left: eventBurst, sinceMs: nowMs };
    const earned = Math.floor((nowMs - share.sinceMs) / eventRefillMs);
    share.left = Math.min(eventBurst, share.left + earned);
    share.sinceMs += earned * eventRefillMs;
    this.#shares.delete(uid);
    this.#shares.set(uid, share);
    dropOldest(this.#shares, eventSeriesMax);
    if (share.left === 0) return false;
    share.left -= 1;
    return true;
  }

  async #writeAll(): Promise<void> {
    for (let key = await this.#queue.next(); key !== undefined; key = await this.#queue.next()) {
      const series = this.#series.get(key);
      if (series !== undefined && series.count > series.writtenCount) {
        await this.#write(key, series);
      }
      this.#queue.done(key);
      if (!this.#isBehind()) for (const end of this.#flushing) end();
    }
  }

  async #write(key: string, series: Series): Promise<void> {
    const { metrics, log, clock } = this.#options;
    const { count } = series;
    try {
      if (series.ref === undefined) await this.#create(series);
      if (count > 1) await this.#count(series, count);
      series.writtenCount = count;
      series.writtenMs = clock.monotonicMs();
      metrics.events.add(1, 'written');
      this.#queue.forget(key);
    } catch (thrown) {
      // The server keeps events for an hour or so; the next try makes it anew.
      if (isObjectMissing(thrown)) series.ref = undefined;
      const error = failureToError('event', thrown);
      if (error.retry === 'backoff' && this.#queue.retries(key) < eventTriesMax) {
        this.#queue.addRateLimited(key, error.retryAfterMs);
        return;
      }
      this.#series.delete(key);
      this.#queue.forget(key);
      metrics.events.add(1, 'dropped');
      log.warn({ reason: series.event.reason, error: error.message }, 'event not written');
    }
  }

  async #create(series: Series): Promise<void> {
    const { client, controller, instance = hostname() } = this.#options;
    const { event } = series;
    const { name, namespace = 'default' } = event.regarding.metadata;
    const ref = { namespace, name: `${name}.${randomBytes(8).toString('hex')}` };
    await client.create(eventType, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: ref,
      eventTime: toMicroTime(series.firstMs),
      reportingController: controller,
      reportingInstance: instance,
      type: event.type,
      reason: event.reason,
      action: event.action,
      note: cut(event.note),
      regarding: referenceTo(event.regarding),
      ...(event.related === undefined ? {} : { related: referenceTo(event.related) }),
    });
    series.ref = ref;
  }

  async #count(series: Series, count: number): Promise<void> {
    if (series.ref === undefined) return;
    const { client, clock } = this.#options;
    const agoMs = clock.monotonicMs() - series.lastMs;
    const lastObservedTime = toMicroTime(clock.nowMs() - agoMs);
    await client.patch(eventType, series.ref, { series: { count, lastObservedTime } });
  }

  #isBehind(): boolean {
    return [...this.#series.values()].some((series) => series.count > series.writtenCount);
  }
}

function keyOfEvent({ regarding, related, type, reason, action, note }: EventToRecord): string {
  const ids = [regarding, related].map((object) => object?.metadata.uid ?? object?.metadata.name);
  return JSON.stringify([...ids, type, reason, action, note]);
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Reference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}

/** At a character's end. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= eventNoteBytesMax) return note;
  return bytes
    .subarray(0, eventNoteBytesMax - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
    .concat('…');
}

function dropOldest(map: Map<string, unknown>, sizeMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= sizeMax) break;
    map.delete(key);
  }
}
