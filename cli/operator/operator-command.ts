/**
 * `thunder operator`: keeps ThunderFleets as they should be.
 */
import type { Command } from '#cli/command.ts';
import { version } from '#node/version.ts';
import { startOperator } from '#operator/app.ts';
import { systemClock as kubeClock } from '#operator/kube/clock.ts';
import { operatorSettings } from '#operator/settings.ts';
import { systemClock } from '#runtime/clock.ts';
import { createLifecycle } from '#runtime/lifecycle.ts';
import { createLogger } from '#runtime/logger.ts';
import { runUntilSignal } from '#runtime/run-until-signal.ts';

export const operatorCommand: Command<(typeof operatorSettings)['settings']> = {
  name: 'operator',
  summary: 'Run ThunderFleets on Kubernetes',
  usage: 'operator [options]',
  examples: [
    'thunder operator --install-crds',
    'thunder operator --watch-namespaces feeds,feeds-canary --lease-name thunder-feeds',
    'thunder operator --kubeconfig ~/.kube/config --context staging --log-level debug',
  ],
  settings: operatorSettings,
  handlesSignals: true,
  async run(settings) {
    const logger = createLogger({ level: settings.logLevel, base: { role: 'operator', version } });
    const lifecycle = createLifecycle({ logger, clock: systemClock });
    const code = await runUntilSignal(
      lifecycle,
      async () => {
        await startOperator({ settings, version, lifecycle, clock: kubeClock, logger });
      },
      { logger, process },
    );
    // What ended it unasked is told as any command's failure is: in one line, whatever the log level.
    const { error } = await lifecycle.stopped;
    if (error !== undefined) {
      throw error;
    }
    return code;
  },
};
