/**
 * What is committed is what the schema gives, and the schema is one that an API server takes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadYaml } from '@kubernetes/client-node';
import * as fc from 'fast-check';
import { toCustomResourceDefinition } from './generate/to-open-api.ts';
import { toYaml } from './generate/to-yaml.ts';
import { generatedFiles } from './generate.ts';
import type { Json } from './schema/json.ts';
import { isRequired, type Schema } from './schema/schema.ts';
import { validate } from './schema/validate.ts';
import { columns, scale, thunderFleet } from './thunder-fleet/crd.ts';

const root = path.resolve(import.meta.dirname, '..');
/** Room for the API server's own copy in `last-applied-configuration` of 256 KiB. */
const crdBytesMax = 100 * 1024;

function everySchema(schema: Schema, at: string): [string, Schema][] {
  const inside =
    schema.kind === 'object'
      ? Object.entries(schema.fields).flatMap(([name, field]) =>
          everySchema(field, `${at}.${name}`),
        )
      : schema.kind === 'list'
        ? everySchema(schema.items, `${at}[]`)
        : schema.kind === 'map'
          ? everySchema(schema.values, `${at}{}`)
          : [];
  return [[at, schema], ...inside];
}
const schemas = everySchema(thunderFleet, '');

describe('what is generated', () => {
  for (const [name, text] of generatedFiles()) {
    it(`${name} is what the schema gives`, () => {
      assert.equal(readFileSync(path.join(root, name), 'utf8'), text, 'run: npm run gen');
    });
  }

  it('says in YAML what it says in JSON', () => {
    const tricky: Json = {
      empty: {},
      none: [],
      list: [[1, [true]], { a: null, 'b c': ['no', 'y'] }, '- x', ''],
      on: '0x1f',
      text: 'a: b # c\n"quoted" \\ é',
      '1': { deep: { deeper: [{ x: 'a/b-c', y: ':' }, {}] } },
    };
    assert.deepEqual(loadYaml(toYaml(tricky)), tricky);
    // Inside another object: the reader makes classes of kinds that it knows.
    const wrapped = { crd: toCustomResourceDefinition() };
    assert.deepEqual(loadYaml(toYaml(wrapped)), wrapped);
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        const wrapped = JSON.parse(JSON.stringify({ value })) as Json;
        assert.deepEqual(loadYaml(toYaml(wrapped)), wrapped);
      }),
    );
  });

  it('stays below the size that clients can apply', () => {
    const crd = toCustomResourceDefinition();
    assert.ok(Buffer.byteLength(toYaml(crd)) < crdBytesMax);
    assert.ok(Buffer.byteLength(JSON.stringify(crd)) < crdBytesMax);
  });
});

describe('the schema', () => {
  it('explains every field in whole sentences', () => {
    for (const [at, { description }] of schemas) {
      assert.match(description, /^[`A-Z0-9a-z{].*[.)…]$/s, at);
    }
  });

  it('bounds every text, list and map', () => {
    for (const [at, schema] of schemas) {
      const bound =
        schema.kind === 'text'
          ? schema.lengthMax
          : schema.kind === 'list'
            ? schema.itemsMax
            : schema.kind === 'map'
              ? schema.entriesMax
              : schema.kind === 'integer'
                ? schema.max
                : 1;
      assert.ok(bound >= 1 && Number.isSafeInteger(bound), at);
    }
  });

  it('gives every number a unit', () => {
    const bare = schemas
      .filter(
        ([, schema]) =>
          schema.kind === 'integer' || ('format' in schema && schema.format === 'quantity'),
      )
      .filter(([, schema]) => schema.unit === undefined)
      .map(([at]) => at);
    assert.deepEqual(bare, [
      '.status.observedGeneration',
      '.status.conditions[].observedGeneration',
    ]);
  });

  it('has defaults that it would take itself', () => {
    for (const [at, schema] of schemas) {
      if (schema.default !== undefined && schema.kind !== 'object') {
        assert.deepEqual(validate(schema, schema.default, at), [], at);
      }
    }
  });

  it('uses the key of a list as a required or defaulted field', () => {
    for (const [at, schema] of schemas) {
      if (schema.kind === 'list' && schema.key !== undefined) {
        assert.ok(schema.items.kind === 'object');
        const key = schema.items.fields[schema.key];
        assert.ok(key !== undefined && (isRequired(key) || key.default !== undefined), at);
      }
    }
  });

  it('names an object the same only where it is the same', () => {
    const byName = new Map<string, string>();
    for (const [at, schema] of schemas) {
      if (schema.kind === 'object') {
        const fields = JSON.stringify(schema.fields);
        assert.equal(byName.get(schema.name) ?? fields, fields, `${at}: ${schema.name}`);
        byName.set(schema.name, fields);
      }
    }
  });

  it('has the fields that columns and scale look at', () => {
    const places = new Set(schemas.map(([at]) => at));
    const paths = [...columns.map((column) => column.jsonPath), ...Object.values(scale)];
    for (const jsonPath of paths.filter((each) => !each.startsWith('.metadata'))) {
      assert.ok(
        places.has(jsonPath.replace(/\[\?.*?\]\)?\]?/, '[]').replace('[])]', '[]')),
        jsonPath,
      );
    }
  });
});
