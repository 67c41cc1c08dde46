/** The page about faults and the tests of faults name each other: none without the other. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');

/** As written in the source; `${…}` stands for anything. */
function testNames(): RegExp[] {
  return globSync('test/integration/{kafka,operator}/*.test.ts', { cwd: root })
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/\bit\(\s*(['`])(fault \d\d: .+?)\1,/gs)])
    .map(([, , name = '']) => {
      const literal = name.split(/\$\{\w+\}/).map(escaped);
      return new RegExp(`^${literal.join('.+')}$`);
    });
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

test('docs/reference/faults.md lists every test of a fault, and no other', () => {
  const page = readFileSync(path.join(root, 'docs/reference/faults.md'), 'utf8');
  const documented = [...page.matchAll(/`(fault \d\d: [^`]+)`/g)].map(([, name = '']) => name);
  const tests = testNames();
  assert.ok(tests.length > 20, `${tests.length} tests found`);
  const withoutTest = documented.filter((name) => !tests.some((one) => one.test(name)));
  assert.deepEqual(withoutTest, [], 'documented, but there is no such test');
  const undocumented = tests.filter((one) => !documented.some((name) => one.test(name)));
  assert.deepEqual(undocumented, [], 'tested, but not documented');
});

/** Of the operator and the API server; those of Kafka and the wires are many, and all in one folder. */
const operatorRows = [...Array.from({ length: 12 }, (_, index) => 44 + index), 60, 65];

test('every fault of the operator and its API server has a test', () => {
  const page = readFileSync(path.join(root, 'docs/reference/faults.md'), 'utf8');
  const without = operatorRows.filter(
    (row) => !new RegExp(`^\\| ${row} \\|.*\`fault ${row}: `, 'm').test(page),
  );
  assert.deepEqual(without, []);
});
