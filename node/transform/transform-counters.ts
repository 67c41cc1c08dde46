/**
 * The transformer's figures: counters for `/status`, and a recorder for whoever shows them elsewhere.
 */
import type { TransformMetrics } from '#node/metrics.ts';

/** Every counter of `TransformerStatus.counters`; those of skipped records are `skipped_<reason>`. */
export type TransformCounter =
  | 'read'
  | 'written_create'
  | 'written_delete'
  | `skipped_${string}`
  | 'dead_lettered'
  | 'refused'
  | 'send_failures'
  | 'commit_failures'
  | 'input_failures'
  | 'assignments'
  | 'gone_before_read'
  | 'unreadable_batch';

/** Where figures go besides `status()`. */
export interface TransformRecorder {
  counted(counter: TransformCounter, amount: number): void;
  /** A batch was acknowledged, this long after its first attempt. */
  sent(records: number, seconds: number): void;
  lag(topic: string, partition: number, events: number): void;
}

/** Records to the metrics of a node. */
export function recordToMetrics(metrics: TransformMetrics): TransformRecorder {
  return {
    counted(counter, amount) {
      if (counter === 'written_create' || counter === 'written_delete') {
        metrics.written.add(amount, counter.slice('written_'.length));
        metrics.records.add(amount, 'written');
      } else if (counter.startsWith('skipped_')) {
        metrics.records.add(amount, counter.slice('skipped_'.length));
        if (counter === 'skipped_malformed') {
          metrics.parseFailures.value += amount;
        }
      } else if (counter === 'unreadable_batch') {
        metrics.parseFailures.value += amount;
      } else if (counter === 'refused') {
        metrics.records.add(amount, 'refused');
      } else if (counter === 'dead_lettered') {
        metrics.deadLetters.value += amount;
      } else if (counter === 'send_failures') {
        metrics.produceErrors.value += amount;
      } else if (counter === 'commit_failures') {
        metrics.commitErrors.value += amount;
      } else if (counter === 'input_failures') {
        metrics.pollErrors.value += amount;
      }
    },
    sent(_records, seconds) {
      metrics.batchSeconds.observe(seconds);
    },
    lag(topic, partition, events) {
      metrics.partitionLag.set(events, topic, String(partition));
    },
  };
}
