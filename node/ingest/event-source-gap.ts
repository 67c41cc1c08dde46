/**
 * The log did not go on where it stopped. A source reports it through `onTrouble` before it delivers
 * what follows, so that whoever applies the log can decide not to (L2).
 */
import { ThunderError } from '#runtime/errors.ts';

/**
 * `lost`: records between our position and `foundAt` are gone. `rewound`: from `foundAt` on, before our
 * position, the log is not what was read, or ends. `replaced`: the record at `foundAt`, before our
 * position, is not the one that was read. `recreated`: the topic is another one of the same name, or
 * in another cluster. Only after `lost` can anything follow.
 */
export type GapKind = 'lost' | 'rewound' | 'replaced' | 'recreated';

export interface Gap {
  readonly topic: string;
  readonly kind: GapKind;
  readonly partition: number;
  readonly position: number;
  /** Where the log goes on. */
  readonly foundAt: number;
  /** Of the record there, milliseconds since the epoch; null when none is known. */
  readonly foundTimestampMs?: number | null;
}

export class LogGapError extends ThunderError {
  readonly kind: GapKind;
  readonly partition: number;
  readonly position: number;
  readonly foundAt: number;
  readonly foundTimestampMs: number | null;

  constructor(gap: Gap) {
    super(sentenceOf(gap), { code: 'LOG_GAP', retry: 'never' });
    this.kind = gap.kind;
    this.partition = gap.partition;
    this.position = gap.position;
    this.foundAt = gap.foundAt;
    this.foundTimestampMs = gap.foundTimestampMs ?? null;
  }
}

function sentenceOf({ topic, kind, partition, position, foundAt }: Gap): string {
  const log = `${topic}/${partition}`;
  const sentences: Readonly<Record<GapKind, string>> = {
    lost: `${foundAt - position} records of ${log} before offset ${foundAt} are gone and were not read`,
    rewound: `${log} is another log from offset ${foundAt} on, and was read to ${position - 1}: truncated or re-created`,
    replaced: `${log} has another record at offset ${foundAt} than the one that was read there: re-created`,
    recreated: `topic ${topic} is not the one that was read, only its name is the same: re-created`,
  };
  return sentences[kind];
}
