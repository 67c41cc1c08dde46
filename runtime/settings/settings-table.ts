/**
 * A program's settings as one table. Keys are camelCase; every other name follows from the key:
 * `postRetentionSeconds` is the setting `post_retention_seconds`, the flag
 * `--post-retention-seconds`, the variable `THUNDER_POST_RETENTION_SECONDS`, and the key
 * `post_retention_seconds` of the settings file.
 */
import { flagText, type Setting } from './setting.ts';

export type SettingsRecord = Readonly<Record<string, Setting<unknown>>>;

export type ValuesOf<S extends SettingsRecord> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

export interface SettingsTable<S extends SettingsRecord> {
  readonly settings: S;
  /**
   * Combinations that cannot work, one sentence each. Called once every single value is good.
   */
  check(values: ValuesOf<S>): readonly string[];
}

/** The typed values of a table: `SettingsOf<typeof serveSettings>`. */
export type SettingsOf<T> = T extends SettingsTable<infer S> ? ValuesOf<S> : never;

export interface SettingNames {
  readonly key: string;
  /** `post_retention_seconds` */
  readonly name: string;
  /** `--post-retention-seconds` */
  readonly flag: string;
  /** `THUNDER_POST_RETENTION_SECONDS` */
  readonly environment: string;
}

export const environmentPrefix = 'THUNDER_';

/** Names that the reader of settings keeps for itself. */
export const configName = 'config';

/**
 * Makes a table. Throws a plain Error for a table that contradicts itself (a default outside its
 * own bounds, two settings with one name): that is a bug, not a user's mistake.
 */
export function defineSettings<const S extends SettingsRecord>(
  settings: S,
  check: (values: ValuesOf<S>) => readonly string[] = () => [],
): SettingsTable<S> {
  const taken = new Set([configName]);
  for (const [key, setting] of Object.entries(settings)) {
    if (!/^[a-z][a-zA-Z0-9]*$/.test(key)) {
      throw new Error(`setting key ${key} is not camelCase`);
    }
    const { name } = namesOf(key);
    for (const claimed of setting.kind === 'secret' ? [name, `${name}_file`] : [name]) {
      if (taken.has(claimed)) {
        throw new Error(`setting name ${claimed} is taken twice`);
      }
      taken.add(claimed);
    }
    if (setting.default !== undefined && !setting.parseText(flagText(setting.default)).ok) {
      throw new Error(`default of ${name} is ${flagText(setting.default)}: ${setting.allowed}`);
    }
  }
  return { settings, check };
}

export function namesOf(key: string): SettingNames {
  const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { key, name, flag: flagOf(name), environment: environmentOf(name) };
}

/** `post_retention_seconds` -> `--post-retention-seconds` */
export function flagOf(name: string): string {
  return `--${name.replaceAll('_', '-')}`;
}

/** `post_retention_seconds` -> `THUNDER_POST_RETENTION_SECONDS` */
export function environmentOf(name: string): string {
  return `${environmentPrefix}${name.toUpperCase()}`;
}

/** Every name under which the table's settings can be given, `<secret>_file` included. */
export function acceptedNames(settings: SettingsRecord): string[] {
  return Object.entries(settings).flatMap(([key, setting]) => {
    const { name } = namesOf(key);
    return setting.kind === 'secret' ? [name, `${name}_file`] : [name];
  });
}
