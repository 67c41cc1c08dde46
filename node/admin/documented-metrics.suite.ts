/**
 * The metrics that the reference page promises.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const page = path.resolve(import.meta.dirname, '../../docs/reference/metrics.md');

/** The names that the page lists for one command. */
export function documentedMetrics(command: 'thunder serve' | 'thunder transform'): string[] {
  const text = readFileSync(page, 'utf8').split(`## ${command}\n`)[1] ?? '';
  return [...(text.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
    (match) => match[1] ?? '',
  );
}
