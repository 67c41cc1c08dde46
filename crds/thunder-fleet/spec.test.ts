/**
 * What a ThunderFleet may say: the examples are good, and every rule refuses what it is for, with
 * the path of the field.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadYaml } from '@kubernetes/client-node';
import { applyDefaults } from '../schema/apply-defaults.ts';
import { isJsonObject, type Json, type JsonObject } from '../schema/json.ts';
import type { Schema } from '../schema/schema.ts';
import { validate } from '../schema/validate.ts';
import { apiVersion, names } from './crd.ts';
import { thunderFleetSpec } from './spec.ts';

const examples = path.resolve(import.meta.dirname, '../../docs/examples');

/** The paths of what is wrong, sorted. */
function wrong(spec: Json, old?: Json): string[] {
  return validate(
    thunderFleetSpec,
    applyDefaults(thunderFleetSpec, spec),
    'spec',
    old === undefined ? undefined : applyDefaults(thunderFleetSpec, old),
  )
    .map((problem) => problem.path)
    .toSorted();
}

function unknownFields(schema: Schema, value: unknown, at: string): string[] {
  if (schema.kind === 'list' && Array.isArray(value)) {
    return value.flatMap((each, index) => unknownFields(schema.items, each, `${at}[${index}]`));
  }
  if (schema.kind !== 'object' || !isJsonObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([name, each]) => {
    const inner = schema.fields[name];
    return inner === undefined ? [`${at}.${name}`] : unknownFields(inner, each, `${at}.${name}`);
  });
}

const kafka = { brokers: ['kafka:9092'] };
const good = { kafka };

