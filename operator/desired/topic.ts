/**
 * The in-network topic as it is created, if the spec asks for that and it is missing.
 */
import { parseDuration } from '#crds/schema/duration.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';

export interface DesiredTopic {
  readonly name: string;
  readonly partitions: number;
  /** Null: as the brokers say. */
  readonly replication: number | null;
  readonly config: Readonly<Record<string, string>>;
}

/** An hour more than posts are visible: nodes keep them as long, for clocks and snapshots. */
const reserveMs = 3_600_000;

/** Null where the topic has to be there already. */
export function desiredTopic({ spec }: Fleet): DesiredTopic | null {
  const { name, partitions, replication } = spec.kafka.inNetworkTopic;
  if (partitions === undefined) {
    return null;
  }
  const retentionMs = (parseDuration(spec.serving.retention) ?? 0) + reserveMs;
  return {
    name,
    partitions,
    replication: replication ?? null,
    config: { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) },
  };
}
