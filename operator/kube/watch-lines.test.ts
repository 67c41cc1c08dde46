/** Lines come out as they were written, wherever the bytes are cut. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isKubeError } from './errors.ts';
import { parseLines } from './watch-lines.ts';

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const to of [...at, bytes.length]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function collect(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}

describe('the lines of a watch', () => {
  it('come out whole from any cuts, characters of several bytes too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 10 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        async (values, cuts) => {
          const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
          const lines = await collect(parseLines(inPieces(bytes, cuts), 'test'));
          assert.equal(JSON.stringify(lines), JSON.stringify(values));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('drop half a line at the end: the connection was cut there', async () => {
    const chunks = inPieces(Buffer.from('{"a":1}\n{"b"'), [3]);
    assert.deepEqual(await collect(parseLines(chunks, 'test')), [{ a: 1 }]);
  });

  it('are bounded', async () => {
    const chunks = inPieces(Buffer.from(`"${'x'.repeat(100)}"\n`), [10, 30, 60]);
    await assert.rejects(collect(parseLines(chunks, 'test', 50)), (error: unknown) =>
      isKubeError(error, 'ANSWER_TOO_LARGE'),
    );
  });

  it('are JSON, or an error', async () => {
    const chunks = inPieces(Buffer.from('<html>\n'), []);
    await assert.rejects(collect(parseLines(chunks, 'test')), (error: unknown) =>
      isKubeError(error, 'BAD_ANSWER'),
    );
  });
});
