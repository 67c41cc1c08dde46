/**
 * Structured logs on standard error: one JSON object a line, constant messages with fields.
 */
import { destination, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly level: LevelWithSilent;
  /** Fields on every line: `role`, `node`, `fleet`. */
  readonly base: Readonly<Record<string, string>>;
}

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: options.base,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ dest: 2, sync: true }),
  );
}

/** For tests and tools that want no logs. */
export const silentLogger: Logger = pino({ level: 'silent' });
