/**
 * How pods are found: by clients, and by each other. Both without a virtual address, so that gRPC
 * clients see every pod and can balance.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { Service } from './kube-types.ts';
import { childName, ownMeta, ports, servingSelector } from './names.ts';

export function clientService(fleet: Fleet): Service {
  return service(fleet, 'client', {
    name: 'grpc',
    port: ports.grpc,
    targetPort: 'grpc',
    protocol: 'TCP',
    appProtocol: 'grpc',
  });
}

/** Only ready pods are published: only they have what a new one needs. */
export function peersService(fleet: Fleet): Service | null {
  return fleet.spec.warmStart.enabled
    ? service(fleet, 'peers', {
        name: 'snapshot',
        port: ports.snapshot,
        targetPort: 'snapshot',
        protocol: 'TCP',
      })
    : null;
}

function service(
  fleet: Fleet,
  role: 'client' | 'peers',
  port: Service['spec']['ports'][number],
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownMeta(fleet, childName(fleet, role)),
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      publishNotReadyAddresses: false,
      selector: servingSelector(fleet),
      ports: [port],
    },
  };
}
