/**
 * A generated event as one line of JSON and back. Ids are decimal strings, because JSON numbers end
 * at 2^53; fields that are absent are left out.
 */
import type {
  CreateLabel,
  GeneratedCreate,
  GeneratedEvent,
  GeneratedGarbage,
  GeneratedMedia,
} from './generated-event.ts';

const idMax = 2n ** 64n - 1n;
const mediaMax = 64;

/** One line, without its end. */
export function toEventLine(event: GeneratedEvent): string {
  return JSON.stringify(event, (_name, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return value === null ? undefined : value;
  });
}

/** Throws TypeError or SyntaxError, naming the field, for a line that is no event. */
export function parseEventLine(line: string): GeneratedEvent {
  return toEvent(recordOf(JSON.parse(line), 'event'));
}

type JsonRecord = Readonly<Record<string, unknown>>;

function toEvent(json: JsonRecord): GeneratedEvent {
  const recordTimestampMs = integer(json, 'recordTimestampMs');
  switch (json['kind']) {
    case 'create':
      return toCreate(json);
    case 'delete':
      return {
        kind: 'delete',
        recordTimestampMs,
        postId: id(json, 'postId'),
        authorId: id(json, 'authorId'),
        authorInRecord: flag(json, 'authorInRecord'),
        createdAtSeconds: integer(json, 'createdAtSeconds'),
      };
    case 'quoted_delete':
      return {
        kind: 'quoted_delete',
        recordTimestampMs,
        quotingPostId: id(json, 'quotingPostId'),
        quotingUserId: id(json, 'quotingUserId'),
        quotedPostId: id(json, 'quotedPostId'),
        quotedUserId: id(json, 'quotedUserId'),
      };
    case 'garbage':
      return {
        kind: 'garbage',
        recordTimestampMs,
        flavour: oneOf<GeneratedGarbage['flavour']>(json, 'flavour', [
          'random_bytes',
          'truncated',
          'missing_id',
          'other_variant',
        ]),
        seed: integer(json, 'seed'),
        create: toCreate(recordOf(json['create'], 'create')),
      };
    default:
      throw new TypeError(`kind is not that of an event: ${shown(json['kind'])}`);
  }
}

function toCreate(json: JsonRecord): GeneratedCreate {
  const text = json['text'];
  if (typeof text !== 'string') throw new TypeError('text must be a string');
  const media = json['media'];
  if (!Array.isArray(media) || media.length > mediaMax) {
    throw new TypeError(`media must be a list of at most ${mediaMax}`);
  }
  return {
    kind: 'create',
    label: oneOf<CreateLabel>(json, 'label', ['original', 'reply', 'retweet', 'nullcast']),
    recordTimestampMs: integer(json, 'recordTimestampMs'),
    duplicate: flag(json, 'duplicate'),
    postId: id(json, 'postId'),
    authorId: id(json, 'authorId'),
    createdAtSeconds: integer(json, 'createdAtSeconds'),
    text,
    nullcast: flag(json, 'nullcast'),
    inReplyToPostId: optionalId(json, 'inReplyToPostId'),
    inReplyToUserId: optionalId(json, 'inReplyToUserId'),
    conversationId: optionalId(json, 'conversationId'),
    sourcePostId: optionalId(json, 'sourcePostId'),
    sourceUserId: optionalId(json, 'sourceUserId'),
    media: media.map((item: unknown) => toMedia(recordOf(item, 'media'))),
  };
}

function toMedia(json: JsonRecord): GeneratedMedia {
  return {
    kind: oneOf<GeneratedMedia['kind']>(json, 'kind', ['photo', 'video', 'gif']),
    durationMs: json['durationMs'] === undefined ? null : integer(json, 'durationMs'),
  };
}

function recordOf(value: unknown, name: string): JsonRecord {
  if (!isRecord(value)) throw new TypeError(`${name} must be an object, not ${shown(value)}`);
  return value;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function integer(json: JsonRecord, name: string): number {
  const value = json[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} must be a whole number, not ${shown(value)}`);
  }
  return value;
}

function flag(json: JsonRecord, name: string): boolean {
  const value = json[name];
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`);
  return value;
}

function id(json: JsonRecord, name: string): bigint {
  const value = json[name];
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value) || BigInt(value) > idMax) {
    throw new TypeError(`${name} must be an unsigned 64-bit id in a string, not ${shown(value)}`);
  }
  return BigInt(value);
}

function optionalId(json: JsonRecord, name: string): bigint | null {
  return json[name] === undefined ? null : id(json, name);
}

function oneOf<Value extends string>(
  json: JsonRecord,
  name: string,
  known: readonly Value[],
): Value {
  const found = known.find((value) => value === json[name]);
  if (found === undefined) {
    throw new TypeError(`${name} must be one of ${known.join(', ')}, not ${shown(json[name])}`);
  }
  return found;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
