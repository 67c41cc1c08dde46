/**
 * Leader election by a Lease, as controller-runtime does it, with one thing added: whether we lead
 * is not a flag but a question to the monotonic clock, asked again before every write.
 *
 *     watching the Lease --free, released or expired--> leading --renewed every retryMs--> leading
 *            ^                                             |
 *            +-- (a new process) <-- lost: not renewed ----+--work ended--> released
 *                                    for renewDeadlineMs
 *
 * Times are counted from before a renewal was sent, and others count from after they saw it, so
 * `leaseMs - renewDeadlineMs` separates our last write from their first.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Random } from './backoff.ts';
import { pause } from './clock.ts';
import { isKubeError, KubeError } from './errors.ts';
import { failureToError } from './http-errors.ts';
import { leaderWorkEndMsMax, leaseTimes } from './limits.ts';
import type { KubeMetrics } from './metrics.ts';
import { toMicroTime } from './micro-time.ts';
import type { Clock, KubeClient, LeaderElector, Log } from './ports.ts';
import { type Lease, leases } from './types.ts';

export interface LeaderElectorOptions {
  /** Not the fenced one: the Lease is how one comes to lead. */
  readonly client: Pick<KubeClient, 'get' | 'create' | 'update'>;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Unique for every process, restarts included; default the host's name and a random part. */
  readonly identity?: string | undefined;
  readonly times?: typeof leaseTimes | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: KubeMetrics;
}

export function createLeaderElector(options: LeaderElectorOptions): LeaderElector {
  return new LeaseElector(options);
}

