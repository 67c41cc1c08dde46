/** What Node.js is started with, for those who start it without `cli/node`. */
import { readFileSync } from 'node:fs';

/** The lines of `cli/node.flags`, comments aside. */
export const nodeFlags: readonly string[] = readFileSync(
  new URL('node.flags', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line.startsWith('--'));
