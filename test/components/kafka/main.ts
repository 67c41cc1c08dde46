/**
 * `node test/components/kafka/main.ts [--brokers 3]`: a Kafka in the foreground, its bootstrap
 * address on standard output, until Ctrl-C.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { messageOf } from '#runtime/errors.ts';
import { startKafka } from './kafka.ts';

const { values } = parseArgs({ options: { brokers: { type: 'string', default: '1' } } });
if (values.brokers !== '1' && values.brokers !== '3') {
  process.stderr.write('--brokers must be 1 or 3\n');
  process.exit(2);
}

try {
  const kafka = await startKafka({ brokers: values.brokers === '3' ? 3 : 1 });
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
