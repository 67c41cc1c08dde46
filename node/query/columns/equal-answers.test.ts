/**
 * The columnar store and query answer byte for byte what the simple ones do: ten thousand requests
 * about hundreds of random states, late and reclaimed ones too.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createBusyWorld } from '#test/oracle/busy-world.ts';
import { applyEvents, toRequestFields } from '#test/oracle/plain-events.ts';
import { createSimpleQuery } from '#test/oracle/simple-query.ts';
import { SimpleStore } from '#test/oracle/simple-store.ts';
import { ColumnarStore } from '../../store/columns/columnar-store.ts';
import { defaultQueryLimits } from '../query-engine.ts';
import { createColumnarQuery } from './columnar-query.ts';

const states = 400;
const requestsPerState = 25;

test('P1, Q3, Q6: ten thousand requests about random states are answered as the simple store does', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const world = createBusyWorld(seed);
      const options = { ...world, postsMax: 5_000, tombstonesMax: 5_000 };
      const plan = {
        limits: defaultQueryLimits,
        blockedAuthors: () => new Set<bigint>(),
        strictLimits: false,
      };
      const simple = new SimpleStore(options);
      // Every other world goes over the end of addresses.
      const firstAddress = seed % 4 < 2 ? 0 : 0x7fff_ffff - (Math.abs(seed) % 8_192);
      const columnar = new ColumnarStore({ ...options, firstAddress });
      const engines = [createSimpleQuery(simple, plan), createColumnarQuery(columnar, plan)];
      applyEvents(simple, world.events);
      applyEvents(columnar, world.events);
      assert.equal(columnar.stateHash(world.now), simple.stateHash(world.now));
      if (seed % 2 === 0) {
        columnar.reclaim(world.now - 100);
      }
      for (let index = 0; index < requestsPerState; index += 1) {
        const request = toRequestFields(world.request());
        const context = { now: world.moment(), shouldStop: () => false, wantStatistics: false };
        const [expected, actual] = engines.map((engine) => {
          const { body, posts, truncations, partial } = engine.answer(request, context);
          return { body: Buffer.from(body).toString('hex'), posts, truncations, partial };
        });
        assert.deepEqual(actual, expected);
      }
    }),
    { numRuns: states },
  );
});
