/**
 * What the operator makes of a fleet: the committed examples, and what holds for every fleet.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { parseQuantity } from '#crds/schema/quantity.ts';
import {
  servingGroup as nodesServingGroup,
  transformerGroup as nodesTransformerGroup,
} from '#node/settings/consumer-groups.ts';
import { servingSettings } from '#node/settings/serving-settings.ts';
import { transformerSettings } from '#node/settings/transformer-settings.ts';
import * as nodesBounds from '#node/store/store-bounds.ts';
import { canonicalJson } from '#operator/fleet/canonical.ts';
import { parseFleet } from '#operator/fleet/fleet.ts';
import { fleetOf, uid } from '#operator/fleet/fleet-fixture.suite.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import * as limits from '#operator/limits.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import {
  groupsOfFleet,
  leftOverGroups,
  servingGroup,
  transformerGroup,
} from './consumer-groups.ts';
import { stepsOf } from './deployments.ts';
import {
  exampleNames,
  goldenFolder,
  goldenText,
  objectsOf,
  secretValue,
} from './example-objects.suite.ts';
import { fleetName, fleets } from './fleet-arbitrary.suite.ts';
import type { Deployment, PodTemplate } from './kube-types.ts';
import {
  childName,
  fleetLabel,
  servingSelector,
  toLabel,
  transformerName,
  transformerSelector,
} from './names.ts';
import { servingTemplate } from './serving-template.ts';
import { keyNames, keySecret, rotateSnapshotKey } from './snapshot-key.ts';
import { postsMaxOf } from './store-bound.ts';
import { desiredTopic } from './topic.ts';

const isDeployment = (object: KubeObject): object is Deployment => object.kind === 'Deployment';
const templatesOf = (objects: readonly KubeObject[]): PodTemplate[] =>
  objects.filter(isDeployment).map(({ spec }) => spec.template);

describe('the examples', () => {
  for (const name of exampleNames()) {
    it(`${name} gives what is committed`, () => {
      const committed = readFileSync(path.join(goldenFolder, `${name}.yaml`), 'utf8');
      const hint = 'run: cli/node operator/desired/example-objects.suite.ts';
      assert.equal(goldenText(name), committed, hint);
    });
  }
});

describe('every object of every fleet', () => {
  it('is the same bytes for the same spec, however it was written (I8)', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const turned = parseFleet({
          apiVersion: 'thunder.dev/v1alpha1',
          kind: 'ThunderFleet',
          metadata: { ...fleet },
          spec: turnAround(fleet.spec),
        });
        assert.ok(turned.ok);
        assert.equal(JSON.stringify(objectsOf(turned.fleet)), JSON.stringify(objectsOf(fleet)));
      }),
    );
  });

  it('has a name and labels that Kubernetes takes, and goes with the fleet', () => {
    const label = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
    fc.assert(
      fc.property(fleets, (fleet) => {
        for (const { kind, metadata } of objectsOf(fleet)) {
          assert.match(metadata.name, /^[a-z]([-a-z0-9]*[a-z0-9])?$/, kind);
          const lengthMax = kind === 'Deployment' ? limits.deploymentNameMax : 63;
          assert.ok(metadata.name.length <= lengthMax, `${kind} ${metadata.name}`);
          for (const value of Object.values(metadata.labels ?? {})) {
            assert.match(value, label);
            assert.ok(value.length <= 63, value);
          }
          assert.equal(metadata.ownerReferences?.[0]?.uid, fleet.uid);
          assert.equal(metadata.ownerReferences?.[0]?.name, fleet.name);
        }
      }),
    );
  });

  it('names no two objects of a kind alike', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const all = objectsOf(fleet).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
        assert.equal(new Set(all).size, all.length);
      }),
    );
  });

  it('carries no secret value (I10)', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const text = JSON.stringify(objectsOf(fleet));
        assert.ok(!text.includes(secretValue));
        assert.ok(!text.includes(Buffer.from(secretValue, 'base64').toString()));
      }),
    );
  });
});

describe('pods', () => {
  it('are what a namespace labelled restricted accepts', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        for (const { spec } of templatesOf(objectsOf(fleet))) assertRestricted(spec);
      }),
    );
  });

  it('select their own Deployment’s pods, by labels that no change of the spec touches', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        for (const { spec } of objectsOf(fleet).filter(isDeployment)) {
          const { matchLabels } = spec.selector;
          for (const [key, value] of Object.entries(matchLabels)) {
            assert.equal(spec.template.metadata.labels[key], value);
          }
        }
        const { name } = fleet;
        assert.deepEqual(servingSelector({ name }), servingSelector(fleet));
        assert.deepEqual(transformerSelector({ name }, 't'), transformerSelector(fleet, 't'));
      }),
    );
  });

  it('mount what their flags name, and nothing twice', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        for (const { spec } of templatesOf(objectsOf(fleet))) {
          const [container] = spec.containers;
          assert.ok(container !== undefined);
          const volumes = spec.volumes.map(({ name }) => name);
          assert.equal(new Set(volumes).size, volumes.length);
          const mounts = container.volumeMounts.map(({ name }) => name);
          assert.deepEqual(mounts, volumes);
          const files = spec.volumes.flatMap(({ name, secret, configMap }) =>
            (secret ?? configMap)?.items.map((each) => `/etc/thunder/${name}/${each.path}`),
          );
          for (const arg of container.args) {
            const file = /=(\/etc\/thunder\/.*)$/.exec(arg)?.[1];
            if (file !== undefined) assert.ok(files.includes(file), arg);
          }
        }
      }),
    );
  });

  it('get only flags that the nodes know, with values that they take', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        for (const { spec } of templatesOf(objectsOf(fleet))) {
          const [container] = spec.containers;
          const [role = '', ...flags] = container?.args ?? [];
          const options = {
            argv: flags.flatMap((flag) => flag.split(/=(.*)/s).slice(0, 2)),
            env: {
              THUNDER_NODE: 'home-feed-serving-5c8-x',
              THUNDER_POD_UID: uid,
              THUNDER_KAFKA_RACK: '',
            },
            readFile: () => Buffer.from('value'),
          };
          if (role === 'serve') {
            const { values } = loadSettings(servingSettings, options);
            assert.equal(values.fleetUid, fleet.uid);
            assert.equal(values.podUid, uid);
            assert.equal(values.onReset, 'serve');
            // Throws if the store would not fit.
            nodesBounds.storeBoundsOf({
              maxPosts: values.maxPosts,
              maxTombstones: undefined,
              memoryBytesMax: parseQuantity(fleet.spec.serving.resources.limits.memory) ?? 0,
            });
          } else {
            const { values } = loadSettings(transformerSettings, options);
            assert.equal(values.fleetUid, fleet.uid);
          }
        }
      }),
    );
  });

  it('have time for everything that happens when they stop', () => {
    const seconds = (spec: object): number =>
      servingTemplate(fleetOf({ ...spec }), 'i').spec.terminationGracePeriodSeconds;
    const stopping =
      limits.preStopSeconds +
      limits.drainSeconds +
      limits.finishCallsSeconds +
      limits.stopReserveSeconds;
    assert.equal(seconds({ warmStart: { enabled: false } }), stopping);
    assert.equal(seconds({ warmStart: { timeout: '90s' } }), stopping + 90);
  });

  it('do not change when the fleet is only scaled, paced, paused or fenced', () => {
    const text = (spec: object): string =>
      canonicalJson(servingTemplate(fleetOf({ ...spec }), 'i'));
    for (const spec of [
      { serving: { replicas: 7 } },
      { rollout: { maxSurge: 3, autoRollback: true, holdAfterFirst: '1h' } },
      { paused: true },
      { security: { networkPolicy: { enabled: false } } },
      { transformers: [{}] },
    ]) {
      assert.equal(text(spec), text({}), JSON.stringify(spec));
    }
  });
});

describe('names', () => {
  it('stay what they are where they can, and never meet', () => {
    assert.equal(fleetLabel({ name: 'home-feed' }), 'home-feed');
    assert.equal(childName({ name: 'home-feed' }, 'peers'), 'home-feed-peers');
    assert.notEqual(childName({ name: 'home-feed-peers' }, 'client'), 'home-feed-peers');
    assert.notEqual(transformerName({ name: 'a-b' }, 'c'), transformerName({ name: 'a' }, 'b-c'));
    fc.assert(
      fc.property(fleetName, fleetName, (one, other) => {
        assert.equal(fleetLabel({ name: one }) === fleetLabel({ name: other }), one === other);
        assert.equal(toLabel(one, limits.fleetNameMax).length <= limits.fleetNameMax, true);
      }),
    );
  });
});

describe('sizes', () => {
  it('are counted as the nodes count them', () => {
    assert.equal(limits.storeMemoryShare, nodesBounds.storeMemoryShare);
    assert.equal(limits.reservedBytesPerPost, nodesBounds.reservedBytesPerPost);
    assert.equal(limits.reservedBytesPerTombstone, nodesBounds.reservedBytesPerTombstone);
    assert.equal(limits.storeEntriesMax, nodesBounds.storeEntriesMax);
    assert.equal(limits.storeEntriesMin, nodesBounds.storeEntriesMin);
    for (const memory of ['256Mi', '1Gi', '2Gi']) {
      const { serving } = fleetOf({ serving: { resources: { limits: { memory } } } }).spec;
      const { postsMax } = nodesBounds.storeBoundsOf({
        maxPosts: undefined,
        maxTombstones: undefined,
        memoryBytesMax: parseQuantity(memory) ?? 0,
      });
      assert.equal(postsMaxOf(serving), postsMax);
    }
  });

  it('leave at least one pod, and always a way to go on', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), (maxSurge, maxUnavailable, replicas) => {
        fc.pre(maxSurge + maxUnavailable > 0);
        const steps = stepsOf({ maxSurge, maxUnavailable }, replicas);
        assert.ok(replicas === 0 || steps.maxUnavailable < replicas);
        assert.ok(steps.maxSurge + steps.maxUnavailable > 0);
        assert.ok(steps.maxUnavailable <= maxUnavailable);
        assert.ok(steps.maxSurge === maxSurge || (maxSurge === 0 && steps.maxSurge === 1));
      }),
    );
  });
});

describe('Kafka', () => {
  it('has groups named as the nodes name them, and told apart', () => {
    const fleet = fleetOf();
    const [pod, gone] = ['11111111-2222-3333-4444-555555555555', uid];
    assert.equal(servingGroup(fleet, pod), nodesServingGroup('thunder', uid, pod));
    assert.equal(
      transformerGroup(fleet, 'transformer'),
      nodesTransformerGroup('thunder', uid, 'transformer'),
    );
    assert.equal(transformerGroup(fleet, 'transformer'), `thunder-${uid}-transformer`);
    const groups = [
      servingGroup(fleet, pod),
      servingGroup(fleet, gone),
      transformerGroup(fleet, 'transformer'),
      `thunder-${pod}-${gone}`,
      'someone-else',
    ];
    assert.deepEqual(leftOverGroups(fleet, groups, new Set([pod])), [groups[1]]);
    assert.deepEqual(groupsOfFleet(fleet, groups), groups.slice(0, 3));
  });

  it('gets a topic only when one is asked for, that keeps its records long enough', () => {
    assert.equal(desiredTopic(fleetOf()), null);
    const kafka = { brokers: ['a:1'], inNetworkTopic: { partitions: 4 } };
    assert.deepEqual(desiredTopic(fleetOf({ kafka, serving: { retention: '1h' } })), {
      name: 'in_network_events',
      partitions: 4,
      replication: null,
      config: { 'cleanup.policy': 'delete', 'retention.ms': '7200000' },
    });
  });
});

describe('the keys of a fleet', () => {
  let fill = 0;
  const random = (bytes: number): Uint8Array => {
    fill += 1;
    return new Uint8Array(bytes).fill(fill);
  };

  it('are made once', () => {
    const fleet = fleetOf();
    const made = keySecret(fleet, {}, random);
    assert.equal(made.data[keyNames.current], made.data[keyNames.previous]);
    assert.notEqual(made.data[keyNames.current], made.data[keyNames.inputs]);
    assert.deepEqual(keySecret(fleet, made.data, random), made);
  });

  it('are made again where one was spoilt, and only that one', () => {
    const fleet = fleetOf();
    const { data } = keySecret(fleet, {}, random);
    const mended = keySecret(fleet, { ...data, [keyNames.inputs]: 'c2hvcnQ=' }, random).data;
    assert.equal(mended[keyNames.current], data[keyNames.current]);
    assert.equal(Buffer.from(mended[keyNames.inputs] ?? '', 'base64').length, 32);
  });

  it('change one at a time, so that pods with the one before still agree', () => {
    const { data } = keySecret(fleetOf(), {}, random);
    const rotated = rotateSnapshotKey(data, random);
    assert.equal(rotated[keyNames.previous], data[keyNames.current]);
    assert.notEqual(rotated[keyNames.current], data[keyNames.current]);
    assert.equal(rotated[keyNames.inputs], data[keyNames.inputs]);
  });
});

/** The same value with all keys in the opposite order. */
function turnAround(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnAround);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, turnAround(each)] as const);
  return Object.fromEntries(entries.toReversed());
}

/** The Pod Security Standard "restricted", as far as it says something about what we set. */
function assertRestricted(spec: PodTemplate['spec']): void {
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.enableServiceLinks, false);
  const { securityContext } = spec;
  assert.equal(securityContext.runAsNonRoot, true);
  assert.ok(securityContext.runAsUser > 0);
  assert.equal(securityContext.seccompProfile.type, 'RuntimeDefault');
  for (const forbidden of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers']) {
    assert.ok(!(forbidden in spec), forbidden);
  }
  for (const volume of spec.volumes) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name');
    assert.ok(kinds.length === 1 && /^(secret|configMap|emptyDir)$/.test(kinds[0] ?? ''));
  }
  for (const container of spec.containers) {
    const own = container.securityContext;
    assert.equal(own.allowPrivilegeEscalation, false);
    assert.equal(own.privileged, false);
    assert.equal(own.readOnlyRootFilesystem, true);
    assert.deepEqual(own.capabilities, { drop: ['ALL'] });
    for (const port of container.ports) assert.ok(!('hostPort' in port));
  }
}
