/**
 * A real API server takes the CRD, and says of every spec what our own checks say.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { installCrd } from './install-crd.suite.ts';
import { applyDefaults } from './schema/apply-defaults.ts';
import type { Json, JsonObject } from './schema/json.ts';
import { validate } from './schema/validate.ts';
import { apiVersion, names } from './thunder-fleet/crd.ts';
import { kafka, mistakes, noMistakes } from './thunder-fleet/mistakes.suite.ts';
import { thunderFleetSpec } from './thunder-fleet/spec.ts';

/** Each of our paths, without the places of list items, which the API server names otherwise. */
function ourPaths(spec: JsonObject): string[] {
  const problems = validate(thunderFleetSpec, applyDefaults(thunderFleetSpec, spec), 'spec');
  return [...new Set(problems.map((problem) => problem.path.replace(/\[.*?\]/g, '[]')))].toSorted();
}

/** Values near every bound, for fields that rules and bounds are about. */
const values: Readonly<Record<string, readonly Json[]>> = {
  'serving.replicas': [-1, 0, 1_000, 1_001, 'x'],
  'serving.retention': ['1m', '59s', '120h', '121h', '2d', '1m1m', '0h60s', ''],
  'serving.requestTimeout': ['0s', '10m', '601s', '-1s', '1.5s'],
  'serving.maxStaleness': ['3s', '2999ms'],
  'serving.storeBytes': ['1Mi', '1023Ki', '1048576', '1e6', 5],
  'serving.resources.limits.memory': ['256Mi', '255Mi', '0.25Gi', '268435455'],
  'serving.resources.requests.memory': ['2Gi', '2049Mi', '1k'],
  'serving.resources.requests.cpu': [1, '1', '500m', 'x', true],
  'serving.threads': [0, 1, 63, 64],
  'serving.podTemplate.affinity': [{ nodeAffinity: { x: 1 } }, 'x'],
  'serving.podTemplate.tolerations': [[{ key: 'k', effect: 'Never' }], [{}]],
  'kafka.sasl': [
    { password: { name: 's' } },
    { username: 'u', password: { name: 's' } },
    { mechanism: 'OAUTHBEARER', username: 'u', password: { name: 's' } },
  ],
  'kafka.inNetworkTopic.replication': [1, 17],
  'kafka.inNetworkTopic.partitions': [1, 0],
  'kafka.groupPrefix': ['a b', 'x'.repeat(64), 'x'.repeat(65)],
  'rollout.maxSurge': [0, 1, 101],
  'rollout.maxUnavailable': [0, 1],
  'rollout.holdAfterFirst': ['1s', '169h', '168h'],
  'security.clientCa': [{ name: 'ca' }],
  'security.serverTls': [{ name: 'tls' }, {}],
  followGraph: [
    { url: 'http://g', ca: { name: 'c' } },
    { url: 'https://g', ca: { name: 'c' } },
    {},
  ],
  transformers: [
    [{ input: { topic: 'in_network_events' } }],
    [{ input: { topic: 'in_network_events', brokers: ['other:1'] } }],
    [{ input: { topic: 'in_network_events', brokers: ['kafka:9092'] } }],
    [{}, {}],
    [{ deadLetterTopic: 'tweet_events' }],
    [{ input: { tls: {} } }],
  ],
  image: ['a/b:c', 'x y', ''],
  paused: [true, 'true'],
};

const randomSpec = fc
  .uniqueArray(fc.constantFrom(...Object.keys(values)), { maxLength: 6 })
  .chain((fields) =>
    fc.tuple(...fields.map((field) => fc.constantFrom(...(values[field] ?? [])))).map((chosen) => {
      const spec = structuredClone({ kafka }) as Record<string, Json>;
      fields.forEach((field, at) => {
        put(spec, field.split('.'), chosen[at] ?? null);
      });
      return spec;
    }),
  );

function put(target: Record<string, Json>, [first = '', ...rest]: string[], value: Json): void {
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const inner = { ...(target[first] as JsonObject | undefined) };
  put(inner, rest, value);
  target[first] = inner;
}

