/**
 * Where the values of settings come from: flags, the environment, the settings file, and files that
 * hold one secret each. Finds values; does not judge them.
 */
import { messageOf } from '../errors.ts';
import type { ParsedFlags } from './parse-flags.ts';
import { environmentPrefix, type SettingNames } from './settings-table.ts';

/** Largest settings file; a larger one is refused before it is parsed. */
export const settingsFileBytesMax = 1_048_576;
/** Largest file that holds one secret. */
export const secretFileBytesMax = 65_536;
export interface SettingSource {
  readonly kind: 'flag' | 'environment' | 'file' | 'secret file' | 'default' | 'unset';
  /** `--grpc-port`, `THUNDER_GRPC_PORT`, or the file's path; empty for a default. */
  readonly name: string;
}

/** Reads a whole file of at most `bytesMax` bytes or throws: `readBoundedFile`. */
export type ReadFile = (path: string, bytesMax: number) => Uint8Array;

/** A value as found, before it is parsed. */
export interface Found {
  readonly source: SettingSource;
  readonly value: unknown;
}

export interface Sources {
  readonly flags: ParsedFlags;
  readonly env: ReadonlyMap<string, string>;
  readonly file: ReadonlyMap<string, unknown>;
  readonly filePath: string;
}

/**
 * The variables that are ours and not empty. Kubernetes puts the addresses of services into every
 * container (`THUNDER_PORT=tcp://10.0.0.1:50051` for a service named `thunder`, and even
 * `THUNDER_GRPC_PORT=tcp://…` for one named `thunder-grpc`); those are not settings.
 */
export function ourVariables(
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const ours = new Map<string, string>();
  for (const [variable, value] of Object.entries(env)) {
    const isServiceLink =
      /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(variable) ||
      (variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value ?? ''));
    if (variable.startsWith(environmentPrefix) && !isServiceLink && value) {
      ours.set(variable, value);
    }
  }
  return ours;
}

/** The file's keys and values; what is wrong with it goes to `problems`, once. */
export function readSettingsFile(
  path: string,
  readFile: ReadFile,
  problems: string[],
): ReadonlyMap<string, unknown> {
  try {
    const bytes = readFile(path, settingsFileBytesMax);
    if (bytes.length > settingsFileBytesMax) {
      throw new Error(`it is larger than ${settingsFileBytesMax} bytes`);
    }
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new Error('it must hold one JSON object');
    }
    return new Map(Object.entries(parsed));
  } catch (error) {
    // The parser's message quotes the text, in which someone may have put a password.
    const why = messageOf(error).replace(/, (\.\.\.)?".*is not valid JSON$/, ': not valid JSON');
    problems.push(`cannot use the settings file ${path}: ${cut(why, 200)}`);
    return new Map();
  }
}

/** The value of a setting that is no secret, from the strongest source that has one. */
export function find(names: SettingNames, given: Sources): Found | undefined {
  const flag = given.flags.given.get(names.flag);
  if (flag !== undefined) {
    return { source: { kind: 'flag', name: names.flag }, value: flag };
  }
  const variable = given.env.get(names.environment);
  if (variable !== undefined) {
    return { source: { kind: 'environment', name: names.environment }, value: variable };
  }
  return given.file.has(names.name)
    ? { source: { kind: 'file', name: given.filePath }, value: given.file.get(names.name) }
    : undefined;
}

/** The value of a secret; wrong ways to give one, and unreadable files, go to `problems`. */
export function findSecret(
  names: SettingNames,
  given: Sources,
  readFile: ReadFile,
  problems: string[],
): Found | undefined {
  const fileFlag = `${names.flag}-file`;
  const fileVariable = `${names.environment}_FILE`;
  const remedy = `set ${names.environment} or ${fileFlag}`;
  if (given.flags.given.has(names.flag)) {
    problems.push(`${names.flag} is not accepted as a flag: ${remedy}`);
    return undefined;
  }
  if (given.file.has(names.name)) {
    problems.push(`${names.name} is not accepted in the settings file: ${remedy}`);
    return undefined;
  }
  if (given.env.has(names.environment) && given.env.has(fileVariable)) {
    problems.push(`${names.environment} and ${fileVariable} are both set: keep one`);
    return undefined;
  }
  const variable = given.env.get(names.environment);
  const pathInFile = given.file.get(`${names.name}_file`);
  const path = given.flags.given.get(fileFlag) ?? given.env.get(fileVariable);
  if (path === undefined && variable !== undefined) {
    return { source: { kind: 'environment', name: names.environment }, value: variable };
  }
  if (path === undefined && pathInFile === undefined) {
    return undefined;
  }
  const chosen = path ?? pathInFile;
  if (typeof chosen !== 'string') {
    problems.push(`${names.name}_file in ${given.filePath} must be a path`);
    return undefined;
  }
  try {
    const bytes = readFile(chosen, secretFileBytesMax);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { source: { kind: 'secret file', name: chosen }, value: text.replace(/\r?\n$/, '') };
  } catch (error) {
    problems.push(`cannot read ${fileFlag} ${chosen}: ${cut(messageOf(error), 200)}`);
    return undefined;
  }
}

/** For messages: user's text of bounded length. */
export function cut(text: string, lengthMax = 80): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`;
}
