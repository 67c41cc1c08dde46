/**
 * `thunder transform`: a transformer.
 */
import type { Command } from '#cli/command.ts';
import { runNodeProcess } from '#cli/node-process.ts';
import { transformerSettings } from '#node/settings/transformer-settings.ts';
import { startTransformerNode } from '#node/transformer-node.ts';

export const transformCommand: Command<(typeof transformerSettings)['settings']> = {
  name: 'transform',
  summary: 'Read tweet events and write in-network events',
  usage:
    'transform --tweet-events-consumer-dest HOST:PORT,… --in-network-events-producer-dest HOST:PORT,… [options]',
  examples: [
    'thunder transform --tweet-events-consumer-dest localhost:9092 --in-network-events-producer-dest localhost:9092',
    'thunder transform --config transform.json --dead-letter-topic tweet_events_dead',
    'thunder transform --config transform.json --input-format in-network-event',
  ],
  settings: transformerSettings,
  handlesSignals: true,
  run: (settings) =>
    runNodeProcess('transform', settings, (parts) => startTransformerNode({ settings, ...parts })),
};
