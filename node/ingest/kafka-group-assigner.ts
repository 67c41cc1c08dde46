/**
 * Gives every member of the group every partition: a node reads the whole topic whoever else uses its
 * group by mistake, so no rebalance can take a partition away from it.
 */
import kafkajs, { type Cluster, type PartitionAssigner } from 'kafkajs';

const name = 'thunder-everything';
const version = 0;
const userData = Buffer.alloc(0);

export const everythingAssigner: PartitionAssigner = ({
  cluster,
}: {
  readonly cluster: Cluster;
}) => ({
  name,
  version,
  assign({ members, topics }) {
    const assignment: Record<string, number[]> = {};
    for (const topic of topics) {
      const partitions = cluster.findTopicPartitionMetadata(topic);
      assignment[topic] = partitions.map(({ partitionId }) => partitionId);
    }
    const { MemberAssignment } = kafkajs.AssignerProtocol;
    const memberAssignment = MemberAssignment.encode({ version, assignment, userData });
    return Promise.resolve(members.map(({ memberId }) => ({ memberId, memberAssignment })));
  },
  protocol({ topics }) {
    const { MemberMetadata } = kafkajs.AssignerProtocol;
    return { name, metadata: MemberMetadata.encode({ version, topics, userData }) };
  },
});
