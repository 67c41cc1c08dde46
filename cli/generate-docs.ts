/**
 * Writes the configuration page out of the settings tables: the second half of `npm run gen`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { commands } from './commands.ts';
import { configurationPage } from './help.ts';

writeFileSync(
  path.resolve(import.meta.dirname, '../docs/reference/configuration.md'),
  configurationPage(commands),
);
