/**
 * `npm run rules`: which tests show which rule of the contract. One line per rule and test,
 * `S3 node/store/video.test.ts "S3: …"`; exit code 1 when a rule has no test, or a test named after
 * a rule asserts nothing.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSourceFiles, repositoryRoot } from './tidy/source-files.ts';

/** The contract itself: a rule is a line that begins `- E1. ` or `**P1. `. */
const contract = 'docs/reference/semantics.md';

export interface RuleTest {
  readonly rule: string;
  readonly file: string;
  readonly name: string;
  readonly asserts: boolean;
}

export const rules: readonly string[] = [
  ...readFileSync(path.join(repositoryRoot, contract), 'utf8').matchAll(
    /^(?:- |\*\*)([A-Z]\d+)\. /gm,
  ),
].map((match) => match[1] as string);

/** Every test whose name begins with one or more rules: `S3: …` or `E4, E7: …`. */
export function findRuleTests(): RuleTest[] {
  return readSourceFiles()
    .filter((file) => file.path.endsWith('.test.ts') || file.path.endsWith('.suite.ts'))
    .flatMap((file) => {
      const starts = [...file.text.matchAll(/\b(?:test|it)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g)];
      return starts.flatMap((match, index) => {
        const name = match[2] ?? '';
        const named = /^((?:[A-Z]\d+)(?:, [A-Z]\d+)*): /.exec(name);
        if (named === null) {
          return [];
        }
        const body = file.text.slice(match.index, starts[index + 1]?.index);
        const asserts = /\bassert\w*[.(]|\bexpect\w*\(|\bcheck\w*\(/.test(body);
        return (named[1] ?? '')
          .split(', ')
          .map((rule) => ({ rule, file: file.path, name, asserts }));
      });
    });
}

if (import.meta.main) {
  const tests = findRuleTests();
  let missing = 0;
  for (const rule of rules) {
    const own = tests.filter((found) => found.rule === rule);
    for (const found of own) {
      console.log(`${rule} ${found.file} ${JSON.stringify(found.name)}`);
      if (!found.asserts) {
        console.error(`${rule} ${found.file}: ${JSON.stringify(found.name)} asserts nothing`);
        missing += 1;
      }
    }
    if (own.length === 0) {
      console.error(`${rule} has no test`);
      missing += 1;
    }
  }
  process.exitCode = missing === 0 ? 0 : 1;
}
