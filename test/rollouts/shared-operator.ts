/**
 * The operator of a few fleets, and everything that befalls it: its way to the API server, its
 * deaths, and the one that comes after it. What one fleet's plan does to it, all its fleets live with.
 */
import { Random } from '#cli/generator/random.ts';
import { leases } from '#operator/kube/types.ts';
import type { Fault, ProxiedRequest } from '#test/components/control-plane/fault-proxy.ts';
import type { Host } from './host.ts';
import { MortalOperator } from './mortal-operator.ts';
import type { Action } from './plan.ts';
import { drawRequestFault } from './request-faults.ts';

/** Requests that are no work on fleets: faults there would only delay the start. */
const asidePaths = /\/leases|selfsubjectaccessreviews/;

export interface SharedOperatorOptions {
  readonly host: Host;
  readonly namespace: string;
  readonly leaderElect: boolean;
  readonly maxRollouts: number;
  readonly say: (what: string) => void;
}

type ActionOf<K extends Action['kind']> = Extract<Action, { readonly kind: K }>;

export class SharedOperator {
  /** `METHOD path` of every write that a living operator sent, its Lease aside. */
  readonly writes: string[] = [];
  kills = 0;
  ends = 0;
  spoilt = 0;
  readonly #options: SharedOperatorOptions;
  #operator: MortalOperator | undefined;
  #errors: { left: number; readonly random: Random } | undefined;
  #kill: { left: number; times: number; readonly action: ActionOf<'kill'> } | undefined;
  #changing: Promise<void>;
  #problem: unknown;

  constructor(options: SharedOperatorOptions) {
    this.#options = options;
    this.#changing = this.#start();
  }

  /** The next requests go wrong. */
  spoil({ requests, seed }: ActionOf<'errors'>): void {
    this.#errors = { left: requests, random: new Random(seed) };
  }

  cutWatches(): void {
    this.#operator?.proxy.cutWatches();
  }

  doubleEvents(on: boolean): void {
    if (this.#operator !== undefined) this.#operator.proxy.duplicateEvents = on;
  }

  async away(ms: number): Promise<void> {
    await this.#operator?.away(ms);
  }

  /** It dies at a write to come. */
  killAtWrite(action: ActionOf<'kill'>): void {
    this.#kill = { left: action.afterWrites, times: action.times, action };
  }

  restart(): Promise<void> {
    return this.#change((operator) => operator.stop());
  }

  /** No fault is to come any more, but for deaths that were to come with writes. */
  heal(): void {
    this.#errors = undefined;
    this.doubleEvents(false);
  }

  /** Throws what went wrong on the side. */
  async stop(): Promise<void> {
    await this.#changing;
    await this.#operator?.stop();
    if (this.#problem !== undefined) throw this.#problem;
  }

  async #start(): Promise<void> {
    const { host, namespace, leaderElect, maxRollouts, say } = this.#options;
    this.#operator = await MortalOperator.start({
      ...{ plane: host.plane, namespace, leaderElect, maxRollouts, podPort: host.runner.port },
      fate: (request) => this.#fateOf(request),
      onEnd: () => {
        this.ends += 1;
        say('the operator ended by itself');
      },
    });
  }

  /** One operator goes, the next one comes. */
  #change(end: (operator: MortalOperator) => Promise<void>): Promise<void> {
    const { host, namespace, leaderElect, say } = this.#options;
    const before = this.#changing;
    const change = async (): Promise<void> => {
      await before;
      if (this.#operator !== undefined) await end(this.#operator);
      // As if its time had passed: nobody has to wait for one that is dead.
      if (leaderElect) await host.client.delete(leases, { namespace, name: 'thunder-operator' });
      await this.#start();
      say('the next operator');
    };
    this.#changing = change().catch((error: unknown) => {
      this.#problem ??= error;
    });
    return this.#changing;
  }

  #fateOf(request: ProxiedRequest): Fault | undefined {
    const { method, path, isWrite } = request;
    if (asidePaths.test(path)) return undefined;
    if (isWrite) {
      this.writes.push(`${method} ${path}`);
      const end = this.#endAt(request);
      if (end !== undefined) return end;
    }
    if (this.#errors === undefined || this.#errors.left === 0) return undefined;
    this.#errors.left -= 1;
    this.spoilt += 1;
    return drawRequestFault(this.#errors.random, request);
  }

  /** The last write of an operator that is to die now. */
  #endAt({ method, path }: ProxiedRequest): Fault | undefined {
    const kill = this.#kill;
    // One that is asked to end already ends in order.
    if (kill === undefined || kill.times === 0 || this.#operator?.isUp !== true) return undefined;
    if (kill.left > 0) {
      kill.left -= 1;
      return undefined;
    }
    const { isLastDone, afterWrites } = kill.action;
    kill.times -= 1;
    kill.left = afterWrites;
    this.kills += 1;
    this.#options.say(`the operator dies at ${method} ${path}${isLastDone ? ', done' : ''}`);
    void this.#operator.die();
    void this.#change((operator) => operator.die());
    return { kind: isLastDone ? 'lose' : 'reset' };
  }
}
