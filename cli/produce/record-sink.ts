/**
 * Where produced records go: Kafka behind a port.
 */
import type { EncodedRecord } from '#cli/generator/event-encoder.ts';

export interface RecordSink {
  /** Rejects with a ConfigurationError or DependencyError when it cannot be reached. */
  open(): Promise<void>;
  /** Resolves once all replicas in sync have the records; they count as not sent when it rejects. */
  send(records: readonly EncodedRecord[]): Promise<void>;
  close(): Promise<void>;
}
