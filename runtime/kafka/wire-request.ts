/**
 * A request to a broker: which, in which version, its bytes, and how its answer is read.
 */

/** By Kafka's numbers, the requests that are written here; all others are kafkajs's. */
export const apiKeys = { fetch: 1, listOffsets: 2, metadata: 3 } as const;

/** The newest version of each request that a broker speaks. */
export interface BrokerVersions {
  newest(apiKey: number): number;
}

export interface WireRequest<Answer> {
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
  readonly body: Buffer;
  /** Throws for bytes that are no such answer. */
  read(answer: Buffer): { readonly value: Answer; readonly throttleMs: number };
}
