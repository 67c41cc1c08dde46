/**
 * What a bench is: a question, its options, and a run that answers with rows.
 */
import { integer } from '#runtime/settings/setting.ts';
import type { SettingsRecord, SettingsTable, ValuesOf } from '#runtime/settings/settings-table.ts';
import type { BenchRow } from './report.ts';

export interface BenchIo {
  /** Aborted by a signal: the bench gives up between two turns and cleans up. */
  readonly signal: AbortSignal;
  /** One line for whoever waits; never data. */
  progress(text: string): void;
}

export interface Bench<S extends SettingsRecord = SettingsRecord> {
  readonly name: string;
  /** One line that ends in a question mark. */
  readonly question: string;
  readonly settings: SettingsTable<S>;
  /** Throws ThunderErrors for what the user can correct, anything else for a result that is wrong. */
  run(values: ValuesOf<S>, io: BenchIo): Promise<BenchRow[]>;
}

export function seedSetting() {
  return integer({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
    description: 'Seed of the generated data.',
  });
}

export function roundsSetting(rounds: number) {
  return integer({
    min: 1,
    max: 1_000,
    default: rounds,
    description: 'Measured rounds; one more comes before them and is not counted.',
  });
}

export function postsSetting(posts: number) {
  return integer({
    min: 1_000,
    max: 8_000_000,
    unit: 'posts',
    default: posts,
    description: 'Posts in the store.',
  });
}
