/**
 * An operator that can die between any two of its writes. It runs in this process, behind a proxy of
 * its own: once it is dead nothing that it sends arrives any more, and what comes after it is another
 * one, which knows only what the API server knows. (That a process dies as completely is shown
 * elsewhere, with processes.)
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startOperator } from '#operator/app.ts';
import { systemClock as kubeClock } from '#operator/kube/clock.ts';
import { operatorSettings } from '#operator/settings.ts';
import { systemClock } from '#runtime/clock.ts';
import { createLifecycle, type Lifecycle } from '#runtime/lifecycle.ts';
import { silentLogger } from '#runtime/logger.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import type { TestControlPlane } from '#test/components/control-plane/control-plane.ts';
import {
  type Fault,
  type FaultProxy,
  type ProxiedRequest,
  startFaultProxy,
} from '#test/components/control-plane/fault-proxy.ts';

/** So that seconds show what resyncs do in minutes. */
const resyncMs = 4_000;
/** Between two tries to start, as a container that restarts. */
const startAgainMs = 250;
/** What is under way when it dies may still reach the server for so long. */
const lastAnswerMs = 500;

export interface MortalOperatorOptions {
  readonly plane: TestControlPlane;
  readonly namespace: string;
  readonly podPort: number;
  readonly leaderElect: boolean;
  readonly maxRollouts: number;
  /** What becomes of a request. */
  readonly fate: (request: ProxiedRequest) => Fault | undefined;
  /** It has ended by itself, because it lost the lead, and is started again. */
  readonly onEnd: () => void;
}

export class MortalOperator {
  readonly proxy: FaultProxy;
  readonly #options: MortalOperatorOptions;
  #lifecycle: Lifecycle | undefined;
  #absence: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #state: 'up' | 'stopping' | 'dead' = 'up';
  #starting: Promise<void> = Promise.resolve();

  private constructor(options: MortalOperatorOptions, proxy: FaultProxy) {
    this.#options = options;
    this.proxy = proxy;
    proxy.decide = (request) => this.#decide(request);
  }

  /** Comes up by itself, as soon as the API server lets it. */
  static async start(options: MortalOperatorOptions): Promise<MortalOperator> {
    const operator = new MortalOperator(options, await startFaultProxy(options.plane));
    operator.#starting = operator.#comeUp();
    return operator;
  }

  /** In order, as at a signal; or waits for the end that has begun. */
  stop(): Promise<void> {
    this.#ending ??= this.#stopInOrder();
    return this.#ending;
  }

  /** At once: what is sent from now on never arrives. Or waits for the end that has begun. */
  die(): Promise<void> {
    this.#ending ??= this.#dieNow();
    return this.#ending;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** The API server cannot be reached for so long; one absence at a time. */
  away(ms: number): Promise<void> {
    this.#absence ??= this.#beAway(ms).finally(() => {
      this.#absence = undefined;
    });
    return this.#absence;
  }

  async #stopInOrder(): Promise<void> {
    this.#state = 'stopping';
    await this.#lifecycle?.stop('it is asked to');
    await this.#starting;
    await this.#absence;
    await this.proxy.stop();
  }

  async #dieNow(): Promise<void> {
    this.#state = 'dead';
    await pause(lastAnswerMs);
    await this.#absence;
    await this.proxy.stop();
    await this.#lifecycle?.stop('it has died');
    await this.#starting;
  }

  async #beAway(ms: number): Promise<void> {
    if (this.#state !== 'up') return;
    await this.proxy.goAway();
    await pause(ms);
    if (this.isUp) await this.proxy.comeBack();
  }

  #decide(request: ProxiedRequest): Fault | undefined {
    return this.#state === 'dead' ? { kind: 'hang' } : this.#options.fate(request);
  }

  async #comeUp(): Promise<void> {
    while (this.#state === 'up') {
      const lifecycle = createLifecycle({ logger: silentLogger, clock: systemClock });
      this.#lifecycle = lifecycle;
      try {
        await startOperator({
          ...{ settings: this.#settings, lifecycle, clock: kubeClock, logger: silentLogger },
          ...{ version: '0.0.0-test', resyncMs },
        });
        void lifecycle.stopped.then(() => {
          if (this.#state !== 'up') return;
          this.#options.onEnd();
          this.#starting = this.#comeUp();
        });
        return;
      } catch {
        // The API server was not to be had.
        await lifecycle.stop('it did not start');
        await pause(startAgainMs);
      }
    }
  }

  get #settings() {
    const { namespace, podPort, leaderElect, maxRollouts } = this.#options;
    return loadSettings(operatorSettings, {
      argv: [
        ...['--kubeconfig', this.proxy.kubeconfig, '--watch-namespaces', namespace],
        ...['--operator-namespace', namespace, '--pod-admin-port', String(podPort)],
        ...['--http-host', '127.0.0.1', '--http-port', '0', '--no-look-at-kafka'],
        ...['--max-rollouts', String(maxRollouts)],
        ...(leaderElect ? [] : ['--no-leader-elect']),
      ],
      env: {},
      readFile: () => assert.fail('no file is named'),
    }).values;
  }
}
