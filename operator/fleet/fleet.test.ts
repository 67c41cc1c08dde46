/**
 * What the operator makes of a stored ThunderFleet, and refuses beyond the API server's rules.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject } from '#crds/schema/json.ts';
import { canonicalJson, isSameJson, shortHash } from './canonical.ts';
import { parseFleet } from './fleet.ts';
import { fleetOf, storedFleet, uid } from './fleet-fixture.suite.ts';

/** Field that is to blame: specs that the schema lets through. */
const mistakes: Readonly<Record<string, readonly JsonObject[]>> = {
  'spec.kafka.brokers[1]': [
    { kafka: { brokers: ['a:1', 'b:0'] } },
    { kafka: { brokers: ['a:1', 'b:65536'] } },
  ],
  'spec.transformers[0].input.brokers[0]': [
    { transformers: [{ input: { brokers: ['a:70000'] } }] },
  ],
  'spec.kafka.inNetworkTopic.name': [
    { kafka: { brokers: ['a:1'], inNetworkTopic: { name: '..' } } },
  ],
  'spec.transformers[0].input.topic': [{ transformers: [{ input: { topic: '.' } }] }],
  'spec.serving.resources.requests.cpu': [
    { serving: { resources: { limits: { cpu: '250m' } } } },
    { serving: { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } } },
  ],
  'spec.serving.storeBytes': [
    { serving: { storeBytes: '2Gi' } },
    { serving: { storeBytes: '1230Mi', resources: { limits: { memory: '2Gi' } } } },
  ],
  'spec.serving.podTemplate.labels': [
    { serving: { podTemplate: { labels: { 'a b': 'x' } } } },
    { serving: { podTemplate: { labels: { 'thunder.dev/fleet': 'x' } } } },
    { serving: { podTemplate: { labels: { 'app.kubernetes.io/name': 'x' } } } },
  ],
  'spec.transformers[0].podTemplate.annotations': [
    { transformers: [{ podTemplate: { annotations: { 'thunder.dev/inputs': 'x' } } }] },
  ],
  'spec.serving.podTemplate.env[0].name': [
    { serving: { podTemplate: { env: [{ name: 'THUNDER_NODE', value: 'x' }] } } },
  ],
  'spec.serving.podTemplate.env[0].value': [
    { serving: { podTemplate: { env: [{ name: 'THUNDER_SASL_PASSWORD', value: 'x' }] } } },
  ],
  'spec.followGraph.url': [{ followGraph: { url: 'http://[' } }],
};

describe('a stored fleet', () => {
  it('gets its defaults, and keeps who it is', () => {
    const { name, namespace, generation, isDeleting, spec } = fleetOf();
    assert.deepEqual([name, namespace, generation, isDeleting], ['home-feed', 'feeds', 3, false]);
    assert.equal(spec.serving.replicas, 2);
    assert.equal(spec.warmStart.enabled, true);
    const deleting = fleetOf({}, { deletionTimestamp: '2026-11-01T00:00:00Z' });
    assert.equal(deleting.isDeleting, true);
  });

  for (const [path, specs] of Object.entries(mistakes)) {
    it(`is refused at ${path}`, () => {
      for (const spec of specs) {
        const parsed = parseFleet(storedFleet(spec));
        assert.ok(!parsed.ok, JSON.stringify(spec));
        assert.deepEqual(
          parsed.problems.map((problem) => problem.path),
          [path],
        );
        assert.equal(parsed.identity.uid, uid);
      }
    });
  }

  it('takes what looks like a mistake and is none', () => {
    for (const spec of [
      { serving: { storeBytes: '1228Mi', resources: { limits: { memory: '2Gi' } } } },
      { serving: { podTemplate: { labels: { 'example.com/team': 'x', thunder: 'y' } } } },
      { serving: { podTemplate: { env: [{ name: 'THUNDER_KAFKA_RACK', value: 'r1' }] } } },
      {
        serving: {
          podTemplate: {
            env: [{ name: 'THUNDER_SASL_PASSWORD', secret: { name: 's', key: 'k' } }],
          },
        },
      },
    ]) {
      assert.ok(parseFleet(storedFleet(spec)).ok, JSON.stringify(spec));
    }
  });

  it('never throws, whatever its spec is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (spec) => {
        const parsed = parseFleet({ ...storedFleet(), spec });
        assert.ok(parsed.ok || parsed.problems.length > 0);
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.ok(isSameJson(turned, value));
        assert.equal(shortHash(turned), shortHash(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
    assert.ok(!isSameJson({ a: 1 }, { a: 2 }));
    assert.ok(isSameJson({ a: 1, b: undefined }, { a: 1 }));
  });
});
