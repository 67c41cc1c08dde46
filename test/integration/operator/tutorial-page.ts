/**
 * A page of the documentation that can be run: its parts, and what of an answer may differ from one
 * run to the next.
 */

export type PagePart =
  | { readonly kind: 'text'; readonly line: string }
  /** A line of text that begins so: what runs there is ended by a signal. */
  | { readonly kind: 'interrupt'; readonly line: string; readonly terminal: string }
  /** In a block of ```sh: something that goes on running in a terminal of its own. */
  | { readonly kind: 'program'; readonly command: string }
  /** In a block of ```console: a line behind `$ `, and what came back until the next one. */
  | { readonly kind: 'command'; readonly command: string; readonly answer: readonly string[] };

const fence = '```';
const interruptPattern = /^Ctrl-C in the (\w+) terminal /;

/** Throws for a line of a console block that answers no command. */
export function parsePage(text: string): PagePart[] {
  const parts: PagePart[] = [];
  let block: string | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith(fence)) {
      block = block === undefined ? line.slice(fence.length) : undefined;
      parts.push({ kind: 'text', line });
    } else if (block === 'sh') {
      parts.push({ kind: 'program', command: line });
    } else if (block !== 'console') {
      const terminal = interruptPattern.exec(line)?.[1];
      parts.push(
        terminal === undefined ? { kind: 'text', line } : { kind: 'interrupt', line, terminal },
      );
    } else if (line.startsWith('$ ')) {
      parts.push({ kind: 'command', command: line.slice(2), answer: [] });
    } else {
      const last = parts.pop();
      if (last?.kind !== 'command') throw new Error(`not the answer of a command: ${line}`);
      parts.push({ ...last, answer: [...last.answer, line] });
    }
  }
  return parts;
}

/** The page again. */
export function renderPage(parts: readonly PagePart[]): string {
  return parts.flatMap(linesOf).join('\n');
}

function linesOf(part: PagePart): readonly string[] {
  if (part.kind === 'command') return [`$ ${part.command}`, ...part.answer];
  return [part.kind === 'program' ? part.command : part.line];
}

/**
 * What has to be equal in two runs of a command. Left out are: ages and other durations in columns,
 * addresses, hashes and what is generated in names, widths of columns, the order of Events, which come within
 * one second, and how often `rollout status` says how far it is.
 */
export function comparable(command: string, answer: readonly string[]): string[] {
  const lines = answer
    .filter((line) => !line.startsWith('Waiting for deployment '))
    .map((line) =>
      line
        .replaceAll(/(?<=^| )(\d+[smhd]){1,2}(?= |$)/g, 'AGE')
        .replaceAll(/\b(10|127)(\.\d{1,3}){3}\b/g, 'ADDRESS')
        .replaceAll(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '-POD')
        .replaceAll(/\b[0-9a-f]{10}\b/g, 'REVISION')
        .replaceAll(/ +/g, ' ')
        .trimEnd(),
    );
  return command.startsWith('kubectl events ') ? lines.toSorted() : lines;
}
