/**
 * One run of the verifier: rounds of two phases each. First faults come at random while numbered
 * events are written; then everything is healed, and every node has to show exactly what was
 * acknowledged, no more and no less, and the same state as the others.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '#cli/generator/random.ts';
import { messageOf } from '#runtime/errors.ts';
import { type FaultWorld, startFaultWorld } from './fault-world.ts';
import { NumberedLoad } from './numbered-load.ts';
import { drawFault } from './random-faults.ts';

export interface VerifyOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly nodes: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface VerifyResult {
  readonly seed: number;
  readonly rounds: number;
  readonly faults: number;
  /** Posts that were acknowledged, deletes that were, posts of aborted transactions. */
  readonly created: number;
  readonly deleted: number;
  readonly aborted: number;
  readonly writesTriedAgain: number;
  /** Records that kafkajs called acknowledged and had not sent, as the load found and mended. */
  readonly writesDropped: number;
  /** What must not be, one sentence each; empty when all is well. */
  readonly violations: readonly string[];
}

const faultsPerRound = { least: 4, most: 9 };
/** Between two faults, milliseconds. */
const gapMs = { least: 500, most: 6_000 };
/** From everything healed to every post on every node. */
const progressMsMax = 120_000;

export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { seed, nodes, say, signal } = options;
  const random = new Random(seed);
  // The load draws from its own, so that how long writes take does not shift the faults.
  const loadRandom = new Random(random.next32());
  say(`seed ${seed}: starting three brokers behind proxies and ${nodes} nodes`);
  const world = await startFaultWorld(nodes);
  let keepLogs = true;
  try {
    const load = await NumberedLoad.create(world, loadRandom);
    try {
      const result = await runRounds({ options, world, load, random });
      keepLogs = result.violations.length > 0;
      return result;
    } finally {
      await load.close();
    }
  } finally {
    const logs = await world.stop({ keepLogs });
    if (signal.aborted) say('stopped');
    if (keepLogs) say(`what the nodes said: ${logs}`);
  }
}

async function runRounds(run: {
  readonly options: VerifyOptions;
  readonly world: FaultWorld;
  readonly load: NumberedLoad;
  readonly random: Random;
}): Promise<VerifyResult> {
  const { options, world, load, random } = run;
  const { seed, say, signal } = options;
  const endAtMs = performance.now() + options.minutes * 60_000;
  const violations: string[] = [];
  let rounds = 0;
  let faults = 0;
  while (
    violations.length === 0 &&
    !signal.aborted &&
    (rounds === 0 || performance.now() < endAtMs)
  ) {
    rounds += 1;
    load.start();
    const count = random.between(faultsPerRound.least, faultsPerRound.most);
    for (let index = 0; index < count && !signal.aborted; index += 1) {
      const fault = drawFault(world, random);
      const thenMs = random.between(gapMs.least, gapMs.most);
      say(`round ${rounds}: ${fault.what}`);
      await fault.inject();
      faults += 1;
      violations.push(...(await unsafe(world, load)));
      await pause(thenMs, undefined, { signal }).catch(() => undefined);
    }
    say(`round ${rounds}: healing`);
    try {
      await world.heal();
      await load.stop();
      const live = load.ledger.liveIds.length;
      say(`round ${rounds}: ${live} posts must be on every node`);
      const judged = world.nodes.map((node) => node.process);
      await load.ledger.judge(judged, { withinMs: progressMsMax });
      violations.push(...(await unsafe(world, load)));
    } catch (error) {
      violations.push(`no progress after healing: ${messageOf(error)}`);
      violations.push(
        ...(await compareWithLog(world, load).catch((failure: unknown) => [messageOf(failure)])),
      );
    }
    for (const node of world.nodes) violations.push(...node.violations);
  }
  const { created, deleted } = load.ledger;
  const writesTriedAgain = load.failures;
  const { dropped: writesDropped } = load.ledger;
  const aborted = load.aborted.size;
  return {
    ...{ seed, rounds, faults, created, deleted, aborted, writesTriedAgain, writesDropped },
    violations,
  };
}

/** Who misses what that is in the log: a node that reads it anew is asked. */
async function compareWithLog(world: FaultWorld, load: NumberedLoad): Promise<string[]> {
  const witness = await world.startWitness();
  const lost = new Set(await load.ledger.missingAt(witness));
  const found = [`the log itself misses ${lost.size} acknowledged posts: ${[...lost].join(', ')}`];
  for (const { process } of world.nodes) {
    const missing = (await load.ledger.missingAt(process)).filter((id) => !lost.has(id));
    found.push(
      `${process.name} misses ${missing.length} that are in the log: ${missing.join(', ')}`,
    );
  }
  return found;
}

/** What must not be seen at any time, faults or not: posts of aborted transactions. */
async function unsafe(world: FaultWorld, load: NumberedLoad): Promise<string[]> {
  const violations: string[] = [];
  for (const node of world.nodes) {
    if (!node.isUp) continue;
    try {
      const seen = await load.ledger.answersAt(node.process);
      const wrong = [...seen].filter((id) => load.aborted.has(id));
      if (wrong.length > 0)
        violations.push(`${node.name} shows aborted posts: ${wrong.join(', ')}`);
    } catch (error) {
      // Not ready yet: it answers nobody, which is safe.
      if (!/UNAVAILABLE|not ready|catching up|DEADLINE/i.test(messageOf(error))) throw error;
    }
  }
  return violations;
}
