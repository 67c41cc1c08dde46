/**
 * Where Prometheus finds the metrics of all pods, if its operator is installed.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { PodMonitor } from './kube-types.ts';
import { childName, fleetLabel, labelKeys, ownMeta } from './names.ts';

/** Only for clusters that know the kind. */
export function podMonitor(fleet: Fleet): PodMonitor {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: ownMeta(fleet, childName(fleet, 'pods')),
    spec: {
      selector: { matchLabels: { [labelKeys.fleet]: fleetLabel(fleet) } },
      podMetricsEndpoints: [{ port: 'admin', path: '/metrics' }],
    },
  };
}
