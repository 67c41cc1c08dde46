/**
 * The informer against a server in memory whose history is known: after any faults in any order the
 * cache shows what the server has, and its listeners were told of nothing else.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { KubeError } from './errors.ts';
import { createInformer } from './informer.ts';
import { watchGraceMs } from './limits.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { createKubeMetrics } from './metrics.ts';
import { defineResource, type KubeObject, keyOf } from './objects.ts';
import type { KubeClient, KubeList, WatchEvent, WatchOptions } from './ports.ts';
import { silentLog } from './silent-log.ts';

interface Thing extends KubeObject {
  readonly value: number;
}

const things = defineResource<Thing>({
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
});

interface OpenWatch {
  /** Index into the history of what comes next. */
  next: number;
  isSilent: boolean;
  failure: KubeError | 'end' | undefined;
  wake: () => void;
}

/** Lists and watches with a history, as etcd keeps one. */
class MemoryServer implements Pick<KubeClient, 'list' | 'watch'> {
  readonly objects = new Map<string, Thing>();
  readonly #history: { readonly version: number; readonly event: WatchEvent<Thing> }[] = [];
  readonly #clock: ManualClock;
  readonly open = new Set<OpenWatch>();
  #version = 10;
  #forgotten = 0;
  openMax = 0;
  lists = 0;
  isTwice = false;
  /** The next requests fail so. */
  readonly failures: KubeError[] = [];

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  write(name: string, value: number | undefined): void {
    const known = this.objects.get(name);
    if (value === undefined && known === undefined) return;
    this.#version += 1;
    const metadata = {
      namespace: 'ns',
      name,
      uid: known?.metadata.uid ?? `uid-${this.#version}`,
      resourceVersion: String(this.#version),
    };
    const object: Thing = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata,
      value: value ?? known?.value ?? 0,
    };
    const type = value === undefined ? 'DELETED' : known === undefined ? 'ADDED' : 'MODIFIED';
    if (value === undefined) this.objects.delete(name);
    else this.objects.set(name, object);
    this.#history.push({ version: this.#version, event: { type, object } });
    this.#wakeAll();
  }

  /** Of a type that nobody here watches: only the version moves. */
  writeElsewhere(): void {
    this.#version += 1;
  }

  bookmark(): void {
    const event = { type: 'BOOKMARK', resourceVersion: String(this.#version) } as const;
    this.#history.push({ version: this.#version, event });
    this.#wakeAll();
  }

  forgetHistory(): void {
    this.#forgotten = this.#version;
  }

  failWatches(failure: KubeError | 'end'): void {
    for (const watch of this.open) {
      watch.failure = failure;
      watch.wake();
    }
  }

  silenceWatches(): void {
    for (const watch of this.open) watch.isSilent = true;
  }

  async list<T extends KubeObject>(): Promise<KubeList<T>> {
    await Promise.resolve();
    this.lists += 1;
    this.#throwFailure();
    // oxlint-disable-next-line no-unsafe-type-assertion -- only things are asked for
    const items = [...this.objects.values()] as unknown as T[];
    return { items: structuredClone(items), resourceVersion: String(this.#version) };
  }

  async *watch<T extends KubeObject>(
    _type: unknown,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void> {
    await Promise.resolve();
    this.#throwFailure();
    const from = Number(options.resourceVersion);
    if (from < this.#forgotten) throw new KubeError('GONE', 'too old');
    let next = this.#history.findIndex(({ version }) => version > from);
    if (next < 0) next = this.#history.length;
    const watch: OpenWatch = { next, isSilent: false, failure: undefined, wake: () => undefined };
    this.open.add(watch);
    this.openMax = Math.max(this.openMax, this.open.size);
    options.onOpen?.();
    const end = (failure: KubeError | 'end') => () => {
      watch.failure ??= failure;
      watch.wake();
    };
    const abort = end(new KubeError('ABORTED', 'given up'));
    const cancels = [
      this.#clock.setTimer(options.timeoutMs, () => {
        if (!watch.isSilent) end('end')();
      }),
      this.#clock.setTimer(
        options.timeoutMs + watchGraceMs,
        end(new KubeError('TIMEOUT', 'silent')),
      ),
    ];
    options.signal.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        if (watch.failure === 'end') return;
        if (watch.failure !== undefined) throw watch.failure;
        const entry = watch.isSilent ? undefined : this.#history[watch.next];
        if (entry === undefined) {
          await new Promise<void>((resolve) => {
            watch.wake = resolve;
          });
          continue;
        }
        watch.next += 1;
        for (let copy = 0; copy < (this.isTwice ? 2 : 1); copy++) {
          // oxlint-disable-next-line no-unsafe-type-assertion -- only things are asked for
          yield structuredClone(entry.event) as unknown as WatchEvent<T>;
        }
      }
    } finally {
      this.open.delete(watch);
      for (const cancel of cancels) cancel();
      options.signal.removeEventListener('abort', abort);
    }
  }

  #throwFailure(): void {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }

  #wakeAll(): void {
    for (const watch of this.open) watch.wake();
  }
}

