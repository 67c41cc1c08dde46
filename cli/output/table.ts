/**
 * Plain tables: columns aligned by spaces, cut to the terminal's width.
 */
import { cutTo, emphasise, type OutputStyle, withoutControls } from './style.ts';

export interface TableColumn {
  readonly title: string;
  /** Numbers read better on the right. Default `left`. */
  readonly align?: 'left' | 'right';
}

const gap = '  ';

/**
 * The table as lines, each ended; only the title line when there are no rows. A row has one cell for
 * each column; missing ones are empty. Control characters in cells are replaced.
 */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: OutputStyle,
): string {
  const cells = rows.map((row) => columns.map((_, index) => withoutControls(row[index] ?? '')));
  const widths = columns.map((column, index) =>
    cells.reduce(
      (widest, row) => Math.max(widest, lengthOf(row[index] ?? '')),
      lengthOf(column.title),
    ),
  );
  const lineOf = (row: readonly string[]): string => {
    const line = row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(gap)
      .trimEnd();
    return style.width === null ? line : cutTo(line, style.width);
  };
  const title = emphasise(lineOf(columns.map((column) => column.title)), 'bold', style);
  return `${[title, ...cells.map(lineOf)].join('\n')}\n`;
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - lengthOf(cell)));
  return align === 'right' ? space + cell : cell + space;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
