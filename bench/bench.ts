/**
 * What a bench is: a question, its options, and a run that answers with rows.
 */
import { ConfigurationError } from '#runtime/errors.ts';
import { integer, list, path } from '#runtime/settings/setting.ts';
import type { SettingsRecord, SettingsTable, ValuesOf } from '#runtime/settings/settings-table.ts';
import type { BenchRow } from './report.ts';

const postsMin = 1_000;
/** What the columns' addresses reach with these posts, and what a large machine generates in minutes. */
const postsMax = 40_000_000;

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
  run(values: ValuesOf<S>, io: BenchIo): Promise<readonly BenchRow[]>;
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

/** Sizes of the store, one after the other: `--posts 200k,2M`. */
export function postsSetting(...sizes: readonly string[]) {
  return list({
    itemPattern: /^[1-9]\d{0,8}[kM]?$/,
    allowed: 'numbers of posts separated by commas, with k or M for thousands or millions',
    default: sizes,
    description: `Posts in the store, ${postsMin} to ${postsMax}; one after the other for several.`,
  });
}

/** What `--posts` says. Throws ConfigurationError for a size out of bounds. */
export function sizesOf(posts: readonly string[]): number[] {
  return posts.map((text) => {
    const unit = text.endsWith('M') ? 1_000_000 : text.endsWith('k') ? 1_000 : 1;
    const size = Number.parseInt(text, 10) * unit;
    if (size < postsMin || size > postsMax) {
      throw new ConfigurationError(`--posts must be ${postsMin} to ${postsMax}, not ${text}`);
    }
    return size;
  });
}

export function followingSetting() {
  return integer({
    min: 0,
    max: 10_000,
    default: 1_000,
    description: 'Followed accounts (F) in a request.',
  });
}

export function excludedSetting() {
  return integer({
    min: 0,
    max: 10_000,
    default: 500,
    description: 'Excluded ids in a request.',
  });
}

export function loadTurnSetting() {
  return integer({
    min: 50,
    max: 60_000,
    unit: 'milliseconds',
    default: 2_000,
    description: 'Length of a turn of load.',
  });
}

export function eventsPerSecondSetting() {
  return integer({
    min: 1,
    max: 1_000_000,
    default: 20_000,
    description: 'Events applied meanwhile, in the turns that are held against idle ones.',
  });
}

export function dataDirectorySetting() {
  return path({
    optional: true,
    description:
      'Where generated data is kept; thunder/bench in $XDG_CACHE_HOME or ~/.cache by default.',
  });
}
