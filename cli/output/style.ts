/**
 * What a stream can show: colours, width, moving lines.
 */
export interface OutputStyle {
  readonly colour: boolean;
  /** Columns; null when the stream is no terminal and lines may be as long as they like. */
  readonly width: number | null;
}

/** A stream to write to, as much of `process.stdout` as is needed. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/**
 * Colour only on a terminal, and never with NO_COLOR set to anything but the empty string
 * (no-color.org) or TERM=dumb.
 */
export function styleOf(
  stream: OutputStream,
  environment: Readonly<Record<string, string | undefined>>,
): OutputStyle {
  const terminal = stream.isTTY === true;
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return { colour: terminal && !refused, width: terminal ? (stream.columns ?? 80) : null };
}

export type Emphasis = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const codes: Readonly<Record<Emphasis, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** The text with emphasis, or as it is where colours are not wanted. */
export function emphasise(text: string, emphasis: Emphasis, style: OutputStyle): string {
  if (!style.colour) return text;
  const [on, off] = codes[emphasis];
  return `\u001B[${on}m${text}\u001B[${off}m`;
}

/** Control characters, which could move the cursor of whoever prints foreign text, become `?`. */
export function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

/** At most `width` characters; a cut is shown by an ellipsis. */
export function cutTo(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width <= 1
    ? characters.slice(0, width).join('')
    : `${characters.slice(0, width - 1).join('')}…`;
}
