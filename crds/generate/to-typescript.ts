/**
 * TypeScript interfaces of the schema: a ThunderFleet once its defaults are applied.
 */
import { isRequired, type ObjectSchema, type Schema } from '../schema/schema.ts';
import { thunderFleet } from '../thunder-fleet/crd.ts';
import { describe } from './to-open-api.ts';

const widthMax = 100;

/** The text of `gen/thunder-fleet.ts`, formatted as the project formats. */
export function toTypeScript(): string {
  const interfaces = namedObjects(thunderFleet)
    .filter((schema) => schema !== thunderFleet)
    .map(toInterface);
  return [
    '/**',
    ' * A ThunderFleet once its defaults are applied. Written by `npm run gen` from crds/thunder-fleet/.',
    ' */',
    '',
    interfaces.join('\n'),
  ].join('\n');
}

/** Every object that has a name, each once, outer ones first. */
export function namedObjects(root: ObjectSchema): ObjectSchema[] {
  const found = new Map<string, ObjectSchema>();
  const visit = (schema: Schema): void => {
    if (schema.kind === 'object') {
      if (!found.has(schema.name)) {
        found.set(schema.name, schema);
        Object.values(schema.fields).forEach(visit);
      }
    } else if (schema.kind === 'list') {
      visit(schema.items);
    }
  };
  visit(root);
  return [...found.values()];
}

function toInterface(schema: ObjectSchema): string {
  const fields = Object.entries(schema.fields).map(([name, field]) => {
    const isOptional = !isRequired(field) && field.default === undefined;
    return `  /** ${describe(field)} */\n${toField(name + (isOptional ? '?' : ''), typeOf(field))}`;
  });
  return `export interface ${schema.name} {\n${fields.join('')}}\n`;
}

function toField(name: string, type: string): string {
  const line = `  readonly ${name}: ${type};`;
  if (line.length <= widthMax) {
    return `${line}\n`;
  }
  const words = type.split(' | ').map((word) => `\n    | ${word}`);
  return `  readonly ${name}:${words.join('')};\n`;
}

function typeOf(schema: Schema): string {
  switch (schema.kind) {
    case 'object':
      return schema.name;
    case 'text':
      return schema.choices === undefined
        ? schema.orInteger === true
          ? 'string | number'
          : 'string'
        : schema.choices.map((word) => `'${word}'`).join(' | ');
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'list': {
      const items = typeOf(schema.items);
      return `readonly ${items.includes(' | ') ? `(${items})` : items}[]`;
    }
    case 'map':
      return 'Readonly<Record<string, string>>';
    default:
      return 'Readonly<Record<string, unknown>>';
  }
}
