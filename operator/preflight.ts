/**
 * What has to be there before the operator can work: the CRD, and the rights. Said in plain words,
 * once, instead of a log full of refused lists.
 */
import { toCustomResourceDefinition } from '#crds/generate/to-open-api.ts';
import { names } from '#crds/thunder-fleet/crd.ts';
import { fieldManager } from '#operator/desired/names.ts';
import { backoffMs, type Random } from '#operator/kube/backoff.ts';
import { pause } from '#operator/kube/clock.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import { reflectorBackoff } from '#operator/kube/limits.ts';
import { defineResource, type KubeObject, type ResourceType } from '#operator/kube/objects.ts';
import type { Clock, KubeClient, Log } from '#operator/kube/ports.ts';
import { ConfigurationError } from '#runtime/errors.ts';
import { apiServerWaitMsMax, crdEstablishedMsMax } from './bounds.ts';
import { customResourceDefinitions, podMonitors, thunderFleets } from './facts/resource-types.ts';
import { fleetRules, ownRules, type Rule } from './rbac/rules.ts';

const crdName = `${names.plural}.${names.group}`;
const crdPollMs = 100;
/** Questions about rights at the same time. */
const questionsMax = 8;

export interface PatienceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Asks again while the API server is away, or has only just come back and knows not all it should.
 * A process that ended at once would be started again later and later, and be missing when the
 * server is there. Throws what went wrong last when that takes longer than `apiServerWaitMsMax`.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { clock, random, log }: PatienceOptions,
  signal: AbortSignal,
): Promise<T> {
  const deadlineMs = clock.monotonicMs() + apiServerWaitMsMax;
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      const isPassing = isKubeError(error, 'CONNECTION', 'TIMEOUT', 'SERVER', 'TOO_MANY_REQUESTS');
      if (!isPassing || signal.aborted || clock.monotonicMs() >= deadlineMs) {
        throw error;
      }
      if (Number.isInteger(Math.log2(failures))) {
        const fields = { failures, error: error.message };
        log.warn(fields, 'the API server does not answer, trying again');
      }
      const waitMs = backoffMs(reflectorBackoff, failures, random);
      const leftMs = Math.max(0, deadlineMs - clock.monotonicMs());
      await pause(clock, Math.min(Math.max(waitMs, error.retryAfterMs ?? 0), leftMs), signal);
    }
  }
}

/** Makes it, or makes it what this version needs; ends when the API server serves it. */
export async function installCrd(
  client: KubeClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const definition = toCustomResourceDefinition() as unknown as KubeObject;
  await client.apply(customResourceDefinitions, definition, { fieldManager, signal });
  const deadlineMs = clock.monotonicMs() + crdEstablishedMsMax;
  while (!signal.aborted) {
    const found = await client.get(customResourceDefinitions, { name: crdName }, { signal });
    const isServed = (await askForType(client, thunderFleets, [], signal)) !== 'unknown';
    if (isEstablished(found) && isServed) {
      return;
    }
    if (clock.monotonicMs() > deadlineMs) {
      throw new ConfigurationError(
        `the CRD ${crdName} was installed, and is not served: look at its conditions with kubectl`,
      );
    }
    await pause(clock, crdPollMs, signal);
  }
}

/** Throws a ConfigurationError that says how to install it. */
export async function assertCrd(
  client: KubeClient,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  // Whether we may is another question, asked after this one.
  if ((await askForType(client, thunderFleets, namespaces, signal)) === 'unknown') {
    throw new ConfigurationError(
      `the API server does not know ThunderFleets (${crdName}): start once with --install-crds, or apply crds/gen/${names.plural}.yaml`,
    );
  }
}

/** Whether the cluster has the Prometheus operator, and lets us use it. */
export async function hasPodMonitors(
  client: KubeClient,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  return (await askForType(client, podMonitors, namespaces, signal)) === 'served';
}

/** Asks for an object that nobody has, where we should have rights. */
async function askForType(
  client: KubeClient,
  type: ResourceType,
  [namespace = 'default']: readonly string[],
  signal: AbortSignal,
): Promise<'served' | 'unknown' | 'forbidden'> {
  try {
    await client.get(type, { namespace, name: 'is-this-type-served' }, { signal });
    return 'served';
  } catch (error) {
    if (isKubeError(error, 'NOT_FOUND')) {
      return 'unknown';
    }
    if (isKubeError(error, 'FORBIDDEN')) {
      return 'forbidden';
    }
    throw error;
  }
}

interface AccessReview extends KubeObject {
  readonly spec: { readonly resourceAttributes: Readonly<Record<string, string | undefined>> };
  readonly status?: { readonly allowed?: boolean };
}

const accessReviews = defineResource<AccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
});

export interface RightsQuestion {
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly operatorNamespace: string;
}

/** Throws a ConfigurationError that names every right that is missing. */
export async function assertRights(
  client: KubeClient,
  question: RightsQuestion,
  signal: AbortSignal,
): Promise<void> {
  const namespaces = question.namespaces.length === 0 ? [undefined] : question.namespaces;
  const wanted = [
    ...namespaces.flatMap((namespace) => attributesOf(fleetRules, namespace)),
    ...attributesOf(ownRules, question.operatorNamespace),
  ];
  const missing: string[] = [];
  const askOneByOne = async (): Promise<void> => {
    for (let one = wanted.pop(); one !== undefined; one = wanted.pop()) {
      const review = await client.create(
        accessReviews,
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          metadata: { name: '' },
          spec: { resourceAttributes: one },
        },
        { signal },
      );
      if (review.status?.allowed !== true) {
        const { verb, resource, subresource, namespace = 'all namespaces' } = one;
        missing.push(
          `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`} in ${namespace}`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: questionsMax }, askOneByOne));
  if (missing.length > 0) {
    throw new ConfigurationError(
      `the operator lacks rights: ${missing.toSorted().join(', ')}. Apply the roles in operator/rbac/, or name the namespaces where it has them in --watch-namespaces`,
    );
  }
}

function attributesOf(
  rules: readonly Rule[],
  namespace: string | undefined,
): Readonly<Record<string, string | undefined>>[] {
  return rules.flatMap(({ group, resources, verbs, isOptional }) =>
    isOptional === true
      ? []
      : resources.flatMap((name) => {
          const [resource, subresource] = name.split('/');
          return verbs.map((verb) => ({ group, resource, subresource, verb, namespace }));
        }),
  );
}

function isEstablished(found: KubeObject | undefined): boolean {
  const { status } = (found ?? {}) as {
    readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
  };
  return (
    status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') ===
    true
  );
}
