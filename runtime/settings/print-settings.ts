/**
 * `--print-config`: every setting, its value and where it came from. Secrets never.
 */
import type { LoadedSettings } from './load-settings.ts';
import { formatValue } from './setting.ts';
import type { SettingSource } from './setting-sources.ts';
import { namesOf, type SettingsRecord, type SettingsTable } from './settings-table.ts';

export const redacted = '<redacted>';
const unset: SettingSource = { kind: 'unset', name: '' };

/** Ends with a line feed; `json` is one object of `{value, source, sourceName}` by setting name. */
export function printSettings<S extends SettingsRecord>(
  table: SettingsTable<S>,
  loaded: Pick<LoadedSettings<S>, 'values' | 'sources'>,
  format: 'text' | 'json',
): string {
  const values: Readonly<Record<string, unknown>> = loaded.values;
  const rows = Object.entries(table.settings).map(([key, setting]) => ({
    name: namesOf(key).name,
    value: shown(values[key], setting.kind === 'secret'),
    source: loaded.sources[key] ?? unset,
  }));
  if (format === 'json') {
    const entries = rows.map(({ name, value, source }) => [
      name,
      { value: value ?? null, source: source.kind, sourceName: source.name },
    ]);
    return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  }
  const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length));
  return rows
    .map(({ name, value, source }) => {
      const text = value === undefined ? '' : formatValue(value);
      return `${name.padEnd(nameWidth)} = ${text}  # ${`${source.kind} ${source.name}`.trim()}\n`;
    })
    .join('');
}

function shown(value: unknown, isSecret: boolean): unknown {
  if (value !== undefined && isSecret) {
    return redacted;
  }
  if (Array.isArray(value)) {
    return value.map((item) => formatValue(item));
  }
  return typeof value === 'string' ? formatValue(value) : value;
}
