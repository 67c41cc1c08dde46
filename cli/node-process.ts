/**
 * A node as a process of its own: log, lifecycle, signals and exit code around what starts it.
 */
import { nodeName } from '#node/settings/process-settings.ts';
import { version } from '#node/version.ts';
import { type Clock, systemClock } from '#runtime/clock.ts';
import { createLifecycle, type Lifecycle } from '#runtime/lifecycle.ts';
import { createLogger, type Logger } from '#runtime/logger.ts';
import { runUntilSignal } from '#runtime/run-until-signal.ts';

export interface NodeParts {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface NodeProcessSettings {
  readonly node: string | undefined;
  readonly fleet: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/**
 * Answers the exit code once everything has stopped (L4). Throws what ended the process when nobody
 * asked it to end, so that it is told as any command's failure is: in one line, whatever the log
 * level.
 */
export async function runNodeProcess(
  role: string,
  settings: NodeProcessSettings,
  start: (parts: NodeParts) => Promise<unknown>,
): Promise<number> {
  const logger = createLogger({
    level: settings.logLevel,
    base: { role, node: nodeName(settings), fleet: settings.fleet, version },
  });
  const lifecycle = createLifecycle({ logger, clock: systemClock });
  const code = await runUntilSignal(
    lifecycle,
    async () => {
      await start({ lifecycle, clock: systemClock, logger });
    },
    { logger, process },
  );
  const { error } = await lifecycle.stopped;
  if (error !== undefined) {
    throw error;
  }
  return code;
}
