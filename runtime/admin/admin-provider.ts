/**
 * What a role tells its admin server; the server knows nothing else about it.
 */
import type { MetricsText } from '../metrics.ts';

/** Whether the process may be sent traffic, and if not, why and how long it will take. */
export interface Readiness {
  readonly ready: boolean;
  /** Where the process is: `replaying`, `ready`, `draining`, or whatever the role calls it. */
  readonly stage: string;
  /** One sentence; empty when there is nothing to say. */
  readonly reason: string;
  /** 0..1 of the way to readiness, null when unknown. */
  readonly progress: number | null;
  readonly etaSeconds: number | null;
  /** More that helps; small. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a role answers with. All but `status` with a hash must be cheap: probes call them. */
export interface AdminProvider {
  /** `/startupz`: settings read and servers listening; does not wait for readiness. */
  hasStarted(): boolean;
  /** `/readyz` */
  readiness(): Readiness;
  /** `/status`; with `hash` also what takes longer to compute. */
  status(options: { readonly hash: boolean }): object | Promise<object>;
  /** `/metrics` */
  metrics(): Promise<MetricsText>;
}
