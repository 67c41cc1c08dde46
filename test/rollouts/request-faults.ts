/** What goes wrong with one request to the API server, drawn by its kind. */
import type { Random } from '#cli/generator/random.ts';
import type { Fault, ProxiedRequest } from '#test/components/control-plane/fault-proxy.ts';
import { pick } from './plan.ts';

const delayMsMax = 1_500;

type Draw = (random: Random) => Fault;

const onAny: readonly Draw[] = [
  () => ({ kind: 'refuse', status: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 }),
  () => ({ kind: 'refuse', status: 500 }),
  () => ({ kind: 'refuse', status: 503, reason: 'ServiceUnavailable' }),
  () => ({ kind: 'reset' }),
  (random) => ({ kind: 'delay', ms: random.below(delayMsMax) }),
];
const onWrites: readonly Draw[] = [
  ...onAny,
  () => ({ kind: 'refuse', status: 409, reason: 'Conflict' }),
  () => ({ kind: 'lose' }),
  () => ({ kind: 'lose' }),
];
const onWatches: readonly Draw[] = [
  ...onAny,
  () => ({ kind: 'refuse', status: 410, reason: 'Expired' }),
  () => ({ kind: 'end' }),
];

export function drawRequestFault(random: Random, request: ProxiedRequest): Fault {
  const draws = request.isWatch ? onWatches : request.isWrite ? onWrites : onAny;
  return pick(random, draws)(random);
}