class LeaseElector implements LeaderElector {
  readonly identity: string;
  readonly #options: LeaderElectorOptions;
  readonly #times: typeof leaseTimes;
  #lease: Lease | undefined;
  /** When the Lease was first seen as it is now, by our clock: other clocks are not to be trusted. */
  #seenMs = 0;
  /** Just before the last successful renewal was sent; undefined while we do not hold the Lease. */
  #renewedMs: number | undefined;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#times = options.times ?? leaseTimes;
    const { leaseMs, renewDeadlineMs, retryMs } = this.#times;
    if (!(leaseMs > renewDeadlineMs && renewDeadlineMs > retryMs && retryMs > 0)) {
      throw new KubeError(
        'CONFIGURATION',
        'the lease must outlast its renew deadline, and that its retries',
      );
    }
    this.identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    options.metrics.leader.set(0, options.name);
  }

  get holder(): string {
    return this.#lease?.spec?.holderIdentity ?? '';
  }

  isLeader(): boolean {
    return this.#leftMs(this.#times.renewDeadlineMs) > 0;
  }

  assertLeader(): void {
    if (!this.isLeader()) throw this.#notLeader();
  }

  leaseLeftMs(): number {
    return this.isLeader() ? this.#leftMs(this.#times.leaseMs) : 0;
  }

  async lead(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { log, metrics, name } = this.#options;
    await this.#acquire(signal);
    if (!this.isLeader()) return;
    log.info({ lease: name, identity: this.identity }, 'leading');
    metrics.leader.set(1, name);
    const ending = new AbortController();
    const workSignal = AbortSignal.any([signal, ending.signal]);
    const working = (async () => work(workSignal))();
    const workEnded = new AbortController();
    const settled = working.then(
      () => workEnded.abort(),
      () => workEnded.abort(),
    );
    try {
      await this.#renewUntil(workEnded.signal);
      if (this.isLeader()) {
        await this.#release();
        await working;
        return;
      }
      const lost = this.#notLeader();
      ending.abort(lost);
      log.error({ lease: name, identity: this.identity, holder: this.holder }, 'the lead was lost');
      // Its writes are refused already; this is only for its tidying up.
      const tooLong = new AbortController();
      await Promise.race([
        settled,
        pause(this.#options.clock, leaderWorkEndMsMax, tooLong.signal),
      ]).finally(() => tooLong.abort());
      throw lost;
    } finally {
      this.#renewedMs = undefined;
      metrics.leader.set(0, name);
    }
  }

  /** Returns when the Lease is ours or the signal aborts. */
  async #acquire(signal: AbortSignal): Promise<void> {
    const { clock, random, log, name } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#tryToHold(signal);
        if (this.isLeader()) return;
      } catch (error) {
        if (signal.aborted) return;
        // Somebody else was quicker: nothing to tell.
        if (!isKubeError(error, 'CONFLICT', 'ALREADY_EXISTS')) {
          log.warn({ lease: name, error: failureToError('lease', error).message }, 'no lease yet');
        }
      }
      // A look is cheap, and a release should be seen soon.
      await pause(clock, (this.#times.retryMs / 2) * (0.5 + 0.5 * random()), signal);
    }
  }

  /** Returns when the signal aborts, or when the lead is lost. */
  async #renewUntil(signal: AbortSignal): Promise<void> {
    const { clock, log, name } = this.#options;
    await pause(clock, this.#times.retryMs, signal);
    while (!signal.aborted && this.isLeader()) {
      try {
        await this.#tryToHold(undefined);
        if (this.holder !== this.identity) return;
        await pause(clock, this.#times.retryMs, signal);
      } catch (error) {
        log.warn(
          { lease: name, error: failureToError('lease', error).message },
          'lease not renewed',
        );
        // It may be ours in a version that we have not seen, if an answer was lost.
        if (isKubeError(error, 'CONFLICT', 'NOT_FOUND')) this.#lease = undefined;
        await pause(clock, this.#times.retryMs / 4, signal);
      }
    }
  }

  /** Creates, takes over or renews the Lease if it may; else only looks at it. */
  async #tryToHold(signal: AbortSignal | undefined): Promise<void> {
    const { client, clock, namespace, name } = this.#options;
    const { renewDeadlineMs, leaseMs } = this.#times;
    // Time for a second try before the lead is lost.
    const timeoutMs = Math.max(
      1,
      Math.min(this.#leftMs(renewDeadlineMs) || renewDeadlineMs, renewDeadlineMs / 2),
    );
    const isRenewal = this.isLeader() && this.#lease !== undefined;
    if (!isRenewal) {
      this.#see(await client.get(leases, { namespace, name }, { timeoutMs, signal }));
    }
    const sentMs = clock.monotonicMs();
    const held = this.#lease;
    if (held !== undefined && !this.#mayTake(held, sentMs)) {
      this.#renewedMs = undefined;
      return;
    }
    const now = toMicroTime(clock.nowMs());
    const isOurs = held?.spec?.holderIdentity === this.identity;
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      // Only this version of it: of two who take it, one is told of the conflict.
      metadata: { ...held?.metadata, namespace, name },
      spec: {
        holderIdentity: this.identity,
        leaseDurationSeconds: Math.ceil(leaseMs / 1000),
        acquireTime: isOurs ? held?.spec?.acquireTime : now,
        renewTime: now,
        leaseTransitions:
          (held?.spec?.leaseTransitions ?? 0) + (isOurs || held === undefined ? 0 : 1),
      },
    };
    const answer =
      held === undefined
        ? await client.create(leases, lease, { timeoutMs, signal })
        : await client.update(leases, lease, { timeoutMs, signal });
    this.#see(answer);
    this.#renewedMs = sentMs;
  }

  #mayTake({ spec }: Lease, nowMs: number): boolean {
    const holder = spec?.holderIdentity ?? '';
    if (holder === '' || holder === this.identity) return true;
    const leaseMs = (spec?.leaseDurationSeconds ?? 0) * 1000 || this.#times.leaseMs;
    return nowMs - this.#seenMs >= leaseMs;
  }

  #see(lease: Lease | undefined): void {
    const isSame = JSON.stringify(lease?.spec) === JSON.stringify(this.#lease?.spec);
    if (!isSame || this.#lease === undefined) this.#seenMs = this.#options.clock.monotonicMs();
    this.#lease = lease;
  }

  async #release(): Promise<void> {
    const { client, clock, log, name } = this.#options;
    const lease = this.#lease;
    if (lease === undefined) return;
    const timeoutMs = Math.max(1, this.#leftMs(this.#times.renewDeadlineMs));
    // From here on nothing of ours may be written, whether the release arrives or not.
    this.#renewedMs = undefined;
    const spec = { ...lease.spec, holderIdentity: '', renewTime: toMicroTime(clock.nowMs()) };
    try {
      this.#see(await client.update(leases, { ...lease, spec }, { timeoutMs }));
      log.info({ lease: name, identity: this.identity }, 'lease released');
    } catch (error) {
      // The next one waits until it expires.
      log.warn(
        { lease: name, error: failureToError('lease', error).message },
        'lease not released',
      );
    }
  }

  /** Of a span that began with the last renewal; 0 when it is over or never began. */
  #leftMs(spanMs: number): number {
    if (this.#renewedMs === undefined) return 0;
    return Math.max(0, this.#renewedMs + spanMs - this.#options.clock.monotonicMs());
  }

  #notLeader(): KubeError {
    const { namespace, name } = this.#options;
    return new KubeError(
      'NOT_LEADER',
      `${this.identity} does not lead by the lease ${namespace}/${name}; nothing was written`,
    );
  }
}
