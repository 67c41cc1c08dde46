/**
 * A client of Redis as a contestant of `query`: it asks over loopback and merges what it gets.
 */
import { readRequest } from '#proto/wire/read-request.ts';
import { createRequestFields } from '#proto/wire/request-fields.ts';
import { answerParent } from './child.ts';
import type { DataFile } from './data-file.ts';
import { type ContestantAnswer, type ContestantQuestion, TurnClock } from './query-contestant.ts';
import {
  connectRedisPosts,
  type RedisPosts,
  type RedisRequest,
  toRedisRequest,
} from './redis-posts.ts';

export interface RedisFill {
  readonly data: DataFile;
  readonly port: number;
}

let redis: RedisPosts | undefined;
let requests: readonly RedisRequest[] = [];
let next = 0;

answerParent(async (question: ContestantQuestion<RedisFill>): Promise<ContestantAnswer> => {
  if (question.kind === 'fill') {
    redis = await connectRedisPosts(question.fill.port);
    await redis.load(question.fill.data);
    return { kind: 'filled' };
  }
  if (redis === undefined) throw new Error('asked before it was filled');
  switch (question.kind) {
    case 'requests':
      requests = question.requests.map(decode);
      next = 0;
      return { kind: 'filled' };
    case 'answers': {
      const bodies: Uint8Array[] = [];
      let posts = 0;
      for (const request of requests.slice(0, question.count)) {
        const answer = await redis.answer(request);
        bodies.push(answer.body);
        posts += answer.posts;
      }
      return { kind: 'bodies', bodies, posts };
    }
    default:
      return turn(redis, question.turnMs);
  }
});

async function turn(asked: RedisPosts, turnMs: number): Promise<ContestantAnswer> {
  const clock = new TurnClock();
  for (let count = 0; count < requests.length && !clock.isUp(turnMs); count += 1) {
    const request = requests[next % requests.length];
    if (request === undefined) break;
    next += 1;
    clock.ask();
    await asked.answer(request);
    clock.answered();
  }
  return clock.result();
}

function decode(bytes: Uint8Array): RedisRequest {
  const request = createRequestFields();
  if (!readRequest(bytes, request)) throw new Error('a request cannot be read');
  return toRedisRequest(request);
}
