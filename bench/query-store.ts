/**
 * A store with its query as a contestant of `query`. Requests are decoded beforehand: reading them is
 * a question of `wire`.
 */
import type { QueryContext, QueryEngine } from '#node/query/query-engine.ts';
import { readRequest } from '#proto/wire/read-request.ts';
import { createRequestFields, type RequestFields } from '#proto/wire/request-fields.ts';
import { answerParent } from './child.ts';
import type { DataFile } from './data-file.ts';
import { type ContestantAnswer, type ContestantQuestion, TurnClock } from './query-contestant.ts';
import { fillStore, storeNamed } from './stores.ts';

export interface StoreFill {
  readonly data: DataFile;
  readonly store: string;
}

let engine: QueryEngine | undefined;
let context: QueryContext | undefined;
let requests: readonly RequestFields[] = [];
let next = 0;

answerParent((question: ContestantQuestion<StoreFill>): ContestantAnswer => {
  if (question.kind === 'fill') {
    const { data, store } = question.fill;
    engine = fillStore(storeNamed(store), data).engine;
    context = { now: data.now, shouldStop: () => false, wantStatistics: false };
    return { kind: 'filled' };
  }
  if (engine === undefined || context === undefined) throw new Error('asked before it was filled');
  switch (question.kind) {
    case 'requests':
      requests = question.requests.map(decode);
      next = 0;
      return { kind: 'filled' };
    case 'answers': {
      const bodies: Uint8Array[] = [];
      let posts = 0;
      for (const request of requests.slice(0, question.count)) {
        const answer = engine.answer(request, context);
        bodies.push(Uint8Array.from(answer.body));
        posts += answer.posts;
      }
      return { kind: 'bodies', bodies, posts };
    }
    default:
      return turn(engine, context, question.turnMs);
  }
});

function turn(asked: QueryEngine, asContext: QueryContext, turnMs: number): ContestantAnswer {
  const clock = new TurnClock();
  for (let count = 0; count < requests.length && !clock.isUp(turnMs); count += 1) {
    const request = requests[next % requests.length];
    if (request === undefined) break;
    next += 1;
    clock.ask();
    asked.answer(request, asContext);
    clock.answered();
  }
  return clock.result();
}

function decode(bytes: Uint8Array): RequestFields {
  const request = createRequestFields();
  if (!readRequest(bytes, request)) throw new Error('a request cannot be read');
  return request;
}
