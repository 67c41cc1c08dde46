/**
 * Whether all nodes, and the reference, give the same bytes for the same questions. An answer
 * depends on `now` in whole seconds, so a comparison counts when the second did not change meanwhile.
 */
import type { GeneratedRequest } from '#cli/generator/request-generator.ts';
import type { QueryClient } from '#cli/query/query-client.ts';
import { type Clock, nowSeconds } from '#runtime/clock.ts';
import type { ReferenceNode } from './reference-node.ts';

export interface Comparison {
  readonly compared: number;
  readonly posts: number;
  readonly equalAcrossNodes: boolean;
  readonly equalToReference: boolean;
}

/** Tries at one question before it counts as different. */
const triesMax = 20;

export async function compareAnswers(options: {
  readonly clients: readonly QueryClient[];
  readonly reference: ReferenceNode;
  readonly requests: readonly GeneratedRequest[];
  readonly clock: Clock;
}): Promise<Comparison> {
  const { clients, reference, requests, clock } = options;
  let posts = 0;
  let differentAcrossNodes = 0;
  let differentFromReference = 0;
  for (const request of requests) {
    for (let tries = 1; ; tries += 1) {
      const now = nowSeconds(clock);
      const answers = await Promise.all(clients.map((client) => client.getInNetworkPosts(request)));
      if (nowSeconds(clock) !== now) {
        // The second changed under way: nodes may have used either.
        if (tries < triesMax) {
          continue;
        }
        throw new Error('the nodes answer too slowly to be compared within one second');
      }
      const bodies = answers.map((answer) => answer.body);
      const expected = reference.answer(request, now);
      posts += answers[0]?.posts.length ?? 0;
      differentAcrossNodes += bodies.every((body) => body.equals(bodies[0] ?? body)) ? 0 : 1;
      differentFromReference += bodies.every((body) => body.equals(expected)) ? 0 : 1;
      break;
    }
  }
  return {
    compared: requests.length,
    posts,
    equalAcrossNodes: differentAcrossNodes === 0,
    equalToReference: differentFromReference === 0,
  };
}
