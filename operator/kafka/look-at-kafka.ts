/**
 * One look at the Kafka of a fleet.
 */
import { groupsRemovedMax } from '#operator/bounds.ts';
import {
  groupsOfFleet,
  leftOverGroups,
  transformerGroup,
} from '#operator/desired/consumer-groups.ts';
import type { KafkaCluster } from '#operator/desired/kafka-access.ts';
import { desiredTopic } from '#operator/desired/topic.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { KubeClient } from '#operator/kube/ports.ts';
import type { Logger } from '#runtime/logger.ts';
import type { KafkaConnections } from './connections.ts';
import { clusterOf, inputClusterOf, resolveCluster } from './fleet-cluster.ts';
import type { KafkaAdmin } from './kafka-admin.ts';

/** What a look is for. */
export interface LookWish {
  readonly fleet: Fleet;
  /** Asked when groups have been listed: a pod that came meanwhile keeps its group. */
  readonly podUids: () => ReadonlySet<string>;
  /** Left-over groups are looked for. */
  readonly groups: 'leave' | 'collect' | 'removeAll';
}

export interface LookResult {
  readonly hasTopic: boolean;
  readonly lagByTransformer: ReadonlyMap<string, number>;
  readonly groupsRemoved: number;
  /** Groups that should go and have not; 0 when nobody looked for any. */
  readonly groupsLeft: number;
}

export interface LookOptions {
  readonly connections: KafkaConnections;
  readonly client: Pick<KubeClient, 'get'>;
  readonly logger: Logger;
}

export async function lookAtKafka(
  { fleet, podUids, groups }: LookWish,
  options: LookOptions,
  signal: AbortSignal,
): Promise<LookResult> {
  return withAdmin(clusterOf(fleet), fleet, options, signal, async (admin) => {
    if (groups === 'removeAll') {
      const removed = await removeAll(fleet, admin, options, signal);
      return { ...removed, hasTopic: true, lagByTransformer: new Map() };
    }
    const hasTopic = await ensureTopic(fleet, admin, options.logger, signal);
    const lagByTransformer = await lags(fleet, options, signal);
    const removed =
      groups === 'collect'
        ? await remove(
            leftOverGroups(fleet, await admin.listGroups(signal), podUids()),
            admin,
            signal,
          )
        : { groupsRemoved: 0, groupsLeft: 0 };
    return { ...removed, hasTopic, lagByTransformer };
  });
}

/** A connection that failed is not used again. */
async function withAdmin<T>(
  cluster: KafkaCluster,
  { namespace }: Fleet,
  { connections, client, logger }: LookOptions,
  signal: AbortSignal,
  use: (admin: KafkaAdmin) => Promise<T>,
): Promise<T> {
  const resolved = await resolveCluster(cluster, { namespace, client, logger, signal });
  try {
    return await use(await connections.get(resolved, signal));
  } catch (error) {
    connections.drop(resolved.id);
    throw error;
  }
}

async function ensureTopic(
  fleet: Fleet,
  admin: KafkaAdmin,
  logger: Logger,
  signal: AbortSignal,
): Promise<boolean> {
  const { name } = fleet.spec.kafka.inNetworkTopic;
  const isThere = await admin.hasTopic(name, signal);
  const wanted = desiredTopic(fleet);
  if (isThere || wanted === null) {
    return isThere;
  }
  await admin.createTopic(wanted, signal);
  logger.info({ fleet: fleet.name, topic: name, partitions: wanted.partitions }, 'topic created');
  return true;
}

async function lags(
  fleet: Fleet,
  options: LookOptions,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const transformer of fleet.spec.transformers) {
    const { name, input } = transformer;
    const group = transformerGroup(fleet, name);
    const lag = await withAdmin(
      inputClusterOf(fleet, transformer),
      fleet,
      options,
      signal,
      (admin) => admin.lagOf(group, input.topic, signal),
    );
    if (lag !== null) {
      found.set(name, lag);
    }
  }
  return found;
}

/** In every cluster that the fleet has groups in. */
async function removeAll(
  fleet: Fleet,
  admin: KafkaAdmin,
  options: LookOptions,
  signal: AbortSignal,
): Promise<{ readonly groupsRemoved: number; readonly groupsLeft: number }> {
  const removeIn = async (each: KafkaAdmin) =>
    remove(groupsOfFleet(fleet, await each.listGroups(signal)), each, signal);
  let { groupsRemoved, groupsLeft } = await removeIn(admin);
  for (const transformer of fleet.spec.transformers) {
    const cluster = inputClusterOf(fleet, transformer);
    const more = await withAdmin(cluster, fleet, options, signal, removeIn);
    groupsRemoved += more.groupsRemoved;
    groupsLeft += more.groupsLeft;
  }
  return { groupsRemoved, groupsLeft };
}

/** Only groups without members: a process that still reads keeps its own. */
async function remove(
  groups: readonly string[],
  admin: KafkaAdmin,
  signal: AbortSignal,
): Promise<{ readonly groupsRemoved: number; readonly groupsLeft: number }> {
  const some = groups.slice(0, groupsRemovedMax);
  const empty = await admin.emptyGroups(some, signal);
  const groupsRemoved = await admin.deleteGroups(empty, signal);
  return { groupsRemoved, groupsLeft: groups.length - groupsRemoved };
}