function arrange(options: { readonly resyncMs?: number } = {}) {
  const clock = new ManualClock();
  const server = new MemoryServer(clock);
  const metrics = createKubeMetrics();
  const informer = createInformer({
    client: server,
    type: things,
    clock,
    random: () => 0.5,
    log: silentLog,
    metrics,
    resyncMs: 0,
    ...options,
  });
  return { clock, server, metrics, informer };
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.option(fc.integer({ min: 0, max: 99 }), { nil: undefined }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(20_000) }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { kind: 'bookmark' as const },
      { kind: 'forget' as const },
      { kind: 'silence' as const },
      { kind: 'end' as const },
      { kind: 'cut' as const },
      { kind: 'gone' as const },
      { kind: 'twice' as const },
      { kind: 'refuse' as const, code: 'SERVER' as const },
      { kind: 'refuse' as const, code: 'GONE' as const },
      { kind: 'refuse' as const, code: 'NOT_FOUND' as const },
      { kind: 'refuse' as const, code: 'CONNECTION' as const },
    ),
  },
);

describe('an informer', () => {
  it('shows what the server has after any faults in any order, and tells of every change once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, server, informer } = arrange();
        const told = new Map<string, Thing>();
        const problems: string[] = [];
        informer.onChange(({ key, before, after }) => {
          if (told.get(key) !== before)
            problems.push(`${key}: told of a change from something else`);
          if (before?.metadata.resourceVersion === after?.metadata.resourceVersion) {
            problems.push(`${key}: told of no change`);
          }
          const versions = [before, after].map((thing) => thing?.metadata.resourceVersion);
          if (Number(versions[0]) > Number(versions[1])) problems.push(`${key}: went back in time`);
          if (after === undefined) told.delete(key);
          else told.set(key, after);
        });
        informer.start();
        for (const one of steps) {
          switch (one.kind) {
            case 'write':
              server.write(one.name, one.value);
              break;
            case 'wait':
              await clock.advance(one.ms);
              break;
            case 'bookmark':
              server.bookmark();
              break;
            case 'forget':
              server.forgetHistory();
              break;
            case 'silence':
              server.silenceWatches();
              break;
            case 'end':
              server.failWatches('end');
              break;
            case 'cut':
              server.failWatches(new KubeError('CONNECTION', 'reset'));
              break;
            case 'gone':
              server.failWatches(new KubeError('GONE', 'in the stream'));
              break;
            case 'twice':
              server.isTwice = !server.isTwice;
              break;
            case 'refuse':
              server.failures.push(new KubeError(one.code, 'refused'));
          }
          await settle();
        }
        // A silent watch is noticed within 50 s; every refusal waits 1.5 s at most.
        await clock.advance(50_000 + 1_500 * (server.failures.length + 1));
        const shown = (values: Iterable<Thing>): string[] =>
          [...values].map((thing) => JSON.stringify([keyOf(thing), thing])).toSorted();
        assert.deepEqual(problems, []);
        assert.deepEqual(shown(informer.list()), shown(server.objects.values()));
        assert.deepEqual(shown(told.values()), shown(server.objects.values()));
        assert.ok(server.openMax <= 1, 'two watches at a time');
        await informer.stop();
        assert.equal(server.open.size, 0);
        assert.equal(clock.timers, 0);
      }),
      { numRuns: 300 },
    );
  });

  it('is not synced before its first list, and then says so', async () => {
    const { clock, server, informer } = arrange();
    server.write('a', 1);
    server.failures.push(new KubeError('CONNECTION', 'refused'));
    informer.start();
    informer.start();
    await settle();
    assert.equal(informer.hasSynced, false);
    await clock.advance(1_500);
    await informer.whenSynced();
    assert.equal(informer.get('ns/a')?.value, 1);
    assert.equal(server.open.size, 1);
    await informer.stop();
  });

  it('lets those go who wait for its first list when it is stopped, or they are', async () => {
    const { informer, server } = arrange();
    server.failures.push(new KubeError('CONNECTION', 'refused'));
    informer.start();
    const reason = new Error('enough');
    const giving = new AbortController();
    const given = informer.whenSynced(giving.signal);
    const waiting = informer.whenSynced();
    giving.abort(reason);
    await assert.rejects(given, reason);
    const stopped = informer.stop();
    await assert.rejects(waiting, /informer of things was stopped/);
    await stopped;
  });

  it('waits as long as the server asks, and longer each time for other failures', async () => {
    const { clock, server, metrics, informer } = arrange();
    server.failures.push(new KubeError('TOO_MANY_REQUESTS', 'busy', { retryAfterMs: 7_000 }));
    informer.start();
    await clock.advance(6_999);
    assert.equal(server.lists, 1);
    await clock.advance(1);
    assert.equal(server.lists, 2);
    server.failWatches(new KubeError('CONNECTION', 'reset'));
    for (let n = 0; n < 40; n++) server.failures.push(new KubeError('CONNECTION', 'refused'));
    await clock.advance(30_000);
    const failures = metrics.watchFailures.get('things', 'CONNECTION');
    // Half a minute at three quarters of 1.5 s each, with a few quicker ones at the beginning.
    assert.ok(failures > 20 && failures < 35, `${failures} tries in half a minute`);
    await informer.stop();
  });

  it('is right again within two seconds of the return of a server, however long it was away', async () => {
    for (const awayMs of [100, 3_000, 60_000, 600_000]) {
      const { clock, server, informer } = arrange();
      informer.start();
      await settle();
      const restore = setAlways(server, new KubeError('CONNECTION', 'refused'));
      server.write('a', 1);
      await clock.advance(awayMs);
      restore();
      await clock.advance(2_000);
      assert.equal(informer.get('ns/a')?.value, 1, `${awayMs} ms`);
      await informer.stop();
    }
  });

  it('lists at once when its version is too old, but not again and again', async () => {
    const { clock, server, informer } = arrange();
    informer.start();
    await settle();
    server.failWatches(new KubeError('GONE', 'too old'));
    await settle();
    assert.equal(server.lists, 2);
    // Every watch after a list is refused the same way.
    const lists = server.lists;
    const always = setAlways(server, new KubeError('GONE', 'too old'));
    await clock.advance(10_000);
    always();
    assert.ok(server.lists - lists < 20, `${server.lists - lists} lists in ten seconds`);
    await informer.stop();
  });

  it('drops what was deleted while nobody watched', async () => {
    const { clock, server, informer } = arrange();
    server.write('a', 1);
    server.write('b', 1);
    informer.start();
    await settle();
    server.failures.push(new KubeError('CONNECTION', 'refused'));
    server.failWatches(new KubeError('CONNECTION', 'reset'));
    await settle();
    server.write('a', undefined);
    server.forgetHistory();
    await clock.advance(3_000);
    assert.deepEqual(informer.list().map(keyOf), ['ns/b']);
    await informer.stop();
  });

  it('goes on from the last bookmark or event, which the server still knows', async () => {
    const { clock, server, informer } = arrange();
    informer.start();
    await settle();
    for (const happen of [() => server.bookmark(), () => server.write('b', 1)]) {
      server.writeElsewhere();
      happen();
      await settle();
      server.forgetHistory();
      server.failWatches(new KubeError('CONNECTION', 'reset'));
      await clock.advance(1_500);
    }
    assert.deepEqual([server.lists, server.open.size], [1, 1]);
    await informer.stop();
  });

  it('hands every object out again now and then, and says that nothing changed', async () => {
    const { clock, server, informer } = arrange({ resyncMs: 60_000 });
    server.write('a', 1);
    server.write('b', 2);
    informer.start();
    await settle();
    const told: string[] = [];
    const unsubscribe = informer.onChange(({ key, before, after, cause }) => {
      assert.equal(before, after);
      told.push(`${cause} ${key}`);
    });
    await clock.advance(66_000);
    assert.deepEqual(told, ['resync ns/a', 'resync ns/b']);
    unsubscribe();
    await clock.advance(66_000);
    assert.equal(told.length, 2);
    await informer.stop();
    assert.equal(clock.timers, 0);
  });
});

/** Refuses every watch, and lets lists pass. Answers how to end that. */
function setAlways(server: MemoryServer, failure: KubeError): () => void {
  const watch = server.watch.bind(server);
  server.failWatches('end');
  server.watch = async function* refused() {
    await Promise.resolve();
    yield* [];
    throw failure;
  };
  return () => {
    server.watch = watch;
  };
}
