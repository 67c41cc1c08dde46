/**
 * What the caches show of one fleet: its Deployments, pods and revisions.
 */

import type { ReadInput } from '#operator/desired/inputs.ts';
import {
  childName,
  labelKeys,
  servingSelector,
  transformerName,
  transformerSelector,
} from '#operator/desired/names.ts';
import { type Revision, readRevision } from '#operator/desired/revision.ts';
import type { FleetIdentity } from '#operator/fleet/fleet.ts';
import { type PodFacts, toPodFacts } from '#operator/rollout/pod-facts.ts';
import type { AppliedDeployment } from '#operator/rollout/rollout-facts.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import type { Caches } from './caches.ts';
import { readDeployment } from './read-deployment.ts';

/** One Deployment with what belongs to it. */
export interface ObservedDeployment {
  readonly applied: AppliedDeployment | null;
  readonly revisions: readonly Revision[];
  readonly pods: readonly PodFacts[];
}

export interface FleetObserver {
  serving(fleet: FleetIdentity): ObservedDeployment;
  transformer(fleet: FleetIdentity, name: string): ObservedDeployment;
  /** Of a Secret or ConfigMap in the fleet's namespace; digests, not values. */
  readInput(fleet: FleetIdentity): ReadInput;
}

export interface ObserverOptions {
  readonly caches: Caches;
  readonly reportOf: (podUid: string) => NodeStatus | null;
  readonly nowMs: () => number;
}

export function createFleetObserver({ caches, reportOf, nowMs }: ObserverOptions): FleetObserver {
  const observe = (
    fleet: FleetIdentity,
    name: string,
    selector: Readonly<Record<string, string>>,
  ): ObservedDeployment => {
    const { namespace, uid } = fleet;
    const label = { [labelKeys.fleet]: selector[labelKeys.fleet] ?? '' };
    const isOfIt = ({
      metadata,
    }: {
      metadata: { labels?: Readonly<Record<string, string>> | undefined };
    }) => Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value);
    return {
      applied: readDeployment(
        caches.deployments.get(`${namespace}/${name}`),
        caches.replicaSets.byLabels(namespace, label),
      ),
      revisions: caches.revisions
        .byOwner(uid)
        .filter(isOfIt)
        .map(readRevision)
        .filter((revision) => revision !== undefined),
      pods: caches.pods
        .byLabels(namespace, selector)
        .map((pod) => toPodFacts(pod, reportOf(pod.metadata.uid ?? ''), nowMs())),
    };
  };
  return {
    serving: (fleet) => observe(fleet, childName(fleet, 'serving'), servingSelector(fleet)),
    transformer: (fleet, name) =>
      observe(fleet, transformerName(fleet, name), transformerSelector(fleet, name)),
    readInput:
      ({ namespace }) =>
      (kind, name) => {
        const view = kind === 'Secret' ? caches.secrets : caches.configMaps;
        const found = view.get(`${namespace}/${name}`);
        return found === undefined ? undefined : (found.data ?? {});
      },
  };
}
