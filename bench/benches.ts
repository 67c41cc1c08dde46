/**
 * Every bench, from the smallest part to the whole.
 */
import type { Bench } from './bench.ts';
import { kafkaBench } from './kafka.ts';
import { operatorBench } from './operator.ts';
import { queryBench } from './query.ts';

import { serveBench } from './serve.ts';
import { storeBench } from './store.ts';
import { threadsBench } from './threads.ts';
import { wireBench } from './wire.ts';

export const benches: readonly Bench[] = [
  wireBench,
  storeBench,
  queryBench,

  kafkaBench,
  serveBench,
  threadsBench,
  operatorBench,
];
