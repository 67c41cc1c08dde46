/**
 * `npm run kafka -- [--brokers 3] [--topic NAME …] [--partitions N]`: a Kafka in the foreground with
 * these topics, its bootstrap address on standard output, until Ctrl-C.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { messageOf } from '#runtime/errors.ts';
import { createTopics } from './create-topics.ts';
import { startKafka } from './kafka.ts';

const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '1' },
    topic: { type: 'string', multiple: true, default: [] },
    partitions: { type: 'string', default: '4' },
  },
});
const partitions = Number(values.partitions);
if (values.brokers !== '1' && values.brokers !== '3') {
  process.stderr.write('--brokers must be 1 or 3\n');
  process.exit(2);
}
if (!Number.isInteger(partitions) || partitions < 1 || partitions > 1_000) {
  process.stderr.write('--partitions must be a whole number from 1 to 1000\n');
  process.exit(2);
}

try {
  const kafka = await startKafka({ brokers: values.brokers === '3' ? 3 : 1 });
  const admin = kafka.client().admin();
  await admin.connect();
  await createTopics(
    admin,
    values.topic.map((topic) => ({
      topic,
      numPartitions: partitions,
      configEntries: [{ name: 'retention.ms', value: '259200000' }],
    })),
  );
  await admin.disconnect();
  process.stderr.write(`${kafka.how}; Ctrl-C stops it\n`);
  process.stdout.write(`${kafka.bootstrap}\n`);
  const keepAlive = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(keepAlive);
  await kafka.stop();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 4;
}
