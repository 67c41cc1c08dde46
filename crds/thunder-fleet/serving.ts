/**
 * `spec.serving`: the pods that answer queries.
 */
import { quantityAtLeast, rule, self } from '../schema/rules.ts';
import { as, duration, integer, object, quantity } from '../schema/schema.ts';
import { podTemplate, resources } from './pods.ts';
import { idsReference } from './references.ts';

export const serving = object('Serving', {
  description: 'The pods that hold the posts and answer queries.',
  default: {},
  fields: {
    replicas: integer({
      description: 'Pods. Each holds everything; scaling changes no template.',
      unit: 'pods',
      min: 0,
      max: 1_000,
      default: 2,
    }),
    retention: duration({
      description: 'How long a post is visible. The topic has to keep its records as long.',
      min: '1m',
      max: '120h',
      default: '48h',
    }),
    resources: resources(
      'ServingResources',
      'CPU and memory of a pod. 60 % of the memory is for posts, some 140 bytes reserved for each.',
      { cpuRequest: '500m', memoryLimit: '2Gi', memoryLimitMin: '256Mi' },
    ),
    storeBytes: quantity({
      description:
        'Memory for posts and remembered deletes, at most 60 % of the memory limit; default: those 60 %.',
      unit: 'bytes',
      optional: true,
      rules: [rule(quantityAtLeast(self, '1Mi'), 'must be 1Mi or more')],
    }),
    threads: integer({
      description:
        'Threads of each pod; default: as many as it has processors, 8 at most. 1: one thread does it all.',
      unit: 'threads',
      min: 1,
      max: 63,
      optional: true,
    }),
    requestTimeout: duration({
      description:
        'Longest scan of one query; what was found so far is answered, and said to be partial. 0s: no limit.',
      min: '0s',
      max: '10m',
      default: '0s',
    }),
    maxConcurrentRequests: integer({
      description: 'Cost in flight at most in each pod, one unit per 100 ids of a request.',
      unit: 'cost units',
      min: 1,
      max: 1_000_000,
      default: 2_000,
    }),
    qpsLimit: integer({
      description: 'Cost that each pod accepts in a second; default: no limit.',
      unit: 'cost units a second',
      min: 1,
      max: 10_000_000,
      optional: true,
    }),
    maxStaleness: duration({
      description:
        'A pod staler than this is unready until it has caught up. Default: never, because a Kafka outage would then empty the Service.',
      min: '3s',
      max: '8760h',
      optional: true,
    }),
    decodeFailureMax: integer({
      description:
        'Share of the records that cannot be decoded, beyond which a starting pod does not become ready; one that is ready stays so, and the fleet is Degraded. 100: never.',
      unit: 'percent',
      min: 0,
      max: 100,
      default: 10,
    }),
    blockedAuthors: as(idsReference, {
      description:
        'ConfigMap with ids of authors that are never returned, one a line; read again on change.',
    }),
    podTemplate,
  },
});
