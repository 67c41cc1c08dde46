/**
 * Rules over several fields, written once and used twice: as CEL text for the API server, and as a
 * function for stored objects that it let through before the rule existed.
 *
 * An expression is built from small parts that know both forms. CEL stops with an error at a field
 * that is absent, so whatever is optional is asked with `has` first; the function then agrees.
 */
import { parseDuration } from './duration.ts';
import { isJsonObject } from './json.ts';
import { parseQuantity } from './quantity.ts';

/** What an expression looks at; `names` are the items of the lists it is inside of. */
interface Scope {
  readonly self: unknown;
  readonly old: unknown;
  readonly names: Readonly<Record<string, unknown>>;
}

interface Expression<T> {
  readonly cel: string;
  readonly evaluate: (scope: Scope) => T;
}

export type Value = Expression<unknown>;
export type Condition = Expression<boolean>;

export interface Rule {
  readonly cel: string;
  /** One sentence that says what to do. */
  readonly message: string;
  /** Where the blame goes, relative to the object that has the rule: `.sasl`. */
  readonly fieldPath?: string;
  /** Looks at the old object too, so that it applies to changes only. */
  readonly isTransition: boolean;
  readonly holds: (self: unknown, old?: unknown) => boolean;
}

export function rule(condition: Condition, message: string, fieldPath?: string): Rule {
  return {
    cel: condition.cel,
    message,
    ...(fieldPath === undefined ? {} : { fieldPath }),
    isTransition: condition.cel.includes('oldSelf'),
    holds: (self, old) => condition.evaluate({ self, old, names: {} }),
  };
}

function walk(from: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>(
    (value, step) => (isJsonObject(value) ? value[step] : undefined),
    from,
  );
}

/** The thing itself: of a rule on a text or a number. */
export const self: Value = { cel: 'self', evaluate: (scope) => scope.self };

/** A field by its path, `tls.ca`; the first step may be the name of a list's item. */
export function field(path: string, item?: string): Value {
  const steps = path.split('.');
  return item === undefined
    ? { cel: `self.${path}`, evaluate: (scope) => walk(scope.self, steps) }
    : { cel: `${item}.${path}`, evaluate: (scope) => walk(scope.names[item], steps) };
}

/** The item itself, of a list of texts. */
export function item(name: string): Value {
  return { cel: name, evaluate: (scope) => scope.names[name] };
}

/** Whether the field is there, and all that lead to it. */
export function has(path: string, itemName?: string): Condition {
  const steps = path.split('.');
  const root = itemName ?? 'self';
  return {
    cel: steps.map((_, at) => `has(${root}.${steps.slice(0, at + 1).join('.')})`).join(' && '),
    evaluate: (scope) => field(path, itemName).evaluate(scope) !== undefined,
  };
}

export function and(...conditions: readonly Condition[]): Condition {
  return {
    cel: conditions.map((each) => `(${each.cel})`).join(' && '),
    evaluate: (scope) => conditions.every((each) => each.evaluate(scope)),
  };
}

export function or(...conditions: readonly Condition[]): Condition {
  return {
    cel: conditions.map((each) => `(${each.cel})`).join(' || '),
    evaluate: (scope) => conditions.some((each) => each.evaluate(scope)),
  };
}

export function not(condition: Condition): Condition {
  return {
    cel: `!(${condition.cel})`,
    evaluate: (scope) => !condition.evaluate(scope),
  };
}

/** Where the first holds, the second has to. */
export function implies(condition: Condition, consequence: Condition): Condition {
  return or(not(condition), consequence);
}

/** Of texts and whole numbers. */
export function equals(left: Value, right: Value | string | number): Condition {
  const other = typeof right === 'object' ? right : literal(right);
  return {
    cel: `${left.cel} == ${other.cel}`,
    evaluate: (scope) => left.evaluate(scope) === other.evaluate(scope),
  };
}

function literal(value: string | number): Value {
  const cel =
    typeof value === 'number'
      ? String(value)
      : `'${value.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
  return { cel, evaluate: () => value };
}

export function startsWith(value: Value, beginning: string): Condition {
  return {
    cel: `${value.cel}.startsWith(${literal(beginning).cel})`,
    evaluate: (scope) => String(value.evaluate(scope)).startsWith(beginning),
  };
}

/** Whether the sum of whole numbers is `min` or more. */
export function sumAtLeast(values: readonly Value[], min: number): Condition {
  return {
    cel: `${values.map((each) => each.cel).join(' + ')} >= ${min}`,
    evaluate: (scope) => values.reduce((sum, each) => sum + Number(each.evaluate(scope)), 0) >= min,
  };
}

export function atLeast(left: Value, right: Value): Condition {
  return {
    cel: `${left.cel} >= ${right.cel}`,
    evaluate: (scope) => Number(left.evaluate(scope)) >= Number(right.evaluate(scope)),
  };
}

/** A duration within both bounds; anything that is no duration is not. */
export function durationWithin(value: Value, min: string, max: string): Condition {
  const [least, most] = [min, max].map((text) => parseDuration(text) ?? Number.NaN);
  return {
    cel: `duration(${value.cel}) >= duration('${min}') && duration(${value.cel}) <= duration('${max}')`,
    evaluate: (scope) => {
      const length = parseDuration(String(value.evaluate(scope))) ?? Number.NaN;
      return length >= (least ?? Number.NaN) && length <= (most ?? Number.NaN);
    },
  };
}

export function quantityAtLeast(left: Value, right: Value | string): Condition {
  const other = typeof right === 'object' ? right : literal(right);
  return {
    cel: `quantity(${left.cel}).compareTo(quantity(${other.cel})) >= 0`,
    evaluate: (scope) =>
      (parseQuantity(String(left.evaluate(scope))) ?? Number.NaN) >=
      (parseQuantity(String(other.evaluate(scope))) ?? Number.NaN),
  };
}

/** Whether every item of a list fits; `name` is what the condition calls the item. */
export function every(list: Value, name: string, condition: Condition): Condition {
  return {
    cel: `${list.cel}.all(${name}, ${condition.cel})`,
    evaluate: (scope) => itemsOf(list, name, scope).every((each) => condition.evaluate(each)),
  };
}

export function some(list: Value, name: string, condition: Condition): Condition {
  return {
    cel: `${list.cel}.exists(${name}, ${condition.cel})`,
    evaluate: (scope) => itemsOf(list, name, scope).some((each) => condition.evaluate(each)),
  };
}

function itemsOf(list: Value, name: string, scope: Scope): Scope[] {
  const items = list.evaluate(scope);
  return Array.isArray(items)
    ? items.map((each) => ({ ...scope, names: { ...scope.names, [name]: each } }))
    : [];
}

/** Of changes: a text or number that stays as it is. */
export const unchanged: Condition = {
  cel: 'self == oldSelf',
  evaluate: (scope) => scope.old === undefined || scope.self === scope.old,
};

/** Of changes: a number that does not shrink. */
export const neverShrinks: Condition = {
  cel: 'self >= oldSelf',
  evaluate: (scope) => scope.old === undefined || Number(scope.self) >= Number(scope.old),
};
