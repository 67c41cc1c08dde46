/**
 * One question to a pod's admin port, with a deadline and a bound on the answer.
 */
import { type Agent, get } from 'node:http';
import { podAnswerBytesMax, podAnswerMs } from '#operator/bounds.ts';

export interface PodAddress {
  readonly host: string;
  readonly port: number;
}

/** The body of `/status`. Rejects when there is no whole answer of 200 within time and bound. */
export function askPod(
  { host, port }: PodAddress,
  agent: Agent,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const late = AbortSignal.any([signal, AbortSignal.timeout(podAnswerMs)]);
  const request = get(
    { host, port, path: '/status', agent, signal: late, headers: { accept: 'application/json' } },
    (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > podAnswerBytesMax) {
          request.destroy(new Error(`more than ${podAnswerBytesMax} bytes`));
          return;
        }
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) {
          resolve(Buffer.concat(chunks).toString('utf8'));
        } else {
          reject(new Error(`status ${response.statusCode}`));
        }
      });
    },
  );
  request.on('error', reject);
  return promise;
}
