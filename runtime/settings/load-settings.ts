/**
 * Reads a table of settings from the command line, the environment and a file. Flag beats
 * environment beats file beats default. Either every value is good, or one error lists everything
 * that is wrong, so that a user corrects it in one go.
 */
import { ConfigurationError } from '../errors.ts';
import { nearestName } from './nearest-name.ts';
import { type ExtraFlag, type FlagShape, parseFlags } from './parse-flags.ts';
import { formatValue, type Setting } from './setting.ts';
import {
  cut,
  type Found,
  find,
  findSecret,
  ourVariables,
  type ReadFile,
  readSettingsFile,
  type SettingSource,
  type Sources,
} from './setting-sources.ts';
import {
  acceptedNames,
  configName,
  environmentOf,
  environmentPrefix,
  flagOf,
  namesOf,
  type SettingNames,
  type SettingsRecord,
  type SettingsTable,
  type ValuesOf,
} from './settings-table.ts';

/** Most problems listed in one error; the rest are counted. */
export const problemsListedMax = 50;

export interface LoadInput {
  /** Without the program's and the command's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
  /** Flags that the caller handles itself; returned in `extra`. */
  readonly extraFlags?: readonly ExtraFlag[];
  /** Names (`grpc_port`) that belong to other commands: passed over in environment and file. */
  readonly otherNames?: Iterable<string>;
  /** Most arguments that are not flags; default none. */
  readonly positionalsMax?: number;
}

export interface LoadedSettings<S extends SettingsRecord> {
  readonly values: ValuesOf<S>;
  /** By key, like the values. */
  readonly sources: Readonly<Record<string, SettingSource>>;
  readonly positionals: readonly string[];
  /** The extra flags that were given, by name without dashes; `true` for those without a value. */
  readonly extra: ReadonlyMap<string, string>;
}

/** Everything that is wrong with a program's settings; the message has one line a problem. */
export class SettingsError extends ConfigurationError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(describeProblems(problems));
    this.problems = problems;
  }
}

/**
 * The values, and where each came from. An empty environment variable counts as absent. Throws
 * SettingsError.
 */
