/**
 * Records that only the Java client can write: transactions, committed, aborted or left open, and
 * batches in every codec. Needs a JDK wherever Kafka itself comes from.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureKafkaJars, javaCommand, whyNoJava } from './kafka-jars.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

/** `hang` leaves its transaction open and must come last. Each number is a count of records. */
export type ProduceStep = readonly ['commit' | 'abort' | 'plain' | 'hang', number];

export interface JavaProduceOptions {
  readonly bootstrap: string;
  readonly topic: string;
  /** Default 0. */
  readonly partition?: number;
  /** Default `none`. */
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  readonly steps: readonly ProduceStep[];
}

/**
 * Writes the steps in order. The value of record r of step s is `NAME-s r`, such as `abort-1 0`.
 * A committed or aborted step takes one offset more than its records: the marker.
 */
export async function produceWithJava(options: JavaProduceOptions): Promise<void> {
  const missing = await whyNoJava();
  if (missing !== undefined) throw new Error(`transactions need a JDK: ${missing}`);
  const jars = await ensureKafkaJars();
  const source = join(import.meta.dirname, 'java', 'Transactions.java');
  const target = [options.bootstrap, options.topic, String(options.partition ?? 0)];
  const steps = options.steps.map(([kind, count]) => `${kind}:${count}`);
  const jvm = ['-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
  const codec = `codec=${options.codec ?? 'none'}`;
  await run(javaCommand(), [...jvm, '-cp', `${jars}/*`, source, ...target, codec, ...steps], {
    timeout: TIMEOUT_MS,
  });
}
