/**
 * A command of the `thunder` program: what it is called, what may be set, what it does.
 */
import type { OutputStream } from '#cli/output/style.ts';
import type { SettingsRecord, SettingsTable, ValuesOf } from '#runtime/settings/settings-table.ts';

/** What a command may touch of the process. */
export interface CommandIo {
  /** Data only. */
  readonly stdout: OutputStream;
  /** Everything else. */
  readonly stderr: OutputStream;
  /** Aborted by the first SIGINT or SIGTERM: finish what was begun and return. */
  readonly signal: AbortSignal;
  /** Whether standard error is a terminal that can show moving lines. */
  readonly isTty: boolean;
  /** For NO_COLOR and TERM; settings come in as values. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Command<S extends SettingsRecord = SettingsRecord> {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** What follows `thunder `: `query --address HOST:PORT --user ID [options]`. */
  readonly usage: string;
  /** Whole command lines. */
  readonly examples: readonly string[];
  readonly settings: SettingsTable<S>;
  /** The command ends in order at a signal by itself and needs no `io.signal`. */
  readonly handlesSignals?: boolean;
  /**
   * Answers the exit code. Throws ThunderErrors, which the caller prints as one line and maps to
   * exit codes.
   */
  run(values: ValuesOf<S>, io: CommandIo): Promise<number>;
}
