/**
 * What one manager applied of an object, read from the server's own book-keeping
 * (`metadata.managedFields`): the names of fields there, their values here.
 *
 * In that book `f:name` is a field, `k:{…}` the list item with these keys, `v:…` the list item with
 * this value, `i:n` the n-th item, `.` the thing itself; `{}` alone means all that is below.
 */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from './objects.ts';

/** The fields that `manager` applied, as the server wrote them down; undefined if it applied none. */
export function appliedFields(object: KubeObject, manager: string): unknown {
  return object.metadata.managedFields?.find(
    (entry) =>
      entry.manager === manager &&
      entry.operation === 'Apply' &&
      (entry.subresource === undefined || entry.subresource === ''),
  )?.fieldsV1;
}

/** The part of `value` that `fields` names. */
export function projectFields(value: unknown, fields: unknown): unknown {
  if (!isRecord(fields) || Object.keys(fields).length === 0) return value;
  if (Array.isArray(value)) return projectItems(value, fields);
  if (!isRecord(value)) return value;
  const projected: Record<string, unknown> = {};
  for (const [path, inner] of Object.entries(fields)) {
    if (!path.startsWith('f:')) continue;
    const name = path.slice(2);
    if (name in value) projected[name] = projectFields(value[name], inner);
  }
  return projected;
}

function projectItems(items: readonly unknown[], fields: Record<string, unknown>): unknown[] {
  const entries = Object.entries(fields);
  return items.flatMap((item, index) => {
    const found = entries.find(([path]) => names(path, item, index));
    return found === undefined ? [] : [projectFields(item, found[1])];
  });
}

function names(path: string, item: unknown, index: number): boolean {
  const kind = path.slice(0, 2);
  if (kind === 'i:') return Number(path.slice(2)) === index;
  if (kind !== 'k:' && kind !== 'v:') return false;
  const wanted: unknown = JSON.parse(path.slice(2));
  if (kind === 'v:') return isDeepStrictEqual(wanted, item);
  return (
    isRecord(wanted) &&
    isRecord(item) &&
    Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(item[key], value))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
