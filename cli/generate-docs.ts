/**
 * Writes the reference pages that come out of the code: the second half of `npm run gen`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { commands } from './commands.ts';
import { configurationPage } from './help.ts';
import { metricsPage } from './metrics-page.ts';

const reference = path.resolve(import.meta.dirname, '../docs/reference');

writeFileSync(path.join(reference, 'configuration.md'), configurationPage(commands));
writeFileSync(path.join(reference, 'metrics.md'), await metricsPage());
