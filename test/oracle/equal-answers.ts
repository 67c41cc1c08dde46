/**
 * The columnar store and query beside the simple ones, on random states: the same hash, and byte for
 * byte the same answers.
 */
import assert from 'node:assert/strict';
import { createColumnarQuery } from '#node/query/columns/columnar-query.ts';
import { defaultQueryLimits } from '#node/query/query-engine.ts';
import { ColumnarStore } from '#node/store/columns/columnar-store.ts';
import { createBusyWorld } from './busy-world.ts';
import { applyEvents, postsInBody, toRequestFields } from './plain-events.ts';
import { checkSeeds, type Step } from './seeded-checks.ts';
import { createSimpleQuery } from './simple-query.ts';
import { SimpleStore } from './simple-store.ts';

export const requestsPerState = 25;
/** Of the requests about a state, those before this one ask for statistics, too. */
const requestsWithStatistics = 3;
/** No world holds as many: nothing is ever given up for want of room. */
const postsMax = 5_000;
/** Addresses of posts wrap here; some states begin just before it. */
const addressesEnd = 0x7fff_ffff;
const beforeAddressesEndMax = 8_192;

const plan = {
  limits: defaultQueryLimits,
  blockedAuthors: () => new Set<bigint>(),
  strictLimits: false,
};

/**
 * Compares `count` states, made from `seed`, with `requestsPerState` requests about each; returns how
 * many posts were answered. Throws at the first difference.
 */
export function runEqualAnswers(seed: number, count: number, step?: Step): number {
  return checkSeeds(seed, count, checkState, step);
}

function checkState(seed: number): number {
  const world = createBusyWorld(seed);
  const options = { ...world, postsMax, tombstonesMax: postsMax };
  const simple = new SimpleStore(options);
  const wraps = seed % 4 >= 2;
  const firstAddress = wraps ? addressesEnd - (seed % beforeAddressesEndMax) : 0;
  const columnar = new ColumnarStore({ ...options, firstAddress });
  const engines = [createSimpleQuery(simple, plan), createColumnarQuery(columnar, plan)];
  applyEvents(simple, world.events);
  applyEvents(columnar, world.events);
  assert.equal(columnar.stateHash(world.now), simple.stateHash(world.now));
  if (seed % 2 === 0) {
    columnar.reclaim(world.now - 100);
  }
  let answered = 0;
  for (let index = 0; index < requestsPerState; index += 1) {
    const request = toRequestFields(world.request());
    const wantStatistics = index < requestsWithStatistics;
    const context = { now: world.moment(), shouldStop: () => false, wantStatistics };
    const [expected, actual] = engines.map((engine) => {
      const { body, posts, truncations, partial, statistics } = engine.answer(request, context);
      const list = postsInBody(body);
      return { request: index, now: context.now, list, posts, truncations, partial, statistics };
    });
    assert.deepEqual(actual, expected);
    answered += actual?.posts ?? 0;
  }
  return answered;
}
