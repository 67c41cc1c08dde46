/**
 * The root of every error the program raises on purpose: a stable code, whether trying again can
 * help, and a sentence that says what to do. Each program maps codes to exit codes, gRPC or HTTP
 * statuses in exactly one place.
 */
export type Retry = 'backoff' | 'never';

export interface ThunderErrorOptions {
  /** Stable, upper snake case, for people and dashboards: `KAFKA_UNREACHABLE`. */
  readonly code: string;
  readonly retry: Retry;
  readonly cause?: unknown;
}

export class ThunderError extends Error {
  readonly code: string;
  readonly retry: Retry;

  constructor(message: string, options: ThunderErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retry = options.retry;
  }
}

/** Settings, arguments or files that a user has to correct. Exit code 2. */
export class ConfigurationError extends ThunderError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'CONFIGURATION', retry: 'never', cause });
  }
}

/** A dependency (Kafka, a peer, the follow graph) cannot be reached or refuses us. Exit code 4. */
export class DependencyError extends ThunderError {}

/** The message of anything thrown, in one line. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s*\n\s*/g, ' ');
}
