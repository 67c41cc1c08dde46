/** Settings that do not depend on addresses: small, quick, and strict about topics. */
export function clusterSettings(brokers: number): string[] {
  const replicas = Math.min(brokers, 3);
  const inSync = replicas === 1 ? 1 : 2;
  return [
    `default.replication.factor=${replicas}`,
    `min.insync.replicas=${inSync}`,
    `offsets.topic.replication.factor=${replicas}`,
    'offsets.topic.num.partitions=4',
    `transaction.state.log.replication.factor=${replicas}`,
    `transaction.state.log.min.isr=${inSync}`,
    'transaction.state.log.num.partitions=4',
    'group.initial.rebalance.delay.ms=0',
    // A killed broker may come back once its old session is over: 9 s by default.
    'broker.session.timeout.ms=4000',
    'broker.heartbeat.interval.ms=800',
    'auto.create.topics.enable=false',
    'log.cleaner.dedupe.buffer.size=2097152',
  ];
}
