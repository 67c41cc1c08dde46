/**
 * Documentation out of the tables: the reference page and the options part of `--help`. Pure, so
 * that a test can compare the committed page with what the code says.
 */
import { formatValue, type Setting } from './setting.ts';
import { namesOf, type SettingNames, type SettingsRecord } from './settings-table.ts';

export interface DocumentedTable {
  /** Heading of the part, for example the command: `thunder serve`. */
  readonly title: string;
  readonly table: { readonly settings: SettingsRecord };
}

/** One heading a table, one Markdown table a group, in the order of definition. */
export function settingsMarkdown(documented: readonly DocumentedTable[]): string {
  const parts = documented.map(({ title, table }) => {
    const groups = grouped(table.settings).map(
      ([group, entries]) =>
        `### ${group}\n\n` +
        '| Name | Flag | Environment | Type | Unit | Default | Meaning |\n' +
        '| --- | --- | --- | --- | --- | --- | --- |\n' +
        entries.map(([names, setting]) => markdownRow(names, setting)).join(''),
    );
    return `## ${title}\n\n${groups.join('\n')}`;
  });
  return parts.join('\n');
}

/** The options of `--help`, grouped, wrapped to `width` columns (at least 40). */
export function settingsHelp(table: { readonly settings: SettingsRecord }, width: number): string {
  const groups = grouped(table.settings).map(([group, entries]) => {
    const options = entries.map(([names, setting]) => helpEntry(names, setting, width));
    return `${group}:\n${options.join('')}`;
  });
  return groups.join('\n');
}

type Entry = readonly [SettingNames, Setting<unknown>];

function grouped(settings: SettingsRecord): [string, Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const [key, setting] of Object.entries(settings)) {
    const entries = groups.get(setting.group) ?? [];
    entries.push([namesOf(key), setting]);
    groups.set(setting.group, entries);
  }
  return [...groups];
}

function flagOfSetting(names: SettingNames, setting: Setting<unknown>): string {
  return setting.kind === 'secret' ? `${names.flag}-file` : names.flag;
}

function defaultOf(setting: Setting<unknown>): string {
  if (setting.default !== undefined) {
    return formatValue(setting.default) || 'empty';
  }
  return setting.optional ? 'none' : 'required';
}

function markdownRow(names: SettingNames, setting: Setting<unknown>): string {
  const variable = `\`${names.environment}\``;
  const cells = [
    `\`${names.name}\``,
    `\`${flagOfSetting(names, setting)}\``,
    setting.kind === 'secret' ? `${variable}, \`${names.environment}_FILE\`` : variable,
    setting.kind === 'secret' ? 'secret; the flag names a file that holds it' : setting.allowed,
    setting.unit,
    defaultOf(setting),
    setting.description,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
}

function helpEntry(names: SettingNames, setting: Setting<unknown>, width: number): string {
  const indent = ' '.repeat(6);
  const placeholder = setting.kind === 'boolean' ? '' : ` <${placeholderOf(setting)}>`;
  const secretNote =
    setting.kind === 'secret' ? ` A file that holds it; or set ${names.environment}.` : '';
  const text = `${setting.description}${secretNote} [${defaultNote(setting)}]`;
  const negation = setting.kind === 'boolean' ? `, --no-${names.flag.slice(2)}` : '';
  return `  ${flagOfSetting(names, setting)}${placeholder}${negation}\n${wrap(text, Math.max(40, width), indent)}`;
}

function placeholderOf(setting: Setting<unknown>): string {
  switch (setting.kind) {
    case 'choice':
      return setting.allowed.replace(/^one of /, '').replaceAll(', ', '|');
    case 'secret':
      return 'path';
    case 'host:port list':
      return 'host:port,…';
    case 'list':
      return 'a,b,…';
    default:
      return setting.unit === '' ? setting.kind : setting.unit;
  }
}

function defaultNote(setting: Setting<unknown>): string {
  const value = defaultOf(setting);
  if (value === 'required' || value === 'none') {
    return value === 'none' ? 'optional' : value;
  }
  return `default: ${value}${setting.unit === '' ? '' : ` ${setting.unit}`}`;
}

function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => `${indent}${each}\n`).join('');
}
