/**
 * P1 on random states: the columnar store gives the same bytes and hashes, in whichever order and
 * however often the events came, and whatever was asked and reclaimed in between.
 */
import assert from 'node:assert/strict';
import { Random } from '#cli/generator/random.ts';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits, type QueryEngine } from '#node/query/query-engine.ts';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import { type BusyWorld, createBusyWorld, shuffled } from './busy-world.ts';
import { applyEvents, type PlainEvent, postsInBody, toRequestFields } from './plain-events.ts';
import { checkSeeds, type Step } from './seeded-checks.ts';

const requestsPerState = 10;
const partsMax = 6;
/** No world holds as many: giving up what is old (S4) may depend on the order. */
const postsMax = 5_000;
/** A pass this far ahead of the earliest moment that is asked about must not show: within S2's hour. */
const passAheadMax = 3_000;
const passBehindMax = 100_000;

const plan = {
  limits: defaultQueryLimits,
  blockedAuthors: () => new Set<bigint>(),
  strictLimits: false,
};

interface Held {
  readonly store: ColumnarStore;
  readonly engine: QueryEngine;
}

/**
 * Compares `count` states, made from `seed`, each filled in two ways; returns how many posts were
 * answered. Throws at the first difference.
 */
export function runPermutations(seed: number, count: number, step?: Step): number {
  return checkSeeds(seed, count, checkState, step);
}

function checkState(seed: number): number {
  const world = createBusyWorld(seed);
  const random = new Random(seed + 1);
  const plain = hold(world);
  applyEvents(plain.store, world.events);
  const busy = hold(world);
  fillBusily(busy, world, random);
  let answered = 0;
  for (let index = 0; index < requestsPerState; index += 1) {
    const request = toRequestFields(world.request());
    const now = world.moment();
    const context = { now, shouldStop: () => false, wantStatistics: index === 0 };
    const [expected, actual] = [plain, busy].map(({ store, engine }) => {
      const { body, posts, statistics } = engine.answer(request, context);
      const list = postsInBody(body);
      return { request: index, now, list, posts, statistics, hash: store.stateHash(now) };
    });
    assert.deepEqual(actual, expected);
    answered += actual?.posts ?? 0;
  }
  return answered;
}

function hold(world: BusyWorld): Held {
  const store = new ColumnarStore({ ...world, postsMax, tombstonesMax: postsMax });
  return { store, engine: createColumnarQuery(store, plan) };
}

/** All events in another order, some more than once, with questions and passes between them. */
function fillBusily({ store, engine }: Held, world: BusyWorld, random: Random): void {
  const repeated = world.events.filter(() => random.chance(0.2));
  const events: PlainEvent[] = shuffled(random, [...world.events, ...repeated]);
  const partLength = Math.ceil(events.length / (1 + random.below(partsMax)));
  for (let from = 0; from < events.length; from += partLength) {
    applyEvents(store, events.slice(from, from + partLength), world.moment());
    engine.answer(toRequestFields(world.request()), {
      now: world.moment(),
      shouldStop: () => random.chance(0.1),
      wantStatistics: random.chance(0.2),
    });
    store.reclaim(world.now + random.between(-passBehindMax, passAheadMax));
  }
}
