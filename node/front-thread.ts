/**
 * A serving thread: a front over the store's memory, which another thread fills.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#runtime/clock.ts';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import { createLatencyWindow } from '#runtime/latency-window.ts';
import { createLifecycle } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/logger.ts';
import { valuesOf } from '#runtime/metric-cells.ts';
import { createThreadRegistry } from '#runtime/metrics.ts';
import { startFront } from './front.ts';
import type { FromFrontThread, FrontThreadData, ToFrontThread } from './front-messages.ts';
import { createServingMetrics } from './metrics.ts';
import { sharedFacts } from './serve/catch-up-facts.ts';
import { nodeName } from './settings/process-settings.ts';

if (parentPort === null) {
  throw new Error('This is the code of a thread, not a program');
}
const main = parentPort;
const data: FrontThreadData = workerData;
const { settings } = data;
const clock = systemClock;
const logger = createLogger({
  level: settings.logLevel,
  base: {
    role: 'serve',
    node: nodeName(settings),
    fleet: settings.fleet,
    thread: String(data.reader),
  },
});
const metrics = createServingMetrics(createThreadRegistry());
const latencies = createLatencyWindow();
const lifecycle = createLifecycle({ logger, clock });

const say = (message: FromFrontThread): void => main.postMessage(message);

void lifecycle.stopped.then(({ error, troubled }) => {
  if (error === undefined) {
    say({ kind: 'stopped', troubled });
  } else {
    say({
      kind: 'failed',
      message: messageOf(error),
      isConfiguration: error instanceof ConfigurationError,
    });
  }
  main.close();
});

try {
  const front = await startFront({
    ...data,
    facts: sharedFacts(data.factsMemory, () => clock.monotonicMs()),
    sharesPort: true,
    metrics,
    latencies,
    lifecycle,
    clock,
    logger,
  });
  main.on('message', (message: ToFrontThread) => {
    switch (message.kind) {
      case 'serving':
        return front.setServing(message.serving);
      case 'report':
        return say({
          kind: 'report',
          cells: valuesOf(metrics),
          latencies: latencies.recent(clock.monotonicMs()),
        });
      case 'stop':
        return void lifecycle.stop(message.reason);
    }
  });
  say({ kind: 'started' });
} catch (error) {
  // A step that failed to start has begun the stop already.
  if (!lifecycle.signal.aborted) await lifecycle.fail(error);
}
