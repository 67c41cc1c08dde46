/**
 * What the main thread and the serving threads say to each other. All else they share is memory.
 */
import type { LatencySamples } from '#runtime/latency-window.ts';
import type { CellValues } from '#runtime/metric-cells.ts';
import type { ServingSettings } from './settings/serving-settings.ts';
import type { StoreMemory } from './store/columns/store-memory.ts';

/** What a serving thread is started with. */
export interface FrontThreadData {
  readonly settings: ServingSettings;
  readonly memory: StoreMemory;
  readonly reader: number;
  readonly admissionWords: Int32Array;
  readonly factsMemory: Float64Array;
  readonly port: number;
}

export type ToFrontThread =
  | { readonly kind: 'serving'; readonly serving: boolean }
  | { readonly kind: 'report' }
  | { readonly kind: 'stop'; readonly reason: string };

export type FromFrontThread =
  | { readonly kind: 'started' }
  | ({ readonly kind: 'report' } & FrontReport)
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Whether a user has to correct a setting or file. */
      readonly isConfiguration: boolean;
    }
  | { readonly kind: 'stopped'; readonly troubled: readonly string[] };

/** What a serving thread has measured since its start. */
export interface FrontReport {
  readonly cells: CellValues;
  readonly latencies: LatencySamples;
}
