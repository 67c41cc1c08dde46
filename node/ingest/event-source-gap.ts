/**
 * The log did not go on where it stopped. A source reports it through `onTrouble` before it delivers
 * what follows, so that whoever applies the log can decide not to (L2).
 */
import { ThunderError } from '#runtime/errors.ts';

/**
 * `lost`: records between our position and `foundAt` are gone. `rewound`: the log ends before our
 * position. `replaced`: the record at `foundAt`, before our position, is not the one that was read.
 */
export type GapKind = 'lost' | 'rewound' | 'replaced';

export class LogGapError extends ThunderError {
  readonly kind: GapKind;
  readonly partition: number;
  readonly position: number;
  /** Where the log goes on. */
  readonly foundAt: number;

  constructor(topic: string, kind: GapKind, partition: number, position: number, foundAt: number) {
    const log = `${topic}/${partition}`;
    const sentences: Readonly<Record<GapKind, string>> = {
      lost: `${foundAt - position} records of ${log} before offset ${foundAt} are gone and were not read`,
      rewound: `${log} has records at offset ${foundAt} after ${position - 1} was read: truncated or re-created`,
      replaced: `${log} has another record at offset ${foundAt} than the one that was read there: re-created`,
    };
    super(sentences[kind], { code: 'LOG_GAP', retry: 'never' });
    this.kind = kind;
    this.partition = partition;
    this.position = position;
    this.foundAt = foundAt;
  }
}
