/**
 * Who may reach the pods. Only incoming: brokers are found through names and addresses that the
 * spec does not know, so a rule about outgoing connections would cut pods off from Kafka.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { NetworkPolicy, NetworkPolicyRule } from './kube-types.ts';
import { childName, ownMeta, ports, servingSelector, transformerSelector } from './names.ts';

/** The operator reads the admin port of every pod, from the namespace it runs in. */
export interface NetworkPolicyOptions {
  readonly operatorNamespace: string;
}

export function servingNetworkPolicy(
  fleet: Fleet,
  options: NetworkPolicyOptions,
): NetworkPolicy | null {
  const { enabled, clients } = fleet.spec.security.networkPolicy;
  if (!enabled) {
    return null;
  }
  const selector = servingSelector(fleet);
  const sameFleet = [{ podSelector: { matchLabels: selector } }];
  return policy(fleet, 'serving', selector, [
    allow(ports.grpc, clients),
    adminRule(fleet, options),
    ...(fleet.spec.warmStart.enabled ? [allow(ports.snapshot, sameFleet)] : []),
  ]);
}

export function transformersNetworkPolicy(
  fleet: Fleet,
  options: NetworkPolicyOptions,
): NetworkPolicy | null {
  const { security, transformers } = fleet.spec;
  return security.networkPolicy.enabled && transformers.length > 0
    ? policy(fleet, 'transformers', transformerSelector(fleet), [adminRule(fleet, options)])
    : null;
}

function adminRule(fleet: Fleet, { operatorNamespace }: NetworkPolicyOptions): NetworkPolicyRule {
  const { monitoring } = fleet.spec.security.networkPolicy;
  const operator = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } },
  };
  return allow(ports.admin, monitoring === undefined ? undefined : [operator, ...monitoring]);
}

function allow(port: number, from: readonly object[] | undefined): NetworkPolicyRule {
  return { ports: [{ port, protocol: 'TCP' }], ...(from === undefined ? {} : { from }) };
}

function policy(
  fleet: Fleet,
  role: 'serving' | 'transformers',
  selector: Readonly<Record<string, string>>,
  ingress: readonly NetworkPolicyRule[],
): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownMeta(fleet, childName(fleet, role)),
    spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress'], ingress },
  };
}
