/**
 * Electors around one Lease in memory, with requests that fail and processes that are paused at any
 * moment: there is never more than one that believes to lead.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { KubeError } from './errors.ts';
import { createLeaderElector } from './leader-elector.ts';
import { leaseTimes } from './limits.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { createKubeMetrics } from './metrics.ts';
import type { KubeObject } from './objects.ts';
import type { Clock, KubeClient } from './ports.ts';
import { silentLog } from './silent-log.ts';
import type { Lease } from './types.ts';

type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'update'>;

/** One object with versions, as the server keeps it. */
class LeaseServer {
  lease: Lease | undefined;
  #version = 0;

  put(lease: Lease): Lease {
    this.#version += 1;
    const metadata = { ...lease.metadata, resourceVersion: String(this.#version) };
    this.lease = { ...lease, metadata };
    return this.lease;
  }
}

/** A process: its timers and its answers wait while it is paused, and the time goes on. */
class PausableProcess implements Clock {
  readonly #clock: ManualClock;
  readonly #server: LeaseServer;
  #isPaused = false;
  #resumed = Promise.withResolvers<void>();
  /**
   * What becomes of the next requests: they never arrive, only the answer is lost, or the process is
   * paused between the two.
   */
  readonly faults: ('refused' | 'lost' | 'paused')[] = [];

  constructor(clock: ManualClock, server: LeaseServer) {
    this.#clock = clock;
    this.#server = server;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#clock.setTimer(delayMs, () => {
      void this.#awake().then(() => {
        if (!isCancelled) callback();
      });
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#resumed.resolve();
    this.#resumed = Promise.withResolvers();
  }

  async #awake(): Promise<void> {
    while (this.#isPaused) await this.#resumed.promise;
  }

  async #request<T>(act: () => T): Promise<T> {
    await this.#awake();
    const fault = this.faults.shift();
    if (fault === 'refused') throw new KubeError('CONNECTION', 'refused');
    const answer = act();
    if (fault === 'paused') this.pause();
    await this.#awake();
    if (fault === 'lost') throw new KubeError('CONNECTION', 'lost');
    return answer;
  }

  get client(): LeaseClient {
    const server = this.#server;
    const write = async <T extends KubeObject>(object: T, isCreate: boolean): Promise<T> => {
      const lease = await this.#request(() => {
        if (isCreate && server.lease !== undefined) throw new KubeError('ALREADY_EXISTS', 'there');
        if (
          !isCreate &&
          object.metadata.resourceVersion !== server.lease?.metadata.resourceVersion
        ) {
          throw new KubeError('CONFLICT', 'changed');
        }
        return server.put(object);
      });
      // oxlint-disable-next-line no-unsafe-type-assertion -- only leases are written
      return lease as unknown as T;
    };
    return {
      get: async <T extends KubeObject>() =>
        // oxlint-disable-next-line no-unsafe-type-assertion -- only leases are read
        (await this.#request(() => server.lease)) as unknown as T | undefined,
      create: (_type, object) => write(object, true),
      update: (_type, object) => write(object, false),
    };
  }
}

function makeElector(process: PausableProcess, identity: string, random: () => number) {
  return createLeaderElector({
    client: process.client,
    namespace: 'ns',
    name: 'lease',
    identity,
    clock: process,
    random,
    log: silentLog,
    metrics: createKubeMetrics(),
  });
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const who = fc.integer({ min: 0, max: 2 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
  fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const, 'stop' as const), who }),
  fc.record({ kind: fc.constantFrom('refused' as const, 'lost' as const, 'paused' as const), who }),
);