export function loadSettings<const S extends SettingsRecord>(
  table: SettingsTable<S>,
  input: LoadInput,
): LoadedSettings<S> {
  const problems: string[] = [];
  const known = acceptedNames(table.settings);
  const ignored = new Set(input.otherNames ?? []);
  const extraFlags = (input.extraFlags ?? []).map((extra) => ({ ...extra, flag: dashed(extra) }));

  const flags = parseFlags(input.argv, flagShapes(table.settings, extraFlags));
  problems.push(...flags.problems);
  const knownFlags = [...acceptedFlags(table.settings), ...extraFlags.map(({ flag }) => flag)];
  for (const flag of flags.unknown) {
    problems.push(`unknown flag ${cut(flag)}${didYouMean(nearestName(flag, knownFlags))}`);
  }
  const positionalsMax = input.positionalsMax ?? 0;
  for (const positional of flags.positionals.slice(positionalsMax)) {
    problems.push(`unexpected argument ${quote(positional)}`);
  }

  const env = ourVariables(input.env);
  for (const variable of env.keys()) {
    const name = variable.slice(environmentPrefix.length).toLowerCase();
    if (name !== configName && !known.includes(name) && !ignored.has(name)) {
      const nearest = nearestName(variable, [...known, configName].map(environmentOf));
      problems.push(`unknown environment variable ${cut(variable)}${didYouMean(nearest)}`);
    }
  }

  const filePath = flags.given.get(flagOf(configName)) ?? env.get(environmentOf(configName)) ?? '';
  const file: ReadonlyMap<string, unknown> =
    filePath === '' ? new Map() : readSettingsFile(filePath, input.readFile, problems);
  for (const name of file.keys()) {
    if (!known.includes(name) && !ignored.has(name)) {
      const nearest = nearestName(name, known);
      problems.push(`unknown setting ${quote(name)} in ${filePath}${didYouMean(nearest)}`);
    }
  }

  const values: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  const given: Sources = { flags, env, file, filePath };
  let areAllGood = true;
  for (const [key, setting] of Object.entries(table.settings)) {
    const problemsBefore = problems.length;
    const names = namesOf(key);
    const found =
      setting.kind === 'secret'
        ? findSecret(names, given, input.readFile, problems)
        : find(names, given);
    const isUnexplained = problems.length === problemsBefore;
    const isRequired = setting.default === undefined && !setting.optional;
    if (found === undefined && isUnexplained && isRequired) {
      problems.push(missing(names, setting));
    }
    const value = found === undefined ? setting.default : parse(names, setting, found, problems);
    values[key] = value;
    sources[key] = found?.source ?? { kind: value === undefined ? 'unset' : 'default', name: '' };
    areAllGood &&= problems.length === problemsBefore;
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- each value came from its own setting's parser
  const typed = values as ValuesOf<S>;
  // Checks of combinations need every value; unknown names elsewhere do not stand in their way.
  if (areAllGood) {
    problems.push(...table.check(typed));
  }
  if (problems.length > 0) {
    throw new SettingsError(problems);
  }
  return {
    values: typed,
    sources,
    positionals: flags.positionals,
    extra: new Map(
      extraFlags.flatMap(({ name, flag }) => {
        const value = flags.given.get(flag);
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
  };
}

function dashed(extra: ExtraFlag): string {
  return extra.name.length === 1 ? `-${extra.name}` : `--${extra.name}`;
}

function flagShapes(
  settings: SettingsRecord,
  extraFlags: readonly { readonly flag: string; readonly takesValue: boolean }[],
): ReadonlyMap<string, FlagShape> {
  const shapes = new Map<string, FlagShape>([[flagOf(configName), 'value']]);
  for (const { flag, takesValue } of extraFlags) {
    shapes.set(flag, takesValue ? 'value' : 'switch');
  }
  for (const [key, setting] of Object.entries(settings)) {
    const { flag } = namesOf(key);
    if (setting.kind === 'secret') {
      shapes.set(flag, 'secret');
      shapes.set(`${flag}-file`, 'value');
    } else {
      shapes.set(flag, setting.kind === 'boolean' ? 'switch' : 'value');
    }
  }
  return shapes;
}

function acceptedFlags(settings: SettingsRecord): string[] {
  const flags = Object.entries(settings).flatMap(([key, setting]) => {
    const { flag } = namesOf(key);
    if (setting.kind === 'secret') {
      return [`${flag}-file`];
    }
    return setting.kind === 'boolean' ? [flag, flag.replace('--', '--no-')] : [flag];
  });
  return [...flags, flagOf(configName)];
}

function parse(
  names: SettingNames,
  setting: Setting<unknown>,
  found: Found,
  problems: string[],
): unknown {
  const { value, source } = found;
  const parsed = typeof value === 'string' ? setting.parseText(value) : setting.parseJson(value);
  if (parsed.ok) {
    return parsed.value;
  }
  const where = source.kind === 'file' ? `${names.name} in ${source.name}` : source.name;
  const shown = setting.kind === 'secret' ? '' : ` is ${quote(value)}, but`;
  const wrong = parsed.item === undefined ? '' : `: ${quote(parsed.item)} does not fit`;
  problems.push(`${where}${shown} must be ${setting.allowed}${wrong}`);
  return undefined;
}

function missing(names: SettingNames, setting: Setting<unknown>): string {
  const flag = setting.kind === 'secret' ? `${names.flag}-file` : names.flag;
  return `${names.name} is required: set ${flag} or ${names.environment}`;
}

function didYouMean(nearest: string | undefined): string {
  return nearest === undefined ? '' : `, did you mean ${nearest}?`;
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? formatValue(value) : (JSON.stringify(value) ?? '');
  return JSON.stringify(cut(text));
}

function describeProblems(problems: readonly string[]): string {
  const [first] = problems;
  if (problems.length === 1 && first !== undefined) {
    return first;
  }
  const lines = problems.slice(0, problemsListedMax).map((problem) => `  ${problem}`);
  const rest = problems.length - lines.length;
  return [
    `${problems.length} problems with the settings:`,
    ...lines,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ].join('\n');
}
