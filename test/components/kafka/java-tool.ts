/**
 * Kafka's own Java clients as one process that takes commands: transactions that commit, abort or
 * hang, every codec, SCRAM users, elections of leaders. One start of Java for all of a test file.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { ensureKafkaJars, javaCommand, whyNoJava } from './kafka-jars.ts';

export type JavaCodec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** Longest wait for the answer to one command. */
const answerMsMax = 60_000;
const heap = '-Xmx192m';

export interface JavaRecords {
  readonly topic: string;
  /** Default 0. */
  readonly partition?: number;
  readonly values: readonly Uint8Array[];
  readonly key?: Uint8Array;
  /** Milliseconds; default: now. */
  readonly timestampMs?: number;
}

/** Offsets of the first and the last record. */
export interface SentOffsets {
  readonly first: number;
  readonly last: number;
}

export class JavaTool {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  #last: Promise<unknown> = Promise.resolve();
  #words = '';

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', (bytes: Buffer) => {
      this.#words = (this.#words + bytes.toString()).slice(-2_000);
    });
    // Its end shows as an end of the answers.
    child.stdin.on('error', () => undefined);
  }

  static async start(bootstrap: string): Promise<JavaTool> {
    const missing = await whyNoJava();
    if (missing !== undefined) throw new Error(`Kafka's Java clients need a JDK: ${missing}`);
    const jars = await ensureKafkaJars();
    const source = join(import.meta.dirname, 'java', 'KafkaTool.java');
    const jvm = [heap, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
    const child = spawn(
      javaCommand(),
      [...jvm, quiet, '-cp', `${jars}/*`, source, bootstrap],
      // It ends with its standard input, so with us, however we end.
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    const tool = new JavaTool(child);
    try {
      await tool.#answer();
    } catch (error) {
      await tool.kill();
      throw error;
    }
    return tool;
  }

  /** Acknowledged by all replicas; an idempotent producer. */
  send(records: JavaRecords, codec: JavaCodec = 'none'): Promise<SentOffsets> {
    return this.#put(`send ${codec}`, records);
  }

  /** Begins a transaction of the producer `id`, made with this timeout when it is first named. */
  async begin(
    id: string,
    options: { readonly timeoutMs?: number; readonly codec?: JavaCodec } = {},
  ): Promise<void> {
    await this.#run(`begin ${id} ${options.timeoutMs ?? 600_000} ${options.codec ?? 'none'}`);
  }

  /** Within the transaction of `id`. */
  put(id: string, records: JavaRecords): Promise<SentOffsets> {
    return this.#put(`put ${id}`, records);
  }

  async commit(id: string): Promise<void> {
    await this.#run(`commit ${id}`);
  }

  async abort(id: string): Promise<void> {
    await this.#run(`abort ${id}`);
  }

  async scramUser(
    user: string,
    mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
    password: string,
  ): Promise<void> {
    await this.#run(`scram ${user} ${mechanism} ${password}`);
  }

  async elect(kind: 'preferred' | 'unclean', topic: string, partition = 0): Promise<void> {
    await this.#run(`elect ${kind} ${topic} ${partition}`);
  }

  /** Ends it at once; open transactions stay open on the brokers until they time out. Idempotent. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async #put(command: string, records: JavaRecords): Promise<SentOffsets> {
    const { topic, partition = 0, values, key, timestampMs } = records;
    const bytes = values.map((value) => base64(value)).join(',');
    const answer = await this.#run(
      `${command} ${topic} ${partition} ${timestampMs ?? '-'} ${key === undefined ? '-' : base64(key)} ${bytes}`,
    );
    const [first, last] = answer.split(' ').map(Number);
    return { first: first ?? Number.NaN, last: last ?? Number.NaN };
  }

  /** One at a time, in the order of the calls. */
  #run(command: string): Promise<string> {
    const done = this.#last.then(async () => {
      this.#child.stdin.write(`${command}\n`);
      return this.#answer();
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #answer(): Promise<string> {
    const late = AbortSignal.timeout(answerMsMax);
    const timeout = new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error('the Java tool gives no answer')));
    });
    const { value, done } = await Promise.race([this.#answers.next(), timeout]);
    if (done === true) throw new Error(`the Java tool has ended: ${this.#words}`);
    if (!value.startsWith('ok')) throw new Error(`the Java tool: ${value}`);
    return value.slice(3);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