describe('leader election', () => {
  it('never has two leaders, whoever is paused, stopped or cut off when', async () => {
    const random = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), random, async (steps, numbers) => {
        const clock = new ManualClock();
        const server = new LeaseServer();
        let at = 0;
        const next = (): number => numbers[at++ % numbers.length] ?? 0;
        const processes = [0, 1, 2].map(() => new PausableProcess(clock, server));
        const stops = processes.map(() => new AbortController());
        const electors = processes.map((process, index) => makeElector(process, `p${index}`, next));
        const running = electors.map((elector, index) =>
          elector.lead(untilAborted, stops[index]?.signal ?? AbortSignal.abort()).catch((error) => {
            assert.ok(error instanceof KubeError && error.code === 'NOT_LEADER');
          }),
        );
        const check = (): void => {
          const leaders = electors.filter((elector) => elector.isLeader());
          assert.ok(leaders.length <= 1, leaders.map(({ identity }) => identity).join());
          // And for as long as one may write nobody else holds the Lease.
          for (const leader of leaders) assert.ok(leader.leaseLeftMs() > 0);
        };
        for (const one of steps) {
          const process = 'who' in one ? processes[one.who] : undefined;
          switch (one.kind) {
            case 'wait':
              for (let ms = 0; ms < one.ms; ms += 250) {
                await clock.advance(Math.min(250, one.ms - ms));
                check();
              }
              break;
            case 'pause':
              process?.pause();
              break;
            case 'resume':
              process?.resume();
              break;
            case 'stop':
              stops[one.who]?.abort();
              break;
            default:
              process?.faults.push(one.kind);
          }
          await settle();
          check();
        }
        for (const process of processes) {
          process.faults.length = 0;
          process.resume();
        }
        for (const stop of stops) stop.abort();
        await clock.advance(60_000);
        await Promise.all(running);
        assert.equal(clock.timers, 0);
      }),
      { numRuns: 200 },
    );
  });

  it('is taken over when a leader was paused for longer than its lease, which then has to stop', async () => {
    const clock = new ManualClock();
    const server = new LeaseServer();
    const [first, second] = [
      new PausableProcess(clock, server),
      new PausableProcess(clock, server),
    ];
    const [one, two] = [
      makeElector(first, 'one', () => 0.5),
      makeElector(second, 'two', () => 0.5),
    ];
    const stop = new AbortController();
    const oneLost = assert.rejects(one.lead(untilAborted, stop.signal), /does not lead/);
    await clock.advance(100);
    assert.equal(one.isLeader(), true);
    const twoLeads = two.lead(untilAborted, stop.signal);
    await clock.advance(30_000);
    assert.deepEqual([one.isLeader(), two.isLeader(), two.holder], [true, false, 'one']);
    first.pause();
    await clock.advance(leaseTimes.renewDeadlineMs);
    assert.deepEqual([one.isLeader(), two.isLeader()], [false, false]);
    assert.equal(one.leaseLeftMs(), 0);
    await clock.advance(leaseTimes.leaseMs - leaseTimes.renewDeadlineMs + 1_500);
    assert.equal(two.isLeader(), true);
    first.resume();
    assert.throws(() => one.assertLeader(), /one does not lead by the lease ns\/lease/);
    await clock.advance(10_000);
    await oneLost;
    assert.equal(two.isLeader(), true);
    assert.equal(server.lease?.spec?.leaseTransitions, 1);
    stop.abort();
    await twoLeads;
    assert.equal(server.lease?.spec?.holderIdentity, '');
  });

  it('changes within two seconds when it is released, within twenty when the leader is dead', async () => {
    for (const isDead of [false, true]) {
      const clock = new ManualClock();
      const server = new LeaseServer();
      const first = new PausableProcess(clock, server);
      const stop = new AbortController();
      const leading = makeElector(first, 'one', () => 0.999).lead(untilAborted, stop.signal);
      await clock.advance(100);
      const second = makeElector(new PausableProcess(clock, server), 'two', () => 0.999);
      const others = new AbortController();
      const following = second.lead(untilAborted, others.signal);
      await clock.advance(7_000);
      if (isDead) first.pause();
      else stop.abort();
      await clock.advance(isDead ? 20_000 : 2_000);
      assert.equal(second.isLeader(), true);
      others.abort();
      await following;
      if (!isDead) await leading;
    }
  });

  it('counts from when a renewal was sent, for the others count from when it arrived', async () => {
    const clock = new ManualClock();
    const process = new PausableProcess(clock, new LeaseServer());
    const elector = makeElector(process, 'one', () => 0.5);
    const lost = assert.rejects(
      elector.lead(untilAborted, new AbortController().signal),
      /does not lead/,
    );
    await clock.advance(100);
    process.faults.push('paused');
    await clock.advance(leaseTimes.retryMs + leaseTimes.renewDeadlineMs);
    process.resume();
    await settle();
    assert.equal(elector.isLeader(), false);
    await clock.advance(leaseTimes.retryMs);
    await lost;
  });

  it('keeps the lead through lost answers and short failures', async () => {
    const clock = new ManualClock();
    const server = new LeaseServer();
    const process = new PausableProcess(clock, server);
    const elector = makeElector(process, 'one', () => 0.5);
    const stop = new AbortController();
    const leading = elector.lead(untilAborted, stop.signal);
    await clock.advance(100);
    process.faults.push('lost', 'refused', 'refused', 'lost');
    for (let second = 0; second < 30; second++) {
      await clock.advance(1_000);
      assert.equal(elector.isLeader(), true);
    }
    stop.abort();
    await leading;
  });

  it('renews until the work has ended, and hands over only then', async () => {
    const clock = new ManualClock();
    const server = new LeaseServer();
    const elector = makeElector(new PausableProcess(clock, server), 'one', () => 0.5);
    const stop = new AbortController();
    const tidied = Promise.withResolvers<void>();
    const leading = elector.lead(() => tidied.promise, stop.signal);
    await clock.advance(100);
    stop.abort();
    await clock.advance(20_000);
    assert.deepEqual([elector.isLeader(), server.lease?.spec?.holderIdentity], [true, 'one']);
    tidied.resolve();
    await leading;
    assert.deepEqual([elector.isLeader(), server.lease?.spec?.holderIdentity], [false, '']);
    assert.equal(clock.timers, 0);
  });

  it('releases the lease when the work fails, and throws what it threw', async () => {
    const clock = new ManualClock();
    const server = new LeaseServer();
    const elector = makeElector(new PausableProcess(clock, server), 'one', () => 0.5);
    const broken = new Error('a bug');
    await assert.rejects(
      elector.lead(() => Promise.reject(broken), new AbortController().signal),
      broken,
    );
    assert.equal(server.lease?.spec?.holderIdentity, '');
  });

  it('writes times with six digits, and times that make sense are asked for', async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5) - 1_000);
    const server = new LeaseServer();
    const process = new PausableProcess(clock, server);
    const stop = new AbortController();
    const leading = makeElector(process, 'one', () => 0.5).lead(untilAborted, stop.signal);
    await settle();
    assert.equal(server.lease?.spec?.renewTime, '2026-01-02T03:04:05.000000Z');
    stop.abort();
    await leading;
    const times = { leaseMs: 10_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
    const metrics = createKubeMetrics();
    const options = { namespace: 'ns', name: 'lease', clock, log: silentLog, metrics, times };
    assert.throws(
      () => createLeaderElector({ ...options, client: process.client, random: Math.random }),
      /must outlast/,
    );
  });
});
