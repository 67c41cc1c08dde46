/**
 * Habits that a reader can rely on, checked on the sources themselves.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { readSourceFiles, repositoryRoot } from './source-files.ts';

const files = readSourceFiles();
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repositoryRoot, encoding: 'utf8' })
  .split('\0')
  .filter((name) => name !== '');

/** A file longer than this holds more than one idea. */
const linesMax = 500;
/** Kept out of a clone's size; data belongs in generators. */
const fileBytesMax = 1024 * 1024;

test('files are named in kebab-case', () => {
  const wrong = files
    .map((file) => file.path)
    .filter((name) => !name.split('/').every((part) => /^[a-z0-9]+([.-][a-z0-9]+)*$/.test(part)));
  assert.deepEqual(wrong, []);
});

test('every file begins with a comment that says its idea', () => {
  const wrong = files
    .filter((file) => !/^(#!.*\n)?\/(\*\*|\/) ?/.test(file.text))
    .map((file) => file.path);
  assert.deepEqual(wrong, []);
});

test('files are of one idea', () => {
  const wrong = files
    .map((file) => ({ path: file.path, lines: file.text.split('\n').length }))
    .filter((file) => file.lines > linesMax);
  assert.deepEqual(wrong, []);
});

test('nothing is left over', () => {
  const leftovers = /\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b|\bdebugger;/;
  const unfinished = /\b(test|it|describe)\.(only|todo)\(|\bskip: true\b/;
  const wrong = files
    .filter((file) => file.path !== 'test/tidy/tidy.test.ts')
    .filter((file) => leftovers.test(file.text) || unfinished.test(file.text))
    .map((file) => file.path);
  assert.deepEqual(wrong, []);
});

test('programs write through the logger or the command line, not the console', () => {
  const wrong = files
    .filter((file) => /^(runtime|proto|node|operator)\//.test(file.path) && !file.isTest)
    .filter((file) => /\bconsole\./.test(file.text))
    .map((file) => file.path);
  assert.deepEqual(wrong, []);
});

test('no file is large', () => {
  const wrong = tracked
    .filter((name) => name !== 'package-lock.json')
    .map((name) => ({ name, bytes: readFileSync(path.join(repositoryRoot, name)).byteLength }))
    .filter((file) => file.bytes > fileBytesMax);
  assert.deepEqual(wrong, []);
});

test('versions are exact', () => {
  const manifest = JSON.parse(
    readFileSync(path.join(repositoryRoot, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  const wrong = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).filter(
      ([, version]) => !/^(npm:[^@]+@|npm:@[^@]+@)?\d+\.\d+\.\d+$/.test(version),
    ),
  );
  assert.deepEqual(wrong, []);
});
