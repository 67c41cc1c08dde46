/**
 * Waits until a cluster really answers: all brokers known, and a group coordinator found, which
 * makes the broker create its internal topic now rather than within the first test.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { messageOf } from '#runtime/errors.ts';

const PAUSE_MS = 100;

export async function waitForBrokers(
  bootstrap: string,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const kafka = new Kafka({
    brokers: bootstrap.split(','),
    clientId: 'thunder-test-wait',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    retry: { retries: 0 },
  });
  let last: unknown = new Error('no answer');
  while (!signal.aborted) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      if (brokers.length >= count) {
        await admin.describeGroups(['thunder-test-wait']);
        return;
      }
      last = new Error(`only ${brokers.length} of ${count} brokers`);
    } catch (error) {
      last = error;
    } finally {
      await admin.disconnect();
    }
    await delay(PAUSE_MS);
  }
  throw new Error(`Kafka at ${bootstrap} did not come up in time: ${messageOf(last)}`);
}
