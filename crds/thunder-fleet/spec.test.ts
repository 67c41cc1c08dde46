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
import { kafka, mistakes, noMistakes } from './mistakes.suite.ts';
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
    assert.deepEqual(wrong({ kafka }), []);
  });

  for (const [at, specs] of Object.entries(mistakes)) {
    it(`is refused at ${at}`, () => {
      for (const spec of specs) {
        assert.deepEqual(wrong(spec), [at], JSON.stringify(spec));
      }
    });
  }

  it('takes what looks like a mistake and is none', () => {
    for (const spec of noMistakes) {
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
