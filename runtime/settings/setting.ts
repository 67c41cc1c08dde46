/**
 * One setting: what it is called, what it may be, what it means. A table of these is the only place
 * where a program's settings exist; reading, printing, `--help` and the reference page come from it.
 *
 * A setting with a `default` always has a value; one that is `optional` may be undefined; one that
 * is neither is required, and its absence is reported with every other problem.
 */
export type SettingKind =
  | 'integer'
  | 'number'
  | 'boolean'
  | 'string'
  | 'choice'
  | 'list'
  | 'host:port list'
  | 'path'
  | 'secret';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** Of a list of several: the first item that is wrong. */
      readonly item?: unknown;
    };

export interface Setting<T> {
  readonly kind: SettingKind;
  readonly group: string;
  readonly description: string;
  /** Unit of the value in whole words (`seconds`), empty where there is none. */
  readonly unit: string;
  /** Completes the sentence "must be …". */
  readonly allowed: string;
  readonly optional: boolean;
  readonly default: T | undefined;
  /** A value as written in a flag, a variable, or a string of the settings file. */
  readonly parseText: (text: string) => Parsed<T>;
  /** A value of the settings file that is not a string. */
  readonly parseJson: (value: unknown) => Parsed<T>;
}

interface CommonOptions<T> {
  readonly description: string;
  readonly default?: T;
  readonly optional?: boolean;
  /** Heading in `--help` and in the reference; see also `inGroup`. */
  readonly group?: string;
}

/** `T`, or `T | undefined` when the options say `optional: true`. */
type ValueFor<T, O> = O extends { readonly optional: true } ? T | undefined : T;

export const generalGroup = 'General';

/** Longest text value, in UTF-16 units. Longer ones are refused. */
export const settingTextMax = 4_096;
/** Most items of a list. Longer lists are refused. */
export const settingItemsMax = 1_000;

const refused = { ok: false } as const;

function accepted<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

function build<T, O extends CommonOptions<T>>(
  options: O,
  rest: {
    readonly kind: SettingKind;
    readonly allowed: string;
    readonly unit?: string | undefined;
    readonly parseText: (text: string) => Parsed<T>;
    readonly parseJson?: (value: unknown) => Parsed<T>;
  },
): Setting<ValueFor<T, O>> {
  const setting: Setting<T> = {
    kind: rest.kind,
    group: options.group ?? generalGroup,
    description: options.description,
    unit: rest.unit ?? '',
    allowed: rest.allowed,
    optional: options.optional ?? false,
    default: options.default,
    parseText: rest.parseText,
    parseJson: rest.parseJson ?? (() => refused),
  };
  return setting;
}

