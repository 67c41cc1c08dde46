/**
 * The system that the demo shows: Kafka with two topics, a transformer, serving nodes. Everything
 * started here is stopped by `stop`, in reverse.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafka, type TestKafka } from '#test/components/kafka/kafka.ts';
import { type ChildNode, startChildNode } from './child-node.ts';

export interface DemoFleet {
  readonly kafka: TestKafka;
  readonly tweetTopic: string;
  readonly eventTopic: string;
  readonly directory: string;
  startTransformer(): Promise<ChildNode>;
  startServing(name: string): Promise<ChildNode>;
  /** Ends every process; `keepLogs` leaves their logs where they are. */
  stop(keepLogs: boolean): Promise<void>;
}

/** Kafka and the topics; throws with a hint when the machine has no Kafka. */
export async function startDemoFleet(partitions: number, signal: AbortSignal): Promise<DemoFleet> {
  const directory = await mkdtemp(path.join(tmpdir(), 'thunder-demo-'));
  const kafka = await startKafka({ brokers: 1 }).catch(async (error: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const children: ChildNode[] = [];
  const add = async (starting: Promise<ChildNode>): Promise<ChildNode> => {
    const child = await starting;
    children.push(child);
    return child;
  };
  const stop = async (keepLogs: boolean): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
    await kafka.stop();
    if (!keepLogs) {
      await rm(directory, { recursive: true, force: true });
    }
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
          startChildNode({
            name: 'transformer',
            command: 'transform',
            directory,
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
          startChildNode({
            name,
            command: 'serve',
            directory,
            signal,
            flags: [
              ...['--in-network-events-consumer-dest', bootstrap],
              ...['--in-network-events-topic', eventTopic, '--kafka-group-id', eventTopic],
              ...['--grpc-host', '127.0.0.1', '--grpc-port', '0', '--drain-delay-ms', '200'],
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
