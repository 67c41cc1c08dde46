/**
 * The schema as the API server reads it: structural OpenAPI v3 with defaults and CEL rules.
 */
import { applyDefaults } from '../schema/apply-defaults.ts';
import type { Json, JsonObject } from '../schema/json.ts';
import type { Rule } from '../schema/rules.ts';
import { isRequired, type Schema, type TextSchema } from '../schema/schema.ts';
import { columns, names, scale, thunderFleet } from '../thunder-fleet/crd.ts';

/** The CustomResourceDefinition, as JSON. */
export function toCustomResourceDefinition(): JsonObject {
  const { spec, status } = thunderFleet.fields;
  const { group, version, kind, listKind, plural, singular, shortNames, categories } = names;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind, plural, singular, shortNames, categories },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {}, scale },
          additionalPrinterColumns: columns.map((column) => ({ ...column })),
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: thunderFleet.description,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                ...(spec === undefined ? {} : { spec: toOpenApi(spec) }),
                ...(status === undefined ? {} : { status: toOpenApi(status) }),
              },
            },
          },
        },
      ],
    },
  };
}

export function toOpenApi(schema: Schema): JsonObject {
  return {
    description: describe(schema),
    ...typeOf(schema),
    // Whole: the API server checks a default by the rules before it fills in the inner ones.
    ...(schema.default === undefined ? {} : { default: applyDefaults(schema, schema.default) }),
    ...(schema.rules === undefined || schema.rules.length === 0
      ? {}
      : { 'x-kubernetes-validations': schema.rules.map(toValidation) }),
  };
}

/** What `kubectl explain` shows: sentences, the unit, what has no effect yet. Defaults it shows itself. */
export function describe(schema: Schema): string {
  const unit =
    schema.unit === undefined || schema.unit === 'duration' ? '' : ` Unit: ${schema.unit}.`;
  const value =
    schema.default === undefined || schema.kind === 'object' ? undefined : schema.default;
  const standard = value === undefined ? '' : ` Default: ${JSON.stringify(value)}.`;
  const pending = schema.pending === undefined ? '' : ` No effect yet: ${schema.pending}.`;
  return `${schema.description}${unit}${standard}${pending}`;
}

function typeOf(schema: Schema): JsonObject {
  switch (schema.kind) {
    case 'object': {
      const required = Object.entries(schema.fields)
        .filter(([, field]) => isRequired(field))
        .map(([name]) => name);
      return {
        type: 'object',
        ...(required.length === 0 ? {} : { required }),
        properties: Object.fromEntries(
          Object.entries(schema.fields).map(([name, field]) => [name, toOpenApi(field)]),
        ),
      };
    }
    case 'text':
      return textType(schema);
    case 'integer':
      return {
        type: 'integer',
        format: schema.max > 2_147_483_647 ? 'int64' : 'int32',
        minimum: schema.min,
        maximum: schema.max,
      };
    case 'boolean':
      return { type: 'boolean' };
    case 'list':
      return {
        type: 'array',
        ...(schema.itemsMin === 0 ? {} : { minItems: schema.itemsMin }),
        maxItems: schema.itemsMax,
        items: toOpenApi(schema.items),
        ...listType(schema.key, schema.items),
      };
    case 'map':
      return {
        type: 'object',
        maxProperties: schema.entriesMax,
        additionalProperties: toOpenApi(schema.values),
      };
    default:
      return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  }
}

function listType(key: string | undefined, items: Schema): JsonObject {
  if (key !== undefined) {
    return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] };
  }
  return { 'x-kubernetes-list-type': items.kind === 'text' ? 'set' : 'atomic' };
}

function textType(schema: TextSchema): JsonObject {
  if (schema.choices !== undefined) {
    return { type: 'string', enum: schema.choices };
  }
  if (schema.format === 'time') {
    return { type: 'string', format: 'date-time' };
  }
  const pattern: Record<string, Json> =
    schema.pattern === undefined ? {} : { pattern: schema.pattern };
  if (schema.orInteger === true) {
    return {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      ...pattern,
    };
  }
  return {
    type: 'string',
    ...(schema.lengthMin === 0 ? {} : { minLength: schema.lengthMin }),
    maxLength: schema.lengthMax,
    ...pattern,
  };
}

function toValidation(rule: Rule): JsonObject {
  return {
    rule: rule.cel,
    message: rule.message,
    ...(rule.fieldPath === undefined ? {} : { fieldPath: rule.fieldPath }),
  };
}