interface NumericOptions extends CommonOptions<number> {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

function numericAllowed(noun: string, options: NumericOptions): string {
  const unit = options.unit === undefined ? '' : ` of ${options.unit}`;
  return `${noun}${unit} from ${options.min} to ${options.max}`;
}

/** A whole number from `min` to `max`, both included. */
export function integer<const O extends NumericOptions>(options: O): Setting<ValueFor<number, O>> {
  const within = (value: number): Parsed<number> =>
    Number.isSafeInteger(value) && value >= options.min && value <= options.max
      ? accepted(value)
      : refused;
  return build<number, O>(options, {
    kind: 'integer',
    unit: options.unit,
    allowed: numericAllowed('a whole number', options),
    parseText: (text) => (/^-?\d{1,16}$/.test(text) ? within(Number(text)) : refused),
    parseJson: (value) => (typeof value === 'number' ? within(value) : refused),
  });
}

/** A decimal number from `min` to `max`, both included; no infinities. */
export function number<const O extends NumericOptions>(options: O): Setting<ValueFor<number, O>> {
  const within = (value: number): Parsed<number> =>
    Number.isFinite(value) && value >= options.min && value <= options.max
      ? accepted(value)
      : refused;
  return build<number, O>(options, {
    kind: 'number',
    unit: options.unit,
    allowed: numericAllowed('a number', options),
    parseText: (text) =>
      /^-?\d{1,32}(\.\d{1,32})?(e-?\d{1,3})?$/i.test(text) ? within(Number(text)) : refused,
    parseJson: (value) => (typeof value === 'number' ? within(value) : refused),
  });
}

/** On the command line `--name` and `--no-name`; elsewhere `true` or `false`. */
export function boolean<const O extends CommonOptions<boolean>>(
  options: O,
): Setting<ValueFor<boolean, O>> {
  return build<boolean, O>(options, {
    kind: 'boolean',
    allowed: 'true or false',
    parseText: (text) =>
      text === 'true' || text === 'false' ? accepted(text === 'true') : refused,
    parseJson: (value) => (typeof value === 'boolean' ? accepted(value) : refused),
  });
}

interface StringOptions extends CommonOptions<string> {
  /** What the whole text has to match; needs `allowed`. */
  readonly pattern?: RegExp;
  /** Completes "must be …"; default: "text of 1 to 4096 characters". */
  readonly allowed?: string;
  readonly unit?: string;
}

/** Text without control characters, not empty. */
export function string<const O extends StringOptions>(options: O): Setting<ValueFor<string, O>> {
  return build<string, O>(options, {
    kind: 'string',
    unit: options.unit,
    allowed: options.allowed ?? `text of 1 to ${settingTextMax} characters`,
    parseText: (text) =>
      isPlainText(text) && (options.pattern?.test(text) ?? true) ? accepted(text) : refused,
  });
}

/** One of a fixed set of words; case matters. */
export function oneOf<const V extends string, const O extends CommonOptions<NoInfer<V>>>(
  words: readonly V[],
  options: O,
): Setting<ValueFor<V, O>> {
  return build<V, O>(options, {
    kind: 'choice',
    allowed: `one of ${words.join(', ')}`,
    parseText: (text) => {
      const word = words.find((candidate) => candidate === text);
      return word === undefined ? refused : accepted(word);
    },
  });
}

interface ListOptions extends CommonOptions<readonly string[]> {
  /** What every item has to match; needs `allowed`. */
  readonly itemPattern?: RegExp;
  /** Completes "must be …". */
  readonly allowed?: string;
}

/** Texts separated by commas (in the settings file also an array). An empty text is an empty list. */
export function list<const O extends ListOptions>(
  options: O,
): Setting<ValueFor<readonly string[], O>> {
  return build<readonly string[], O>(options, {
    kind: 'list',
    allowed: options.allowed ?? `a list of at most ${settingItemsMax} texts separated by commas`,
    ...listParsers((item) => options.itemPattern?.test(item) ?? true, 0),
  });
}

/** One or more `host:port` separated by commas; IPv6 addresses in brackets. Values stay texts. */
export function hostPorts<const O extends CommonOptions<readonly string[]>>(
  options: O,
): Setting<ValueFor<readonly string[], O>> {
  return build<readonly string[], O>(options, {
    kind: 'host:port list',
    allowed: 'one or more host:port separated by commas, ports from 1 to 65535',
    ...listParsers((item) => parseHostPort(item) !== undefined, 1),
  });
}

/** The path of a file or directory; whether it exists is the reader's business. */
export function path<const O extends CommonOptions<string>>(
  options: O,
): Setting<ValueFor<string, O>> {
  return build<string, O>(options, {
    kind: 'path',
    allowed: `a path of 1 to ${settingTextMax} characters`,
    parseText: (text) => (isPlainText(text) ? accepted(text) : refused),
  });
}

interface SecretOptions {
  readonly description: string;
  readonly optional?: boolean;
  readonly group?: string;
}

/**
 * A password or token. Comes from its environment variable, or from a file named by `<name>_file`
 * (flag, variable or settings file): never from a flag, which every process list shows, nor from
 * the settings file, which is not a place for secrets.
 */
export function secret<const O extends SecretOptions>(options: O): Setting<ValueFor<string, O>> {
  return build<string, O>(options, {
    kind: 'secret',
    allowed: `text of 1 to ${settingTextMax} characters`,
    parseText: (text) => (isPlainText(text) ? accepted(text) : refused),
  });
}

/** The same settings under one heading. */
export function inGroup<S extends Readonly<Record<string, Setting<unknown>>>>(
  group: string,
  settings: S,
): S {
  const entries = Object.entries(settings).map(([key, setting]) => [key, { ...setting, group }]);
  // oxlint-disable-next-line no-unsafe-type-assertion -- same keys, same settings
  return Object.fromEntries(entries) as S;
}

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port` or `[ipv6]:port`; undefined when it is neither. */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.length > 300) {
    return undefined;
  }
  const match =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** A value as it would be written in a flag. */
export function flagText(value: unknown): string {
  if (Array.isArray(value)) {
    return value.join(',');
  }
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** The same for people to read: passwords inside URLs are left out. */
export function formatValue(value: unknown): string {
  return flagText(value).replace(/\/\/[^/@\s]*@/g, '//<redacted>@');
}

function isPlainText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  return text.length > 0 && text.length <= settingTextMax && !/[\u0000-\u001f\u007f]/.test(text);
}

function listParsers(
  isItem: (item: string) => boolean,
  itemsMin: number,
): {
  parseText: (text: string) => Parsed<readonly string[]>;
  parseJson: (value: unknown) => Parsed<readonly string[]>;
} {
  const isGood = (item: unknown): item is string =>
    typeof item === 'string' && isPlainText(item) && !item.includes(',') && isItem(item);
  const check = (items: readonly unknown[]): Parsed<readonly string[]> => {
    const fits = items.length >= itemsMin && items.length <= settingItemsMax;
    if (fits && items.every(isGood)) {
      return accepted(items);
    }
    const wrong = items.findIndex((item) => !isGood(item));
    return items.length > 1 && wrong >= 0 ? { ok: false, item: items[wrong] } : refused;
  };
  return {
    parseText: (text) =>
      check(text.trim() === '' ? [] : text.split(',').map((item) => item.trim())),
    parseJson: (value) => (Array.isArray(value) ? check(value) : refused),
  };
}
