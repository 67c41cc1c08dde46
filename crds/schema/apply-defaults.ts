/**
 * What the API server does to an object when it stores it: fields that are absent get their
 * defaults, unknown ones go. For objects that were stored by an older schema.
 */
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { ObjectSchema, Schema } from './schema.ts';

/** A copy; what is of the wrong kind stays as it is, for `validate` to say so. */
export function applyDefaults(schema: Schema, value: Json): Json {
  switch (schema.kind) {
    case 'object':
      return isJsonObject(value) ? objectWithDefaults(schema, value) : value;
    case 'list':
      return Array.isArray(value)
        ? value.map((each: Json) => applyDefaults(schema.items, each))
        : value;
    default:
      return value;
  }
}

function objectWithDefaults(schema: ObjectSchema, value: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    // An explicit null is what the API server calls absent, too.
    const present = given ?? field.default;
    if (present !== undefined) {
      result[name] = applyDefaults(field, present);
    }
  }
  return result;
}