describe('the API server', { skip: await skipWithoutControlPlane({ controllers: false }) }, () => {
  let plane: TestControlPlane;
  let namespace = '';

  before(async () => {
    plane = await startControlPlane({ controllers: false });
    namespace = await plane.createNamespace();
    await installCrd(plane);
  });
  after(() => plane.stop());

  function fleet(name: string, spec: JsonObject): JsonObject {
    return { apiVersion, kind: names.kind, metadata: { name, namespace }, spec };
  }

  /** The paths that it blames in each, without the places of list items. */
  async function refusals(specs: readonly JsonObject[]): Promise<string[][]> {
    const items = specs.map((spec, at) => fleet(`f-${at}`, spec));
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const text = await plane
      .kubectl(['create', '--dry-run=server', '--validate=false', '-f', '-'], input)
      .then(
        () => '',
        (error: unknown) => String(error),
      );
    const blocks = text.split(/(?="f-\d+" is invalid: )/).slice(1);
    const byName = new Map(
      blocks.map((block) => [/^"(f-\d+)"/.exec(block)?.[1] ?? '', pathsIn(block)]),
    );
    assert.equal(byName.has(''), false);
    assert.equal(blocks.length > 0 || text === '', true, text);
    return specs.map((_, at) => byName.get(`f-${at}`) ?? []);
  }

  function pathsIn(block: string): string[] {
    const paths = [...block.matchAll(/[[ .](spec(?:\.\w+|\[[^\]]*\])*): /g)].map(
      (match) => match[1] ?? '',
    );
    return [...new Set(paths.map((each) => each.replace(/\[.*?\]/g, '[]')))].toSorted();
  }

  it('refuses every mistake where we refuse it', async () => {
    const specs = Object.values(mistakes).flat();
    const theirs = await refusals(specs);
    for (const [at, spec] of specs.entries()) {
      assert.ok(theirs[at]?.length !== 0, `taken: ${JSON.stringify(spec)}`);
      const [blamed = ''] = ourPaths(spec);
      const isNear = theirs[at]?.some((each) => blamed.startsWith(each) || each.startsWith(blamed));
      assert.ok(isNear, `${JSON.stringify(spec)}: ${theirs[at]?.join(', ')}, not ${blamed}`);
    }
  });

  it('takes what is no mistake', async () => {
    const theirs = await refusals(noMistakes);
    assert.deepEqual(
      theirs,
      noMistakes.map(() => []),
    );
  });

  it('agrees with us on random specs', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const specs = fc.sample(randomSpec, { numRuns: 300, seed });
    const theirs = await refusals(specs);
    for (const [at, spec] of specs.entries()) {
      const ours = ourPaths(spec);
      const message = `seed ${seed}: ${JSON.stringify(spec)}: theirs ${theirs[at]?.join(', ')}, ours ${ours.join(', ')}`;
      assert.equal(theirs[at]?.length === 0, ours.length === 0, message);
    }
    const refused = theirs.filter((each) => each.length > 0).length;
    assert.ok(refused > 30 && refused < 270, `seed ${seed}: ${refused} of 300 refused`);
  });

  it('fills in the defaults that we fill in', async () => {
    const specs: JsonObject[] = [
      { kafka },
      {
        kafka: { ...kafka, tls: { ca: { name: 'ca' }, clientCertificate: { name: 'c' } } },
        transformers: [{}],
        followGraph: { url: 'https://g' },
        serving: { resources: { limits: { memory: '4Gi' } } },
      },
    ];
    for (const [at, spec] of specs.entries()) {
      const { stdout } = await plane.kubectl(
        ['create', '--dry-run=server', '-o', 'json', '-f', '-'],
        JSON.stringify(fleet(`defaults-${at}`, spec)),
      );
      const made = JSON.parse(stdout) as { spec: Json };
      assert.deepEqual(made.spec, applyDefaults(thunderFleetSpec, spec));
    }
  });

  it('keeps a topic from being changed, and scales by the subresource', async () => {
    await plane.kubectl(['create', '-f', '-'], JSON.stringify(fleet('stays', { kafka })));
    const patch = (spec: JsonObject): Promise<unknown> =>
      plane.kubectl([
        'patch',
        '-n',
        namespace,
        'tf/stays',
        '--type=merge',
        '-p',
        JSON.stringify({ spec }),
      ]);
    await assert.rejects(
      patch({ kafka: { inNetworkTopic: { name: 'other' } } }),
      /spec\.kafka\.inNetworkTopic\.name.*cannot be changed/,
    );
    await assert.rejects(patch({ kafka: { groupPrefix: 'other' } }), /spec\.kafka\.groupPrefix/);
    await plane.kubectl(['scale', '-n', namespace, 'tf/stays', '--replicas=7']);
    const { stdout } = await plane.kubectl(['get', '-n', namespace, 'tf', '-o', 'wide']);
    assert.match(
      stdout,
      /^NAME +DESIRED +READY +UPDATED +LAG +AGE +POSTS +WARM\/COLD +SNAPSHOT-AGE +TOPIC +VERSION +MESSAGE/,
    );
    assert.match(stdout, /\nstays +7 /);
  });

  it('explains every field of the spec', async () => {
    const { stdout } = await plane.kubectl(['explain', 'tf.spec', '--recursive']);
    for (const field of Object.keys(thunderFleetSpec.fields)) {
      assert.match(stdout, new RegExp(`^ {2}${field}\\b`, 'm'));
    }
    const { stdout: one } = await plane.kubectl(['explain', 'tf.spec.serving.retention']);
    assert.match(one, /How long a post is visible[^]*Default: "48h"/);
  });
});
