/**
 * The one place where errors and signals become exit codes.
 */
import { ConfigurationError, DependencyError } from './errors.ts';

export const exitCodes = {
  ok: 0,
  failure: 1,
  /** The command line, settings or files have to be corrected. */
  usage: 2,
  /** Kafka, a peer or another service could not be reached or refused us. */
  dependency: 4,
  /** Ended at once by a signal (128 + its number). */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Looks through wrapped causes for the first error that says what kind of failure it is. */
export function exitCodeOf(error: unknown): ExitCode {
  let current: unknown = error;
  for (let depth = 0; depth < causesMax && current instanceof Error; depth++) {
    if (current instanceof ConfigurationError) {
      return exitCodes.usage;
    }
    if (current instanceof DependencyError) {
      return exitCodes.dependency;
    }
    current = current.cause;
  }
  return exitCodes.failure;
}

export function exitCodeOfSignal(signal: 'SIGINT' | 'SIGTERM'): ExitCode {
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}

/** A chain of causes can be a circle. */
const causesMax = 8;
