/**
 * Random good fleets, for properties of what is made of them.
 */
import * as fc from 'fast-check';
import type { JsonObject } from '#crds/schema/json.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import { fleetOf } from '#operator/fleet/fleet-fixture.suite.ts';

const secretName = fc.constantFrom('alpha', 'beta', 'gamma');
const reference = fc.record({ name: secretName });
const tls = fc.record({ ca: reference, clientCertificate: reference }, { requiredKeys: [] });
const sasl = fc.oneof(
  fc.record({
    mechanism: fc.constantFrom('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'),
    username: fc.constant('user'),
    password: reference,
  }),
  fc.record({ mechanism: fc.constant('OAUTHBEARER'), password: reference }),
);
const labels = fc.dictionary(fc.constantFrom('a', 'b', 'example.com/c', 'd'), fc.constant('x'));
const podTemplate = fc.record(
  {
    imagePullSecrets: fc.constant([{ name: 'registry' }]),
    labels,
    annotations: labels,
    nodeSelector: labels,
    affinity: fc.constant({ podAntiAffinity: {} }),
    tolerations: fc.constant([{ key: 'pool', operator: 'Exists' }]),
    topologySpread: fc.constantFrom([], [{ topologyKey: 'zone' }]),
    priorityClass: fc.constant('high'),
    env: fc.constantFrom(
      [{ name: 'NODE_OPTIONS', value: '--trace-gc' }],
      [{ name: 'TOKEN', secret: { name: 'delta', key: 'k' } }],
      [{ name: 'PLAIN', configMap: { name: 'epsilon', key: 'k' } }],
    ),
  },
  { requiredKeys: [] },
);

const transformer = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 5 }),
    input: fc.record(
      {
        format: fc.constantFrom('tweet-event', 'event', 'in-network-event'),
        brokers: fc.constant(['legacy:9093']),
        tls,
        sasl,
      },
      { requiredKeys: ['brokers'] },
    ),
    deadLetterTopic: fc.constant('dead_letters'),
    podTemplate,
  },
  { requiredKeys: [] },
);

const spec = fc.record(
  {
    image: fc.constant('registry.example.com/thunder:1'),
    kafka: fc.record(
      { brokers: fc.constant(['a:9092', 'b:9092']), tls, sasl },
      { requiredKeys: ['brokers'] },
    ),
    serving: fc.record(
      {
        replicas: fc.integer({ min: 0, max: 9 }),
        retention: fc.constantFrom('1m', '36h', '120h'),
        resources: fc.constantFrom<JsonObject>(
          { limits: { memory: '256Mi' } },
          { limits: { memory: '64Gi', cpu: 8 }, requests: { cpu: '4', memory: '32Gi' } },
        ),
        threads: fc.integer({ min: 1, max: 63 }),
        requestTimeout: fc.constantFrom('0s', '1500ms'),
        qpsLimit: fc.integer({ min: 1, max: 1_000_000 }),
        maxStaleness: fc.constantFrom('3s', '1h'),
        storeBytes: fc.constantFrom('1Mi', '150Mi'),
        blockedAuthors: reference,
        podTemplate,
      },
      { requiredKeys: [] },
    ),
    transformers: fc
      .array(transformer, { maxLength: 3 })
      .map((each) => each.map((one, at) => ({ name: `t${at}`, ...one }))),
    warmStart: fc.record({ enabled: fc.boolean() }),
    security: fc.constantFrom<JsonObject>(
      {},
      { networkPolicy: { enabled: false } },
      { networkPolicy: { clients: [{ podSelector: {} }], monitoring: [] } },
      { serverTls: { name: 'alpha' }, clientCa: { name: 'alpha' } },
    ),
    followGraph: fc.record(
      {
        url: fc.constant('https://graph'),
        fillAlways: fc.boolean(),
        token: reference,
        ca: reference,
        clientCertificate: reference,
      },
      { requiredKeys: ['url'] },
    ),
  },
  { requiredKeys: ['kafka'] },
);

/** Any name that Kubernetes takes for an object. */
export const fleetName = fc
  .stringMatching(/^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/)
  .filter((name) => !/\.[.-]|-\./.test(name));

export const fleets: fc.Arbitrary<Fleet> = fc
  .record({
    spec,
    name: fc.oneof(fc.constantFrom('a', 'home-feed', '9lives', 'a-peers'), fleetName),
  })
  // oxlint-disable-next-line no-unsafe-type-assertion -- made of JSON
  .map(({ spec: made, name }) => fleetOf(made as unknown as JsonObject, { name }));