/** Field that is to blame: specs with the mistake. */
const mistakes: Readonly<Record<string, readonly JsonObject[]>> = {
  'spec.kafka': [{}],
  'spec.kafka.brokers': [{ kafka: {} }, { kafka: { brokers: [] } }],
  'spec.kafka.brokers[0]': [{ kafka: { brokers: ['kafka'] } }],
  'spec.kafka.brokers[1]': [{ kafka: { brokers: ['a:1', 'a:1'] } }],
  'spec.kafka.sasl.username': [
    { kafka: { ...kafka, sasl: { password: { name: 's' } } } },
    {
      kafka: {
        ...kafka,
        sasl: { mechanism: 'OAUTHBEARER', username: 'u', password: { name: 's' } },
      },
    },
  ],
  'spec.kafka.sasl.password': [{ kafka: { ...kafka, sasl: { username: 'u' } } }],
  'spec.kafka.sasl.mechanism': [
    { kafka: { ...kafka, sasl: { mechanism: 'GSSAPI', username: 'u', password: { name: 's' } } } },
  ],
  'spec.kafka.tls.clientCertificate.name': [
    { kafka: { ...kafka, tls: { clientCertificate: {} } } },
    { kafka: { ...kafka, tls: { clientCertificate: { name: 'A' } } } },
  ],
  'spec.kafka.inNetworkTopic.replication': [
    { kafka: { ...kafka, inNetworkTopic: { replication: 3 } } },
  ],
  'spec.serving.replicas': [
    { kafka, serving: { replicas: -1 } },
    { kafka, serving: { replicas: 1.5 } },
    { kafka, serving: { replicas: '2' } },
  ],
  'spec.serving.retention': [
    { kafka, serving: { retention: '2d' } },
    { kafka, serving: { retention: '59s' } },
    { kafka, serving: { retention: '121h' } },
  ],
  'spec.serving.resources.limits.memory': [
    { kafka, serving: { resources: { limits: { memory: '1Mi' } } } },
    { kafka, serving: { resources: { limits: { memory: '2 GB' } } } },
  ],
  'spec.serving.resources.requests.memory': [
    { kafka, serving: { resources: { requests: { memory: '3Gi' } } } },
  ],
  'spec.serving.maxStaleness': [{ kafka, serving: { maxStaleness: '2s' } }],
  'spec.serving.podTemplate.labels': [
    { kafka, serving: { podTemplate: { labels: { team: 'no spaces' } } } },
  ],
  'spec.serving.podTemplate.env[0]': [
    { kafka, serving: { podTemplate: { env: [{ name: 'A' }] } } },
    {
      kafka,
      serving: {
        podTemplate: { env: [{ name: 'A', value: '', secret: { name: 's', key: 'k' } }] },
      },
    },
  ],
  'spec.serving.podTemplate.env[1].name': [
    {
      kafka,
      serving: {
        podTemplate: {
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      },
    },
  ],
  'spec.transformers': [
    { kafka, transformers: [{ input: { topic: 'in_network_events' } }] },
    {
      kafka,
      transformers: [{ input: { topic: 'in_network_events', brokers: ['b:1', 'kafka:9092'] } }],
    },
    { kafka, transformers: [{ deadLetterTopic: 'in_network_events' }] },
    { kafka, transformers: [{ deadLetterTopic: 'tweet_events' }] },
  ],
  'spec.transformers[1].name': [
    { kafka, transformers: [{}, { name: 'transformer', input: { topic: 'other' } }] },
  ],
  'spec.transformers[0].input.tls': [{ kafka, transformers: [{ input: { tls: {} } }] }],
  'spec.transformers[0].input.sasl': [
    { kafka, transformers: [{ input: { sasl: { username: 'u', password: { name: 's' } } } }] },
  ],
  'spec.rollout.maxSurge': [{ kafka, rollout: { maxSurge: 0 } }],
  'spec.security.clientCa': [{ kafka, security: { clientCa: { name: 'ca' } } }],
  'spec.followGraph.url': [
    { kafka, followGraph: {} },
    { kafka, followGraph: { url: 'ftp://graph' } },
    { kafka, followGraph: { url: 'https://user:word@graph' } },
    { kafka, followGraph: { url: 'http://graph', ca: { name: 'ca' } } },
  ],
  'spec.image': [{ kafka, image: 'a b' }],
  'spec.paused': [{ kafka, paused: 'yes' }],
};

describe('the examples', () => {
  for (const file of globSync('*.yaml', { cwd: examples }).toSorted()) {
    it(`${file} says only what a ThunderFleet can say`, () => {
      const example: unknown = loadYaml(readFileSync(path.join(examples, file), 'utf8'));
      assert.ok(isJsonObject(example) && example['spec'] !== undefined);
      assert.equal(example['apiVersion'], apiVersion);
      assert.equal(example['kind'], names.kind);
      assert.deepEqual(unknownFields(thunderFleetSpec, example['spec'], 'spec'), []);
      assert.deepEqual(wrong(example['spec']), []);
    });
  }
});

describe('a spec', () => {
  it('needs brokers and nothing else', () => {
    assert.deepEqual(wrong(good), []);
  });

  for (const [at, specs] of Object.entries(mistakes)) {
    it(`is refused at ${at}`, () => {
      for (const spec of specs) {
        assert.deepEqual(wrong(spec), [at], JSON.stringify(spec));
      }
    });
  }

  it('takes what looks like a mistake and is none', () => {
    for (const spec of [
      { kafka, transformers: [{ input: { topic: 'in_network_events', brokers: ['b:1'] } }] },
      {
        kafka,
        transformers: [{ deadLetterTopic: 'tweet_events', input: { brokers: ['b:1'] } }],
      },
      { kafka, rollout: { maxSurge: 0, maxUnavailable: 1 } },
      { kafka, serving: { replicas: 0, resources: { requests: { cpu: 1 } } } },
      { kafka, serving: { podTemplate: { env: [{ name: 'A', value: '' }] } } },
      { kafka: { ...kafka, sasl: { mechanism: 'OAUTHBEARER', password: { name: 's' } } } },
    ]) {
      assert.deepEqual(wrong(spec), [], JSON.stringify(spec));
    }
  });

  it('keeps its topic and its groups once it is there', () => {
    const before = { kafka: { ...kafka, inNetworkTopic: { partitions: 4 } } };
    const change = (more: JsonObject): string[] =>
      wrong({ kafka: { ...before.kafka, ...more } }, before);
    assert.deepEqual(change({}), []);
    assert.deepEqual(change({ groupPrefix: 'other' }), ['spec.kafka.groupPrefix']);
    assert.deepEqual(change({ inNetworkTopic: { name: 'other' } }), [
      'spec.kafka.inNetworkTopic.name',
    ]);
    assert.deepEqual(change({ inNetworkTopic: { partitions: 2 } }), [
      'spec.kafka.inNetworkTopic.partitions',
    ]);
    assert.deepEqual(change({ inNetworkTopic: { partitions: 8 } }), []);
    assert.deepEqual(change({ brokers: ['other:9092'] }), []);
  });

  it('is reported with at most twenty mistakes, however many it has', () => {
    const transformers = Array.from({ length: 8 }, (_, at) => ({
      name: `NAME ${at}`,
      replicas: -1,
      input: { topic: 'no spaces', format: 'x' },
    }));
    assert.equal(wrong({ kafka, transformers }).length, 20);
  });

  it('gets its defaults, and loses what it does not know and what is null', () => {
    const given = {
      kafka: { ...kafka, unknown: 1 },
      serving: { replicas: null },
      transformers: [{}],
    };
    const made = applyDefaults(thunderFleetSpec, given) as Record<string, JsonObject>;
    assert.deepEqual(made['kafka'], {
      ...kafka,
      inNetworkTopic: { name: 'in_network_events' },
      groupPrefix: 'thunder',
    });
    assert.equal(made['serving']?.['replicas'], 2);
    assert.deepEqual((made['transformers'] as unknown as JsonObject[])[0]?.['input'], {
      topic: 'tweet_events',
      format: 'tweet-event',
    });
    assert.deepEqual(applyDefaults(thunderFleetSpec, made), made);
  });
});
