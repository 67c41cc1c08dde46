/**
 * Numbered events, written until they are acknowledged however often that fails, some deleted again,
 * and transactions of which some are aborted: those posts must never be seen by anybody.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '#cli/generator/random.ts';
import { messageOf } from '#runtime/errors.ts';
import { JavaTool } from '#test/components/kafka/java-tool.ts';
import { Ledger } from '#test/integration/kafka/ledger.ts';
import type { FaultWorld } from './fault-world.ts';

/** Posts of one write, and the pause behind it: some hundred a second. */
const batchMax = 40;
const pauseMs = 150;
const retryMs = 500;
/** One write in so many deletes, one is a transaction. */
const deletesEvery = 5;
const transactionsEvery = 12;
const partitions = 6;

export class NumberedLoad {
  readonly ledger: Ledger;
  /** Ids of aborted transactions. */
  readonly aborted = new Set<number>();
  readonly #world: FaultWorld;
  readonly #random: Random;
  #tool: JavaTool;
  #running: Promise<void> | null = null;
  #isStopping = false;
  #failures = 0;
  #transactions = 0;

  private constructor(world: FaultWorld, random: Random, tool: JavaTool) {
    this.#world = world;
    this.#random = random;
    this.#tool = tool;
    this.ledger = new Ledger({ kafka: world.cluster, topic: world.topic });
  }

  static async create(world: FaultWorld, random: Random): Promise<NumberedLoad> {
    return new NumberedLoad(world, random, await JavaTool.start(world.cluster.bootstrap));
  }

  /** Writes that failed and were tried again. */
  get failures(): number {
    return this.#failures;
  }

  start(): void {
    this.#isStopping = false;
    this.#running = this.#run();
  }

  /** Resolves when the last event is acknowledged: the brokers must answer by then. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
  }

  async close(): Promise<void> {
    await this.#tool.kill();
    await this.ledger.close();
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#isStopping; turn += 1) {
      if (turn % transactionsEvery === transactionsEvery - 1) await this.#transact();
      else if (turn % deletesEvery === deletesEvery - 1) await this.#delete();
      else await this.#create();
      await pause(pauseMs);
    }
  }

  async #create(): Promise<void> {
    const ids = this.ledger.reserve(this.#random.between(1, batchMax));
    await this.#untilDone(() => this.ledger.write(ids));
  }

  async #delete(): Promise<void> {
    const live = this.ledger.liveIds;
    const ids = [live[this.#random.below(live.length)], live[this.#random.below(live.length)]];
    const present = [...new Set(ids.filter((id) => id !== undefined))];
    if (present.length > 0) await this.#untilDone(() => this.ledger.delete(present));
  }

  /** By Kafka's own client, over the listener that no wire fault touches. */
  async #transact(): Promise<void> {
    const ids = this.ledger.reserve(this.#random.between(1, 10));
    const commits = this.#random.chance(0.5);
    if (!commits) for (const id of ids) this.aborted.add(id);
    const partition = this.#random.below(partitions);
    await this.#untilDone(async () => {
      this.#transactions += 1;
      // An id of its own for every try: one that failed may have left its producer unusable.
      const id = `load-${this.#world.topic}-${this.#transactions}`;
      const { topic } = this.#world;
      const values = ids.map((one) => this.ledger.valueOf(one));
      await this.#tool.begin(id, { timeoutMs: 10_000 });
      await this.#tool.put(id, { topic, partition, values });
      if (commits) await this.#tool.commit(id);
      else await this.#tool.abort(id);
    });
    if (commits) this.ledger.acknowledged(ids);
  }

  async #untilDone(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        this.#failures += 1;
        if (/Java tool (has ended|gives no answer)/.test(messageOf(error))) {
          await this.#tool.kill();
          this.#tool = await JavaTool.start(this.#world.cluster.bootstrap);
        }
        // A client whose broker went away may hold on to what it knew.
        await this.ledger.close().catch(() => undefined);
        await pause(retryMs);
      }
    }
  }
}
