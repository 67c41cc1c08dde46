/**
 * What the follow graph may answer, read without losing a bit of an id: a JSON number above 2^53 is
 * taken from its digits.
 */
import { parseId } from './parse-id.ts';

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Node has the reviver's third argument (the source text); the language's types do not yet. */
const parseJson = JSON.parse as (text: string, reviver: Reviver) => unknown;

/**
 * The ids of an answer; empty for "not found"; null when it is neither. `strato`: `{"v": [ids]}`, or
 * `"{\"ttl\":-1}"` (a JSON string, or the object itself) for a user it does not know. `rest`: `[ids]`.
 */
export function parseFollowing(bytes: Uint8Array, api: 'strato' | 'rest'): bigint[] | null {
  const answer = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  if (api === 'rest') {
    return toIds(answer);
  }
  if (isNotFound(answer) || (typeof answer === 'string' && isNotFound(parse(answer)))) {
    return [];
  }
  return isObject(answer) ? toIds(answer['v']) : null;
}

/** Undefined when the text is not JSON, or nested too deeply to be an answer. */
function parse(text: string): unknown {
  try {
    return parseJson(text, (_key, value, context) =>
      typeof value === 'number' ? new NumberText(context.source ?? '') : value,
    );
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}

/** The digits of a JSON number as they were written. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNotFound(value: unknown): boolean {
  if (!isObject(value) || 'v' in value) {
    return false;
  }
  const { ttl } = value;
  return ttl instanceof NumberText && ttl.text === '-1';
}

function toIds(value: unknown): bigint[] | null {
  if (!Array.isArray(value)) {
    return null;
  }
  const ids: bigint[] = [];
  for (const entry of value) {
    const text = entry instanceof NumberText ? entry.text : entry;
    const id = typeof text === 'string' ? parseId(text) : null;
    if (id === null) {
      return null;
    }
    ids.push(id);
  }
  return ids;
}
