/**
 * The command line, word by word: `--flag value`, `--flag=value`, `--on`, `--no-on`, `--`.
 * Knows the shape of flags, not their meaning. Values of unknown flags are never repeated in a
 * message: a mistyped `--sasl-pasword=…` must not end in a log.
 */

/** A flag that the table of settings does not have: `--help`, `--output json`, `-h`. */
export interface ExtraFlag {
  /** Without dashes; a one-letter name is given with one dash. */
  readonly name: string;
  readonly takesValue: boolean;
}

export type FlagShape = 'value' | 'switch' | 'secret';

export interface ParsedFlags {
  /** By flag with dashes (`--grpc-port`); a switch has `true` or `false`. */
  readonly given: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
  /** Flags nobody knows, as typed and without values. */
  readonly unknown: readonly string[];
  readonly problems: readonly string[];
}

/** Whether any of the flags is on the command line; for `--help`, before anything else is read. */
export function hasFlag(argv: readonly string[], ...flags: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => flags.includes(word));
}

/** Splits the words by the known flags' shapes. Never throws. */
export function parseFlags(
  argv: readonly string[],
  shapes: ReadonlyMap<string, FlagShape>,
): ParsedFlags {
  const given = new Map<string, string>();
  const positionals: string[] = [];
  const unknown: string[] = [];
  const problems: string[] = [];

  const give = (flag: string, value: string): void => {
    if (given.has(flag)) {
      problems.push(`${flag} is given more than once`);
    }
    given.set(flag, value);
  };

  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') {
      positionals.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? undefined : word.slice(equals + 1);
    const positive = `--${flag.slice('--no-'.length)}`;
    const isNegation = flag.startsWith('--no-') && shapes.get(positive) === 'switch';
    const shape = shapes.get(flag);
    const next = argv[at + 1];

    if (isNegation && shape === undefined) {
      if (attached !== undefined) {
        problems.push(`${flag} takes no value`);
      }
      give(positive, 'false');
    } else if (shape === 'switch') {
      give(flag, attached ?? 'true');
    } else if (shape === 'value') {
      if (attached !== undefined) {
        give(flag, attached);
      } else if (next === undefined || next.startsWith('--')) {
        problems.push(`${flag} needs a value`);
      } else {
        give(flag, next);
        at++;
      }
    } else {
      if (shape === 'secret') {
        give(flag, '');
      } else {
        unknown.push(flag);
      }
      // What follows most likely is its value; taking it avoids a second, misleading complaint.
      if (attached === undefined && next !== undefined && !next.startsWith('-')) {
        at++;
      }
    }
  }
  return { given, positionals, unknown, problems };
}
