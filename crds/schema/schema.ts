/**
 * The shape of a resource as data: kinds of values with their bounds, defaults, units, sentences
 * and rules. The CRD, the TypeScript types, the reference page and the checks of stored objects all
 * come from one such schema.
 *
 * A field with a `default` always has a value once defaults are applied; one that is `optional` may
 * be absent; one that is neither is required. Every list, map and text has a bound.
 */
import { durationPattern } from './duration.ts';
import type { Json } from './json.ts';
import { quantityPattern } from './quantity.ts';
import { durationWithin, type Rule, rule, self } from './rules.ts';

interface Common {
  /** Whole sentences. */
  readonly description: string;
  readonly unit?: string;
  readonly default?: Json;
  readonly optional?: boolean;
  readonly rules?: readonly Rule[];
  /** Why the field has no effect yet; the reference page says so. */
  readonly pending?: string;
}

export interface ObjectSchema extends Common {
  readonly kind: 'object';
  /** Of the TypeScript interface and of the heading in the reference page. */
  readonly name: string;
  readonly fields: Readonly<Record<string, Schema>>;
}

export interface TextSchema extends Common {
  readonly kind: 'text';
  readonly lengthMin: number;
  readonly lengthMax: number;
  readonly pattern?: string;
  readonly choices?: readonly string[];
  /** What the text stands for, where it is more than text. */
  readonly format?: 'duration' | 'quantity' | 'time';
  /** Quantities that people write as numbers, `cpu: 1`. */
  readonly orInteger?: boolean;
}

export interface IntegerSchema extends Common {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
}

export interface BooleanSchema extends Common {
  readonly kind: 'boolean';
}

export interface ListSchema extends Common {
  readonly kind: 'list';
  readonly items: Schema;
  readonly itemsMin: number;
  readonly itemsMax: number;
  /** The field that tells items apart; without one, items are told apart by their place. */
  readonly key?: string;
}

export interface MapSchema extends Common {
  readonly kind: 'map';
  readonly values: TextSchema;
  readonly entriesMax: number;
}

/** An object of Kubernetes' own that is passed on as it is; the API server checks it where it is used. */
export interface OpaqueSchema extends Common {
  readonly kind: 'opaque';
}

export type Schema =
  | ObjectSchema
  | TextSchema
  | IntegerSchema
  | BooleanSchema
  | ListSchema
  | MapSchema
  | OpaqueSchema;

export function object(name: string, options: Omit<ObjectSchema, 'kind' | 'name'>): ObjectSchema {
  return { ...options, kind: 'object', name };
}

export function text(
  options: Omit<TextSchema, 'kind' | 'lengthMin'> & { readonly lengthMin?: number },
): TextSchema {
  return { lengthMin: 1, ...options, kind: 'text' };
}

/** One of a few words. */
export function choice(
  choices: readonly string[],
  options: Omit<Common, 'default'> & { readonly default?: string },
): TextSchema {
  const lengthMax = Math.max(...choices.map((each) => each.length));
  return { ...options, kind: 'text', lengthMin: 1, lengthMax, choices };
}

export function integer(options: Omit<IntegerSchema, 'kind'>): IntegerSchema {
  return { ...options, kind: 'integer' };
}

export function boolean(options: Omit<BooleanSchema, 'kind'>): BooleanSchema {
  return { ...options, kind: 'boolean' };
}

export function list(
  items: Schema,
  options: Omit<ListSchema, 'kind' | 'items' | 'itemsMin'> & { readonly itemsMin?: number },
): ListSchema {
  return { itemsMin: 0, ...options, kind: 'list', items };
}

export function map(values: TextSchema, options: Omit<MapSchema, 'kind' | 'values'>): MapSchema {
  return { ...options, kind: 'map', values };
}

export function opaque(options: Omit<OpaqueSchema, 'kind'>): OpaqueSchema {
  return { ...options, kind: 'opaque' };
}

/** `48h`, `1m30s`, `500ms`, from `min` to `max`, both included. */
export function duration(
  options: Common & { readonly min: string; readonly max: string },
): TextSchema {
  const { min, max, ...common } = options;
  return {
    ...common,
    unit: options.unit ?? 'duration',
    kind: 'text',
    lengthMin: 2,
    lengthMax: 32,
    pattern: durationPattern,
    format: 'duration',
    rules: [
      rule(durationWithin(self, min, max), `must be a duration from ${min} to ${max}`),
      ...(options.rules ?? []),
    ],
  };
}

/** `500m`, `2Gi`. */
export function quantity(options: Common & { readonly orInteger?: boolean }): TextSchema {
  return {
    ...options,
    kind: 'text',
    lengthMin: 1,
    lengthMax: 24,
    pattern: quantityPattern,
    format: 'quantity',
  };
}

/** A moment, RFC 3339. */
export function time(options: Common): TextSchema {
  return { ...options, kind: 'text', lengthMin: 20, lengthMax: 40, format: 'time' };
}

/** The same kind of thing in another place: another sentence, presence or default. */
export function as<S extends Schema>(schema: S, changes: Partial<Common>): S {
  return { ...schema, ...changes };
}

/** Whether a field has to be written. */
export function isRequired(schema: Schema): boolean {
  return schema.default === undefined && schema.optional !== true;
}
