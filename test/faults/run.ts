/**
 * `npm run test:faults -- [--seed S] [--minutes M] [--nodes N]`: breaks a real cluster and real nodes
 * at random and checks that every acknowledged event is applied exactly in effect on every node.
 * Progress goes to standard error, one line of JSON to standard output.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { messageOf } from '#runtime/errors.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import { whyNoJava } from '#test/components/kafka/kafka-jars.ts';
import { verify } from './verify.ts';

const help = `Usage: npm run test:faults -- [options]

Writes numbered events to a Kafka cluster of three brokers while brokers, wires and nodes fail at
random; heals everything, and demands that every node shows exactly what was acknowledged. Then again.

Options:
  --seed S      which faults come, in which order; printed, and random when not given
  --minutes M   for how long, at least one round (default 5)
  --nodes N     serving nodes, 1 to 5 (default 2)
  --help        this text

Exit codes: 0 all was well, 1 a violation was seen, 2 wrong options, 4 no Kafka can be run here.

Examples:
  npm run test:faults -- --minutes 1
  npm run test:faults -- --seed 42 --minutes 30 --nodes 3
`;

const seedMax = 2 ** 31;
const minutesMax = 24 * 60;
const nodesMax = 5;

class UsageError extends Error {}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new UsageError(`--${name} must be a number from ${least} to ${most}`);
  }
  return value;
}

function optionsOf(argv: readonly string[]) {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string', default: String(randomInt(seedMax)) },
        minutes: { type: 'string', default: '5' },
        nodes: { type: 'string', default: '2' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  return {
    help: values.help,
    seed: Math.floor(numberOf('seed', values.seed, 0, Number.MAX_SAFE_INTEGER)),
    minutes: numberOf('minutes', values.minutes, 0, minutesMax),
    nodes: Math.floor(numberOf('nodes', values.nodes, 1, nodesMax)),
  };
}

async function main(argv: readonly string[]): Promise<number> {
  const { help: wantsHelp, ...options } = optionsOf(argv);
  if (wantsHelp) {
    process.stdout.write(help);
    return exitCodes.ok;
  }
  const missing = await whyNoJava();
  if (missing !== undefined) {
    process.stderr.write(`test:faults: brokers that can be killed need Java: ${missing}\n`);
    return exitCodes.dependency;
  }
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort());
  }
  const startedAtMs = performance.now();
  const say = (text: string): void => {
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1).padStart(7);
    process.stderr.write(`[${seconds} s] ${text}\n`);
  };
  const result = await verify({ ...options, say, signal: stopping.signal });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (result.violations.length === 0) return exitCodes.ok;
  for (const violation of result.violations) say(`VIOLATION: ${violation}`);
  say(`again: npm run test:faults -- --seed ${options.seed} --minutes ${options.minutes}`);
  return exitCodes.failure;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`test:faults: ${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
}
