/**
 * List, then watch, for ever: what keeps a cache equal to the server.
 *
 *     listing --list--> watching --ended in order, or any error--> watching from the last version seen
 *        ^                 |
 *        +--- 410, 404 ----+        each error waits: back-off with jitter, or as the server asked
 *
 * One loop, one request at a time, so there is never a second watch. A watch has an end of its own,
 * and one that outlives it is cut, so a connection that died without a word is noticed.
 */
import { type BackoffBounds, backoffMs, type Random } from './backoff.ts';
import { pause } from './clock.ts';
import { KubeError } from './errors.ts';
import { failureToError } from './http-errors.ts';
import { reflectorBackoff, watchTimeoutMsMin } from './limits.ts';
import type { KubeMetrics } from './metrics.ts';
import type { KubeObject, ResourceType } from './objects.ts';
import type { Clock, KubeClient, Log, WatchEvent } from './ports.ts';

/** A watch that was open for this long did well, even if nothing happened. */
const goodWatchMs = 2_000;

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly type: ResourceType<T>;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: KubeMetrics;
  readonly backoff?: BackoffBounds | undefined;
  /** The shortest watch that is asked for; the longest is twice that. */
  readonly watchTimeoutMs?: number | undefined;
}

export interface ReflectorTarget<T extends KubeObject> {
  /** Everything there is; what is missing here is gone. */
  replace(items: readonly T[]): void;
  change(event: Exclude<WatchEvent<T>, { readonly type: 'BOOKMARK' }>): void;
}

export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #target: ReflectorTarget<T>;
  /** Undefined: a list is needed. */
  #version: string | undefined;
  /** In a row, without anything good in between. */
  #failures = 0;

  constructor(options: ReflectorOptions<T>, target: ReflectorTarget<T>) {
    this.#options = options;
    this.#target = target;
  }

  /** Resolves when the signal aborts, with nothing left behind; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(this.#version, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, type, namespace, labelSelector, fieldSelector, clock, metrics } = this.#options;
    const startedMs = clock.monotonicMs();
    metrics.lists.add(1, type.plural);
    const selection = { namespace, labelSelector, fieldSelector };
    const list = await client.list(type, { ...selection, signal });
    metrics.listSeconds.observe((clock.monotonicMs() - startedMs) / 1000, type.plural);
    metrics.listItems.observe(list.items.length, type.plural);
    if (!signal.aborted) this.#target.replace(list.items);
    return list.resourceVersion;
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector, clock, metrics } = this.#options;
    const shortestMs = this.#options.watchTimeoutMs ?? watchTimeoutMsMin;
    let openedMs = Number.POSITIVE_INFINITY;
    const events = client.watch(type, {
      namespace,
      labelSelector,
      fieldSelector,
      resourceVersion: from,
      timeoutMs: shortestMs * (1 + this.#options.random()),
      signal,
      onOpen: () => {
        openedMs = clock.monotonicMs();
        metrics.watches.add(1, type.plural);
      },
    });
    try {
      for await (const event of events) {
        if (signal.aborted) return;
        this.#failures = 0;
        if (event.type === 'BOOKMARK') {
          this.#version = event.resourceVersion;
        } else {
          this.#target.change(event);
          this.#version = event.object.metadata.resourceVersion ?? this.#version;
        }
      }
    } finally {
      if (clock.monotonicMs() - openedMs >= goodWatchMs) this.#failures = 0;
    }
    if (clock.monotonicMs() - openedMs < goodWatchMs && this.#version === from) {
      throw new KubeError('CONNECTION', `WATCH ${type.plural}: the server ended it at once`);
    }
  }

  async #recover(thrown: unknown, signal: AbortSignal): Promise<void> {
    const { type, log, metrics, clock, random, backoff = reflectorBackoff } = this.#options;
    const error = failureToError(`WATCH ${type.plural}`, thrown);
    // A type that is gone may come back, with other objects.
    if (error.retry === 'relist' || error.code === 'NOT_FOUND') this.#version = undefined;
    this.#failures += 1;
    metrics.watchFailures.add(1, type.plural, error.code);
    // The first time the list comes at once: nothing is wrong with the server.
    const isFirstRelist = error.retry === 'relist' && this.#failures === 1;
    const waitMs = Math.max(
      isFirstRelist ? 0 : backoffMs(backoff, this.#failures, random),
      error.retryAfterMs ?? 0,
    );
    if (Number.isInteger(Math.log2(this.#failures))) {
      const fields = { resource: type.plural, failures: this.#failures, code: error.code };
      log.warn(
        { ...fields, error: error.message, waitMs: Math.round(waitMs) },
        'watch interrupted',
      );
    }
    if (waitMs > 0) await pause(clock, waitMs, signal);
  }
}
