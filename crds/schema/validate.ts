/**
 * Says everything that is wrong with a value whose defaults are applied, in the API server's terms:
 * the field's path and a sentence.
 */
import { isJsonObject } from './json.ts';
import type { Rule } from './rules.ts';
import {
  isRequired,
  type ListSchema,
  type ObjectSchema,
  type Schema,
  type TextSchema,
} from './schema.ts';

export interface Problem {
  /** `spec.kafka.brokers[0]` */
  readonly path: string;
  /** Completes the path: `must be …`. */
  readonly message: string;
}

/** Problems reported of one object; a reader mends a few at a time. */
export const problemsMax = 20;

/** `old` is what was there before, for rules about changes; undefined for a new object. */
export function validate(schema: Schema, value: unknown, path: string, old?: unknown): Problem[] {
  return problemsOf(schema, value, path, old).slice(0, problemsMax);
}

function problemsOf(schema: Schema, value: unknown, path: string, old: unknown): Problem[] {
  const wrong = (message: string): Problem[] => [{ path, message }];
  const own = ownProblem(schema, value);
  if (own !== undefined) {
    return wrong(own);
  }
  const inside =
    schema.kind === 'object'
      ? fieldProblems(schema, value, path, old)
      : schema.kind === 'list'
        ? itemProblems(schema, value, path, old)
        : [];
  // Rules suppose values of the right kinds, as they do in the API server.
  return inside.length > 0 ? inside : ruleProblems(schema.rules ?? [], value, path, old);
}

function ownProblem(schema: Schema, value: unknown): string | undefined {
  switch (schema.kind) {
    case 'object':
    case 'opaque':
      return isJsonObject(value) ? undefined : 'must be an object';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'integer':
      return Number.isSafeInteger(value) &&
        Number(value) >= schema.min &&
        Number(value) <= schema.max
        ? undefined
        : `must be a whole number from ${schema.min} to ${schema.max}`;
    case 'text':
      return textProblem(schema, value);
    case 'list':
      return Array.isArray(value) &&
        value.length >= schema.itemsMin &&
        value.length <= schema.itemsMax
        ? undefined
        : `must be a list of ${schema.itemsMin} to ${schema.itemsMax} items`;
    default: {
      if (!isJsonObject(value) || Object.keys(value).length > schema.entriesMax) {
        return `must be an object of at most ${schema.entriesMax} texts`;
      }
      const bad = Object.entries(value).find(([, each]) => textProblem(schema.values, each));
      return bad === undefined ? undefined : `at ${bad[0]} ${textProblem(schema.values, bad[1])}`;
    }
  }
}

function textProblem(schema: TextSchema, given: unknown): string | undefined {
  const value = schema.orInteger === true && Number.isSafeInteger(given) ? String(given) : given;
  if (schema.choices !== undefined) {
    return typeof value === 'string' && schema.choices.includes(value)
      ? undefined
      : `must be one of ${schema.choices.join(', ')}`;
  }
  if (typeof value !== 'string') {
    return 'must be a text';
  }
  // The API server counts characters, not UTF-16 units.
  const length = Array.from(value).length;
  if (length < schema.lengthMin || length > schema.lengthMax) {
    return `must have ${schema.lengthMin} to ${schema.lengthMax} characters`;
  }
  if (schema.format === 'time') {
    return Number.isNaN(Date.parse(value)) ? 'must be a time, RFC 3339' : undefined;
  }
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value)
    ? undefined
    : `must match ${schema.pattern}`;
}

function fieldProblems(
  schema: ObjectSchema,
  value: unknown,
  path: string,
  old: unknown,
): Problem[] {
  const given = isJsonObject(value) ? value : {};
  const before = isJsonObject(old) ? old : {};
  return Object.entries(schema.fields).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (given[name] === undefined) {
      return isRequired(field) ? [{ path: at, message: 'is required' }] : [];
    }
    return problemsOf(field, given[name], at, before[name]);
  });
}

function itemProblems(schema: ListSchema, value: unknown, path: string, old: unknown): Problem[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const before: readonly unknown[] = Array.isArray(old) ? old : [];
  const { key } = schema;
  const keyOf = (each: unknown): unknown =>
    key !== undefined && isJsonObject(each) ? each[key] : each;
  const isUnique = key !== undefined || schema.items.kind === 'text';
  const seen = new Set<unknown>();
  return items.flatMap((each, at) => {
    const problems = problemsOf(
      schema.items,
      each,
      `${path}[${at}]`,
      key === undefined ? undefined : before.find((other) => keyOf(other) === keyOf(each)),
    );
    if (isUnique && seen.has(keyOf(each))) {
      problems.push({
        path: `${path}[${at}]${key === undefined ? '' : `.${key}`}`,
        message: 'must be different from the others',
      });
    }
    seen.add(keyOf(each));
    return problems;
  });
}

function ruleProblems(
  rules: readonly Rule[],
  value: unknown,
  path: string,
  old: unknown,
): Problem[] {
  return rules
    .filter((rule) => !(rule.isTransition && old === undefined) && !rule.holds(value, old))
    .map((rule) => ({ path: `${path}${rule.fieldPath ?? ''}`, message: rule.message }));
}
