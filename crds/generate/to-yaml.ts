/**
 * JSON as YAML that people can read in a diff. Texts are quoted unless they cannot be mistaken.
 */
import { isJsonObject, type Json } from '../schema/json.ts';

/** Ends with a line break. */
export function toYaml(value: Json): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: Json): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((each: Json) => {
      const [first = '', ...rest] = lines(each);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, each]) => {
      const inner = lines(each);
      return isNested(each)
        ? [`${scalar(key)}:`, ...inner.map((line) => `  ${line}`)]
        : [`${scalar(key)}: ${inner[0] ?? ''}`];
    });
  }
  return [scalar(value)];
}

function isNested(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Words that YAML 1.1 takes for something else than text. */
const mistakable = /^(true|false|yes|no|on|off|y|n|null|~)$/i;

function scalar(value: Json): string {
  const isPlain =
    typeof value === 'string' &&
    /^[A-Za-z][A-Za-z0-9./_-]*$/.test(value) &&
    !mistakable.test(value);
  return isPlain ? value : JSON.stringify(value);
}
