/**
 * The reference page of the resource.
 */
import type { Rule } from '../schema/rules.ts';
import { isRequired, type ObjectSchema, type Schema, type TextSchema } from '../schema/schema.ts';
import { annotations, apiVersion, columns, names, thunderFleet } from '../thunder-fleet/crd.ts';
import { namedObjects } from './to-typescript.ts';

/** docs/reference/thunderfleet.md */
export function toMarkdown(): string {
  const objects = namedObjects(thunderFleet).filter((schema) => schema !== thunderFleet);
  return [
    '# ThunderFleet',
    '',
    '<!-- Written by `npm run gen` from crds/thunder-fleet/. -->',
    '',
    `\`${apiVersion}\`, short name \`${names.shortNames.join('`, `')}\`, namespaced, with the subresources \`status\` and \`scale\`. \`kubectl explain tf.spec\` says the same as this page. Whole examples are in [docs/examples](../examples).`,
    '',
    'A field is required, or optional, or has a default that the API server fills in. What cannot work is refused with the field and a sentence; an object that was stored before a rule existed gets `Ready=False`, reason `InvalidSpec`, and its pods keep running.',
    '',
    '## Columns',
    '',
    '| Column | Meaning | Shown |',
    '| --- | --- | --- |',
    ...columns.map(
      (column) =>
        `| ${column.name.toUpperCase()} | ${column.description} | ${column.priority === 1 ? 'with `-o wide`' : 'always'} |`,
    ),
    '',
    '## Annotations',
    '',
    '| Annotation | Meaning |',
    '| --- | --- |',
    ...Object.entries(annotations).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    '## States of a rollout',
    '',
    ...rolloutStates,
    ...objects.flatMap((schema) => ['', ...section(schema)]),
    '',
  ].join('\n');
}

const rolloutStates = `
\`\`\`
 (made) ──► settling ──► idle ──► waiting ──► rolling ◄──► holding
                ▲          ▲                   │  ▲ │
                └──────────┼───────────────────┘  │ ▼
                           └── rolledBack ◄─── halted
\`\`\`

| state | what it means | leaves when |
| --- | --- | --- |
| \`idle\` | every pod wanted is there, of the right revision and caught up | the spec changes, or a pod goes |
| \`settling\` | pods are missing or catching up, and there are none of another revision: a new fleet, a scale, a pod that died | all are caught up |
| \`waiting\` | other fleets are rolling (\`--max-rollouts\`) | one of them has finished or halted |
| \`rolling\` | pods of two revisions; an old one goes when a new one has caught up | none of the old is left |
| \`holding\` | the first new pod is ready and \`rollout.holdAfterFirst\` waits for a look | the time is over, or \`thunder.dev/continue\` got a new value |
| \`halted\` | a new pod crashes, cannot be pulled or scheduled, or makes no progress; nothing more is replaced | the spec changes, or the pod recovers |
| \`rolledBack\` | the same with \`rollout.autoRollback\`: the last good revision runs again | the spec changes, or \`thunder.dev/update\` got a new value |
`
  .trim()
  .split('\n');

function section(schema: ObjectSchema): string[] {
  const rows = Object.entries(schema.fields).map(([name, field]) => {
    const meaning = `${field.description}${field.pending === undefined ? '' : ` *No effect yet: ${field.pending}.*`}`;
    const cells = [`\`${name}\``, typeOf(field), defaultOf(field), unitOf(field), meaning];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const rules = [
    ...(schema.rules ?? []).map((each) => ({ name: '', rule: each })),
    ...Object.entries(schema.fields).flatMap(([name, field]) =>
      field.kind === 'object' ? [] : (field.rules ?? []).map((each) => ({ name, rule: each })),
    ),
    // Bounds of durations are in the column of types.
  ].filter(({ rule }) => !rule.cel.startsWith('duration('));
  return [
    `## ${schema.name}`,
    '',
    schema.description,
    '',
    '| Field | Type | Default | Unit | Meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...(rules.length === 0 ? [] : ['', 'Refused otherwise:', '']),
    ...rules.map(({ name, rule }) => `- ${ruleLine(name, rule)}`),
  ];
}

function ruleLine(name: string, rule: Rule): string {
  const path = `${name}${rule.fieldPath ?? ''}`.replace(/^\./, '');
  return path === '' ? rule.message : `\`${path}\`: ${rule.message}`;
}

function typeOf(schema: Schema): string {
  switch (schema.kind) {
    case 'object':
      return `[${schema.name}](#${schema.name.toLowerCase()})`;
    case 'text':
      return textType(schema);
    case 'integer':
      return schema.max === Number.MAX_SAFE_INTEGER
        ? 'integer'
        : `integer, ${schema.min} to ${schema.max}`;
    case 'boolean':
      return 'boolean';
    case 'list': {
      const key = schema.key === undefined ? '' : `, by \`${schema.key}\``;
      return `list of ${typeOf(schema.items)}, at most ${schema.itemsMax}${key}`;
    }
    case 'map':
      return `texts by name, at most ${schema.entriesMax}`;
    default:
      return 'object';
  }
}

function textType(schema: TextSchema): string {
  if (schema.choices !== undefined) {
    return schema.choices.map((word) => `\`${word}\``).join(', ');
  }
  switch (schema.format) {
    case 'duration':
      return (schema.rules ?? []).map((rule) => rule.message.replace('must be a ', '')).join('; ');
    case 'quantity':
      return 'quantity';
    case 'time':
      return 'time';
    default:
      return `text, at most ${schema.lengthMax} characters`;
  }
}

function defaultOf(schema: Schema): string {
  if (isRequired(schema)) {
    return '**required**';
  }
  if (schema.default === undefined) {
    return 'none';
  }
  return schema.kind === 'object' ? 'as below' : `\`${JSON.stringify(schema.default)}\``;
}

function unitOf(schema: Schema): string {
  return schema.unit === undefined || schema.unit === 'duration' ? '' : schema.unit;
}
