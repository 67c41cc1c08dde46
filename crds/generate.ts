/**
 * Writes what comes out of the schema: the CRD, the TypeScript types, the reference page.
 * `node crds/generate.ts`, part of `npm run gen`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toMarkdown } from './generate/to-markdown.ts';
import { toCustomResourceDefinition } from './generate/to-open-api.ts';
import { toTypeScript } from './generate/to-typescript.ts';
import { toYaml } from './generate/to-yaml.ts';

const root = path.resolve(import.meta.dirname, '..');

/** Path in the repository to text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['crds/gen/thunder-fleet.ts', toTypeScript()],
    [
      'crds/gen/thunderfleets.yaml',
      `# Written by \`npm run gen\` from crds/thunder-fleet/.\n${toYaml(toCustomResourceDefinition())}`,
    ],
    ['docs/reference/thunderfleet.md', toMarkdown()],
  ]);
}

if (import.meta.main) {
  for (const [name, text] of generatedFiles()) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}
