/**
 * The system that the demo shows: Kafka with two topics, a transformer, serving nodes. Everything
 * started here is stopped by `stop`, in reverse.
 */
import { startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { Processes } from '#test/components/processes/processes.ts';
import { startNode, type ThunderNode } from '#test/components/processes/thunder-node.ts';

export interface DemoFleet {
  readonly kafka: TestKafka;
  readonly tweetTopic: string;
  readonly eventTopic: string;
  readonly directory: string;
  startTransformer(): Promise<ThunderNode>;
  startServing(name: string): Promise<ThunderNode>;
  /** Ends every process; `keepLogs` leaves their logs where they are. */
  stop(keepLogs: boolean): Promise<void>;
}

/** Kafka and the topics; throws with a hint when the machine has no Kafka. */
export async function startDemoFleet(partitions: number, signal: AbortSignal): Promise<DemoFleet> {
  const kafka = await startKafka({ brokers: 1 });
  const processes = await Processes.create();
  const { directory } = processes;
  const children: ThunderNode[] = [];
  const add = async (starting: Promise<ThunderNode>): Promise<ThunderNode> => {
    const child = await starting;
    children.push(child);
    return child;
  };
  const stop = async (keepLogs: boolean): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
    await processes.stop({ keepLogs });
    await kafka.stop();
  };
  try {
    const config = { 'retention.ms': String(7 * 86_400_000) };
    const [tweetTopic, eventTopic] = await Promise.all([
      kafka.createTopic({ prefix: 'tweet_events', partitions, config }),
      kafka.createTopic({ prefix: 'in_network_events', partitions, config }),
    ]);
    const { bootstrap } = kafka;
    return {
      kafka,
      tweetTopic,
      eventTopic,
      directory,
      startTransformer: () =>
        add(
          startNode(processes, {
            name: 'transformer',
            command: 'transform',
            signal,
            flags: [
              ...['--tweet-events-consumer-dest', bootstrap, '--tweet-events-topic', tweetTopic],
              ...['--in-network-events-producer-dest', bootstrap],
              ...['--in-network-events-topic', eventTopic, '--kafka-group-id', `${eventTopic}-t`],
            ],
          }),
        ),
      startServing: (name) =>
        add(
          startNode(processes, {
            name,
            command: 'serve',
            signal,
            flags: [
              ...['--in-network-events-consumer-dest', bootstrap],
              ...['--in-network-events-topic', eventTopic, '--kafka-group-id', eventTopic],
              ...['--drain-delay-ms', '200'],
            ],
          }),
        ),
      stop,
    };
  } catch (error) {
    await stop(false);
    throw error;
  }
}
