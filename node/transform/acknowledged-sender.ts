/**
 * Sends a batch until it is acknowledged: fails, waits, tries again, for ever, and says so. What the
 * output will never take is found by halving, so that its neighbours get through, and is set aside
 * where there is a place for it; without one it is in the way until somebody lets it through.
 */
import { abortableSleep, createBackoff } from '#runtime/backoff.ts';
import { messageOf, ThunderError } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { TransformLimits } from './transform-limits.ts';
import { type OutputRecord, OutputRefusedError, type TransformOutput } from './transform-ports.ts';

export interface AcknowledgedSenderOptions {
  readonly output: TransformOutput;
  readonly limits: TransformLimits;
  readonly logger: Logger;
  /** Ends the trying. */
  readonly signal: AbortSignal;
  /** A send failed and will be repeated. */
  readonly onFailure: () => void;
  /** Whether a record that the output refuses may be done with; if not, it is sent again for ever. */
  readonly maySetAside: (topic: string, record: OutputRecord) => boolean;
  /** The output will never take this record; the promise is part of its being done with. */
  readonly onRefused: (topic: string, record: OutputRecord) => Promise<boolean>;
}

export class AcknowledgedSender {
  readonly #options: AcknowledgedSenderOptions;
  #trouble = '';

  constructor(options: AcknowledgedSenderOptions) {
    this.#options = options;
  }

  /** What keeps the current batch from being acknowledged, one sentence; empty when nothing does. */
  get trouble(): string {
    return this.#trouble;
  }

  /** True once each record is acknowledged or set aside; false when the signal came first. */
  async send(topic: string, records: readonly OutputRecord[]): Promise<boolean> {
    const { limits, logger, output, signal } = this.#options;
    const backoff = createBackoff({
      firstMs: limits.retryInitialMs,
      ceilingMs: limits.retryMaxMs,
      floorMs: limits.retryInitialMs / 2,
    });
    for (let failures = 0; records.length > 0; ) {
      if (signal.aborted) {
        return false;
      }
      try {
        await output.send(topic, records);
        break;
      } catch (error) {
        if (error instanceof OutputRefusedError && !this.#isInTheWay(topic, records)) {
          return this.#split(topic, records, error);
        }
        failures += 1;
        this.#trouble = `topic ${topic} does not acknowledge: ${messageOf(error)}`;
        this.#options.onFailure();
        const code = error instanceof ThunderError ? error.code : 'UNKNOWN';
        logger.error(
          { topic, records: records.length, failures, code, error: messageOf(error) },
          'send failed, blocked until it is acknowledged',
        );
        await sleepUnlessAborted(backoff.nextMs(), signal);
      }
    }
    this.#trouble = '';
    return true;
  }

  #isInTheWay(topic: string, records: readonly OutputRecord[]): boolean {
    const [only] = records;
    return only !== undefined && records.length === 1 && !this.#options.maySetAside(topic, only);
  }

  async #split(
    topic: string,
    records: readonly OutputRecord[],
    error: OutputRefusedError,
  ): Promise<boolean> {
    const [only] = records;
    if (only !== undefined && records.length === 1) {
      const { inputPartition, inputOffset } = only;
      this.#options.logger.error(
        { topic, inputPartition, inputOffset, error: messageOf(error) },
        'record refused by the output',
      );
      return this.#options.onRefused(topic, only);
    }
    const middle = records.length >> 1;
    return (
      (await this.send(topic, records.slice(0, middle))) &&
      (await this.send(topic, records.slice(middle)))
    );
  }
}

/** Waits; returns early, without an error, when the signal aborts. */
export async function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await abortableSleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}
