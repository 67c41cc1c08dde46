/** The same measurement for each size of the data that was asked for. */
import { type BenchIo, sizesOf } from './bench.ts';
import { type DataFile, openDataFile } from './data-file.ts';
import type { BenchRow } from './report.ts';

interface SizeSettings {
  readonly seed: number;
  readonly posts: readonly string[];
  readonly dataDirectory: string | undefined;
}

/** Rows of one size after those of another; data that is not there yet is generated. */
export async function rowsBySize(
  { seed, posts, dataDirectory: directory }: SizeSettings,
  io: BenchIo,
  measure: (data: DataFile) => Promise<readonly BenchRow[]>,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of sizesOf(posts)) {
    rows.push(...(await measure(await openDataFile({ seed, posts: size, directory }, io))));
  }
  return rows;
}
