/**
 * What the API server's rules cannot say about a spec, in the same form: the field and a sentence.
 */
import type { PodTemplate, ThunderFleetSpec } from '#crds/gen/thunder-fleet.ts';
import { parseQuantity } from '#crds/schema/quantity.ts';
import type { Problem } from '#crds/schema/validate.ts';
import { storeMemoryShare } from '#operator/limits.ts';

/** Variables that tell pods apart, and that nobody but the operator may set. */
const ownVariables = new Set(['THUNDER_NODE', 'THUNDER_POD_UID']);

/** Of a spec that the schema has let through. */
export function checkFleet(spec: ThunderFleetSpec): Problem[] {
  const pods = [
    { at: 'spec.serving', ...spec.serving },
    ...spec.transformers.map((each, index) => ({ at: `spec.transformers[${index}]`, ...each })),
  ];
  return [
    ...brokerProblems('spec.kafka.brokers', spec.kafka.brokers),
    ...spec.transformers.flatMap(({ input }, index) =>
      brokerProblems(`spec.transformers[${index}].input.brokers`, input.brokers ?? []),
    ),
    ...topicProblems(spec),
    ...pods.flatMap(({ at, resources, podTemplate }) => [
      ...cpuProblems(`${at}.resources`, resources),
      ...podTemplateProblems(`${at}.podTemplate`, podTemplate),
    ]),
    ...storeProblems(spec),
    ...urlProblems(spec),
  ];
}

function brokerProblems(at: string, brokers: readonly string[]): Problem[] {
  return brokers.flatMap((broker, index) => {
    const port = Number(/\d+$/.exec(broker)?.[0]);
    return port >= 1 && port <= 65_535
      ? []
      : [{ path: `${at}[${index}]`, message: 'must end with a port from 1 to 65535' }];
  });
}

function topicProblems(spec: ThunderFleetSpec): Problem[] {
  const topics: [string, string | undefined][] = [
    ['spec.kafka.inNetworkTopic.name', spec.kafka.inNetworkTopic.name],
    ...spec.transformers.flatMap(
      ({ input, deadLetterTopic }, at): [string, string | undefined][] => [
        [`spec.transformers[${at}].input.topic`, input.topic],
        [`spec.transformers[${at}].deadLetterTopic`, deadLetterTopic],
      ],
    ),
  ];
  return topics
    .filter(([, topic]) => topic === '.' || topic === '..')
    .map(([path]) => ({ path, message: 'must not be . or .., which Kafka refuses' }));
}

function cpuProblems(at: string, resources: ThunderFleetSpec['serving']['resources']): Problem[] {
  const { limits, requests } = resources;
  const limit = limits.cpu === undefined ? Infinity : (parseQuantity(String(limits.cpu)) ?? 0);
  return (parseQuantity(String(requests.cpu)) ?? 0) <= limit
    ? []
    : [
        {
          path: `${at}.requests.cpu`,
          message: 'lower requests.cpu or raise limits.cpu: a request is never above its limit',
        },
      ];
}

/** Name of a label or annotation: `team`, `example.com/team`. */
const keyPattern =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const reservedKey =
  /^([a-z0-9.-]+\.)?thunder\.dev\/|^app\.kubernetes\.io\/(name|instance|component|managed-by)$|^pod-template-hash$/;

function podTemplateProblems(at: string, template: PodTemplate): Problem[] {
  const problems: Problem[] = [];
  for (const field of ['labels', 'annotations', 'nodeSelector'] as const) {
    for (const key of Object.keys(template[field] ?? {})) {
      if (!keyPattern.test(key)) {
        problems.push({ path: `${at}.${field}`, message: `${key} is no name for a label` });
      } else if (field !== 'nodeSelector' && reservedKey.test(key)) {
        problems.push({ path: `${at}.${field}`, message: `remove ${key}: the operator sets it` });
      }
    }
  }
  for (const [index, { name, value }] of (template.env ?? []).entries()) {
    if (ownVariables.has(name)) {
      problems.push({
        path: `${at}.env[${index}].name`,
        message: 'the operator sets it: remove it',
      });
    } else if (value !== undefined && /^THUNDER_.*(PASSWORD|TOKEN|SECRET)$/.test(name)) {
      problems.push({
        path: `${at}.env[${index}].value`,
        message: 'use secret instead: whoever may see the fleet or its pods would see it',
      });
    }
  }
  return problems;
}

function storeProblems({ serving }: ThunderFleetSpec): Problem[] {
  if (serving.storeBytes === undefined) {
    return [];
  }
  const wanted = parseQuantity(serving.storeBytes) ?? 0;
  const memory = parseQuantity(serving.resources.limits.memory) ?? 0;
  return wanted <= memory * storeMemoryShare
    ? []
    : [
        {
          path: 'spec.serving.storeBytes',
          message: `is more than 60 % of the memory limit ${serving.resources.limits.memory}: lower it, or raise resources.limits.memory to ${Math.ceil(wanted / storeMemoryShare / 2 ** 20)}Mi`,
        },
      ];
}

function urlProblems({ followGraph }: ThunderFleetSpec): Problem[] {
  return followGraph === undefined || URL.canParse(followGraph.url)
    ? []
    : [{ path: 'spec.followGraph.url', message: 'must be an http:// or https:// URL' }];
}
