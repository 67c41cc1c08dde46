/**
 * kafkajs's log lines in ours. It calls every failure it is about to retry an error; what really
 * failed is reported by whoever asked, so its lines are for debugging only.
 */
import type { LogEntry } from 'kafkajs';
import type { Logger } from '../logger.ts';

/** Copied when they are there; everything else (payloads, stacks, credentials) is left out. */
const fields = ['broker', 'topic', 'partition', 'groupId', 'retryCount', 'retryTime'] as const;

export function kafkaLogCreator(logger: Logger): () => (entry: LogEntry) => void {
  return () => (entry) => {
    const { log } = entry;
    const line: Record<string, unknown> = { source: entry.namespace, detail: log.message };
    for (const field of fields) if (log[field] !== undefined) line[field] = log[field];
    if (typeof log['error'] === 'string') line['reason'] = log['error'];
    logger.debug(line, 'kafka client');
  };
}
