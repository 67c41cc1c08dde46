/**
 * The project's own TypeScript files with their imports, read as text: what the structure tests judge.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Top-level folders that hold TypeScript. */
const roots = ['runtime', 'proto', 'crds', 'node', 'operator', 'cli', 'bench', 'test'];

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Targets of `import … from` and `export … from`: repository paths for ours, bare names for packages. */
  readonly imports: readonly string[];
  readonly isTest: boolean;
}

export const repositoryRoot = path.resolve(import.meta.dirname, '../..');

export function readSourceFiles(): SourceFile[] {
  return globSync(
    roots.map((root) => `${root}/**/*.ts`),
    {
      cwd: repositoryRoot,
      exclude: (name) => name.includes('node_modules') || name.includes('proto/gen'),
    },
  )
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => !name.startsWith('proto/gen/'))
    .toSorted()
    .map((name) => {
      const text = readFileSync(path.join(repositoryRoot, name), 'utf8');
      return {
        path: name,
        text,
        imports: importsOf(name, text),
        isTest: /\.(test|suite)\.ts$/.test(name) || name.startsWith('test/'),
      };
    });
}

const importPattern =
  /^\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/gm;

export function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const target = (match[1] ?? match[2] ?? match[3]) as string;
    if (target.startsWith('#')) {
      return target.slice(1);
    }
    if (target.startsWith('.')) {
      return path.posix.join(path.posix.dirname(file), target);
    }
    return target;
  });
}
