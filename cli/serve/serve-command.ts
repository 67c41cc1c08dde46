/**
 * `thunder serve`: a serving node.
 */
import type { Command } from '#cli/command.ts';
import { runNodeProcess } from '#cli/node-process.ts';
import { startServingNode } from '#node/serving-node.ts';
import { servingSettings } from '#node/settings/serving-settings.ts';

export const serveCommand: Command<(typeof servingSettings)['settings']> = {
  name: 'serve',
  summary: 'Hold the posts of a topic in memory and answer queries over gRPC',
  usage: 'serve --in-network-events-consumer-dest HOST:PORT,… [options]',
  examples: [
    'thunder serve --in-network-events-consumer-dest localhost:9092',
    'thunder serve --in-network-events-consumer-dest k1:9092,k2:9092 --grpc-port 50061 --http-port 8090',
    'thunder serve --config serve.json --print-config',
  ],
  settings: servingSettings,
  handlesSignals: true,
  run: (settings) =>
    runNodeProcess('serve', settings, (parts) => startServingNode({ settings, ...parts })),
};
