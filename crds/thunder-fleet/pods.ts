/**
 * What users may say about pods: resources, and where and how they run.
 */
import { and, field, has, implies, not, or, quantityAtLeast, rule, self } from '../schema/rules.ts';
import {
  as,
  choice,
  integer,
  list,
  map,
  type ObjectSchema,
  object,
  opaque,
  quantity,
  text,
} from '../schema/schema.ts';
import { objectName } from './references.ts';

interface ResourceDefaults {
  readonly cpuRequest: string;
  readonly memoryLimit: string;
  readonly memoryLimitMin: string;
}

/** Memory always has a limit: what a node holds is derived from it. */
export function resources(name: string, what: string, defaults: ResourceDefaults): ObjectSchema {
  return object(name, {
    description: what,
    default: {},
    fields: {
      requests: object(`${name}Requests`, {
        description: 'What the Kubernetes node keeps free for each pod.',
        default: {},
        fields: {
          cpu: quantity({
            description: 'CPU.',
            unit: 'cores',
            orInteger: true,
            default: defaults.cpuRequest,
          }),
          memory: quantity({
            description: 'Memory; without it as much as the limit.',
            unit: 'bytes',
            optional: true,
          }),
        },
      }),
      limits: object(`${name}Limits`, {
        description: 'What each pod may use at most.',
        default: {},
        fields: {
          cpu: quantity({
            description: 'CPU; without it no limit.',
            unit: 'cores',
            orInteger: true,
            optional: true,
          }),
          memory: quantity({
            description: `Memory, at least ${defaults.memoryLimitMin}. The process stays below it.`,
            unit: 'bytes',
            default: defaults.memoryLimit,
            rules: [
              rule(
                quantityAtLeast(self, defaults.memoryLimitMin),
                `must be ${defaults.memoryLimitMin} or more`,
              ),
            ],
          }),
        },
      }),
    },
    rules: [
      rule(
        implies(
          has('requests.memory'),
          quantityAtLeast(field('limits.memory'), field('requests.memory')),
        ),
        'lower requests.memory or raise limits.memory: a request is never above its limit',
        '.requests.memory',
      ),
    ],
  });
}

const labelKey = '[A-Za-z0-9._/-]+';
const labelValue = text({
  description: 'Value.',
  lengthMin: 0,
  lengthMax: 63,
  pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
});

const environmentVariable = object('EnvironmentVariable', {
  description: 'A variable for the process.',
  fields: {
    name: text({
      description:
        'Its name. `THUNDER_…` sets a setting of the node that has no field here (docs/reference/configuration.md).',
      lengthMax: 128,
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    }),
    value: text({
      description: 'Its value. Not for passwords: use `secret`.',
      lengthMin: 0,
      lengthMax: 4_096,
      optional: true,
    }),
    secret: object('SecretVariable', {
      description: 'Take the value from a Secret; changing it rolls the pods.',
      optional: true,
      fields: {
        name: as(objectName, { description: 'Name of the Secret.' }),
        key: text({ description: 'Which key.', lengthMax: 253, pattern: '^[-._a-zA-Z0-9]+$' }),
      },
    }),
    configMap: object('ConfigMapVariable', {
      description: 'Take the value from a ConfigMap; changing it rolls the pods.',
      optional: true,
      fields: {
        name: as(objectName, { description: 'Name of the ConfigMap.' }),
        key: text({ description: 'Which key.', lengthMax: 253, pattern: '^[-._a-zA-Z0-9]+$' }),
      },
    }),
  },
  rules: [
    rule(
      and(
        or(has('value'), has('secret'), has('configMap')),
        not(and(has('value'), has('secret'))),
        not(and(has('value'), has('configMap'))),
        not(and(has('secret'), has('configMap'))),
      ),
      'set exactly one of value, secret and configMap',
    ),
  ],
});

const toleration = object('Toleration', {
  description: 'Run on Kubernetes nodes with this taint, too.',
  fields: {
    key: text({ description: 'Key of the taint; absent: any.', lengthMax: 316, optional: true }),
    operator: choice(['Equal', 'Exists'], {
      description: 'Whether the value has to be equal, or the key is enough.',
      default: 'Equal',
    }),
    value: text({
      description: 'Value of the taint.',
      lengthMin: 0,
      lengthMax: 63,
      optional: true,
    }),
    effect: choice(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], {
      description: 'Effect of the taint; absent: any.',
      optional: true,
    }),
    tolerationSeconds: integer({
      description: 'How long a NoExecute taint is tolerated; absent: for ever.',
      unit: 'seconds',
      min: 0,
      max: 31_536_000,
      optional: true,
    }),
  },
});

const spread = object('TopologySpread', {
  description: 'Spread the pods; which pods are meant is filled in.',
  fields: {
    topologyKey: text({
      description: 'Label of Kubernetes nodes that names a place: `topology.kubernetes.io/zone`.',
      lengthMax: 316,
      pattern: `^${labelKey}$`,
    }),
    maxSkew: integer({
      description: 'Most pods that one place may have more than another.',
      unit: 'pods',
      min: 1,
      max: 1_000,
      default: 1,
    }),
    whenUnsatisfiable: choice(['ScheduleAnyway', 'DoNotSchedule'], {
      description: 'Whether a pod that cannot be spread so waits or runs all the same.',
      default: 'ScheduleAnyway',
    }),
  },
});

export const podTemplate = object('PodTemplate', {
  description: 'Where and how the pods run. Any change rolls them.',
  default: {},
  fields: {
    imagePullSecrets: list(
      object('LocalReference', {
        description: 'A Secret of the namespace.',
        fields: { name: as(objectName, { description: 'Name of the Secret.' }) },
      }),
      { description: 'Secrets to pull the image with.', itemsMax: 8, key: 'name', optional: true },
    ),
    labels: map(labelValue, {
      description: 'Labels besides ours; those of ours cannot be changed.',
      entriesMax: 32,
      optional: true,
    }),
    annotations: map(text({ description: 'Value.', lengthMin: 0, lengthMax: 4_096 }), {
      description: 'Annotations besides ours.',
      entriesMax: 32,
      optional: true,
    }),
    nodeSelector: map(labelValue, {
      description: 'Labels that a Kubernetes node must have.',
      entriesMax: 32,
      optional: true,
    }),
    affinity: opaque({
      description: 'As `affinity` of a pod (kubectl explain pod.spec.affinity).',
      optional: true,
    }),
    tolerations: list(toleration, {
      description: 'Taints of Kubernetes nodes that do not keep the pods away.',
      itemsMax: 32,
      optional: true,
    }),
    topologySpread: list(spread, {
      description:
        'How to spread the pods; default: over host names and over zones, as far as possible. Empty: not at all.',
      itemsMax: 8,
      key: 'topologyKey',
      optional: true,
    }),
    priorityClass: as(objectName, {
      description: 'Priority class of the pods.',
      optional: true,
    }),
    env: list(environmentVariable, {
      description: 'Variables besides ours; a flag of ours beats a variable.',
      itemsMax: 64,
      key: 'name',
      optional: true,
    }),
  },
});
