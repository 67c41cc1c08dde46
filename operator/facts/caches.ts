/**
 * Everything of the API server that passes look at, in caches that follow it, and which fleet a
 * change concerns.
 */
import { referencedObjects } from '#operator/desired/inputs.ts';
import { fieldManager, fleetLabel, labelKeys } from '#operator/desired/names.ts';
import { parseFleet, type StoredFleet } from '#operator/fleet/fleet.ts';
import type { Random } from '#operator/kube/backoff.ts';
import { createInformer, type InformerOptions } from '#operator/kube/informer.ts';
import type { KubeMetrics } from '#operator/kube/metrics.ts';
import { controllerOf, type KubeObject, keyOf, type ResourceType } from '#operator/kube/objects.ts';
import type { Clock, Informer, KubeClient, Log } from '#operator/kube/ports.ts';
import {
  configMaps,
  controllerRevisions,
  deployments,
  networkPolicies,
  podDisruptionBudgets,
  pods,
  replicaSets,
  secrets,
  serviceAccounts,
  services,
} from '#operator/kube/types.ts';
import { keepConfigMap, keepSecret, secretFieldSelector } from './input-digests.ts';
import { podMonitors, thunderFleets } from './resource-types.ts';
import { allNamespaces, View } from './view.ts';

export interface CachesOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly hasPodMonitors: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: KubeMetrics;
  /** For tests; default the runtime's own. */
  readonly resyncMs?: number | undefined;
}

export type Caches = ReturnType<typeof createCaches>;

/** By whom an object is referred to: fleets with its `Kind/namespace/name` in this index. */
const referencesIndex = 'references';
/** By what stands for a fleet in labels: `namespace/label`. */
const labelIndex = 'label';

const ownObjects = `app.kubernetes.io/managed-by=${fieldManager}`;
/** What is made from our templates: pods and ReplicaSets. */
const templated = labelKeys.fleet;

/** Nothing is asked for before `start`. */
export function createCaches(options: CachesOptions) {
  const view = <T extends KubeObject>(
    type: ResourceType<T>,
    more: Partial<InformerOptions<T>>,
  ): View<T> => {
    const { client, clock, random, log, metrics, resyncMs } = options;
    const namespaces = options.namespaces.length === 0 ? [allNamespaces] : options.namespaces;
    const informers = namespaces.map((namespace): [string, Informer<T>] => [
      namespace,
      createInformer({
        ...{ client, type, clock, random, log, metrics, fieldManager, resyncMs },
        namespace: namespace === allNamespaces ? undefined : namespace,
        ...more,
      }),
    ]);
    return new View(type, new Map(informers), clock);
  };
  const own = { labelSelector: ownObjects };
  const views = {
    fleets: view(thunderFleets, {
      indexes: { [referencesIndex]: referencesOf, [labelIndex]: labelOf },
    }),
    deployments: view(deployments, own),
    replicaSets: view(replicaSets, { labelSelector: templated }),
    pods: view(pods, { labelSelector: templated }),
    revisions: view(controllerRevisions, own),
    services: view(services, own),
    serviceAccounts: view(serviceAccounts, own),
    budgets: view(podDisruptionBudgets, own),
    networkPolicies: view(networkPolicies, own),
    secrets: view(secrets, { fieldSelector: secretFieldSelector, keep: keepSecret }),
    configMaps: view(configMaps, { keep: keepConfigMap }),
    ...(options.hasPodMonitors ? { podMonitors: view(podMonitors, own) } : {}),
  };
  // oxlint-disable-next-line no-unsafe-type-assertion -- what is written to a view came from its type
  const all = Object.values(views) as unknown as readonly View<KubeObject>[];
  const informers = all.flatMap((each) => each.informers);
  return {
    ...views,
    hasPodMonitors: options.hasPodMonitors,
    start(): void {
      for (const informer of informers) {
        informer.start();
      }
    },
    get hasSynced(): boolean {
      return informers.every((informer) => informer.hasSynced);
    },
    /** Plurals of what has not been listed yet. */
    get missing(): string[] {
      return informers.filter(({ hasSynced }) => !hasSynced).map(({ type }) => type.plural);
    },
    async whenSynced(signal: AbortSignal): Promise<void> {
      await Promise.all(informers.map((informer) => informer.whenSynced(signal)));
    },
    async stop(): Promise<void> {
      await Promise.all(informers.map((informer) => informer.stop()));
    },
    /** Throws for a type that is not cached: that is a bug. */
    viewOf(type: ResourceType): View<KubeObject> {
      const found = all.find((each) => each.type.plural === type.plural);
      if (found === undefined) {
        throw new Error(`${type.plural} are not cached`);
      }
      return found;
    },
    /** Keys of the fleets that a label stands for. */
    fleetsByLabel: (namespace: string, label: string): string[] =>
      views.fleets.byIndex(labelIndex, `${namespace}/${label}`).map(keyOf),
    /** Calls back with the key of every fleet that a change concerns; answers how to end it. */
    onFleetChange(listener: (fleetKey: string) => void): () => void {
      const tell = (keys: Iterable<string>): void => {
        for (const key of new Set(keys)) {
          listener(key);
        }
      };
      const ends = all.map((each) =>
        each.onChange(({ key, before, after, cause }) => {
          if (each.type === thunderFleets) {
            listener(key);
          } else if (cause !== 'resync') {
            // The resync of the fleets looks at everything.
            const objects = [before, after].filter((object) => object !== undefined);
            tell(objects.flatMap((object) => fleetsOf(views.fleets, object)));
          }
        }),
      );
      return () => {
        for (const end of ends) {
          end();
        }
      };
    },
  };
}

/** Keys of the fleets that own an object, whose label it has, or that refer to it. */
function fleetsOf(fleets: View<StoredFleet>, object: KubeObject): string[] {
  const { namespace = '', name, labels } = object.metadata;
  const owner = controllerOf(object);
  if (owner?.kind === thunderFleets.kind) {
    return [`${namespace}/${owner.name}`];
  }
  const label = labels?.[labelKeys.fleet];
  return [
    ...fleets.byIndex(referencesIndex, `${object.kind}/${namespace}/${name}`),
    ...(label === undefined ? [] : fleets.byIndex(labelIndex, `${namespace}/${label}`)),
  ].map(keyOf);
}

function referencesOf(stored: StoredFleet): string[] {
  const parsed = parseFleet(stored);
  return parsed.ok
    ? referencedObjects(parsed.fleet).map((reference) => {
        const [kind, name] = reference.split('/');
        return `${kind}/${parsed.fleet.namespace}/${name}`;
      })
    : [];
}

function labelOf({ metadata }: StoredFleet): string[] {
  return [`${metadata.namespace}/${fleetLabel(metadata)}`];
}
