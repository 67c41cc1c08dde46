/**
 * Lists what was skipped and why after the test runner's own summary, so that no skip is silent.
 */
import type { TestEvent } from 'node:test/reporters';

export async function* listSkips(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const skips: string[] = [];
  for await (const event of source) {
    if (event.type === 'test:pass' && event.data.skip !== undefined) {
      skips.push(`  ${event.data.name}: ${event.data.skip === true ? '' : event.data.skip}\n`);
    }
  }
  yield skips.length === 0
    ? '\nNothing was skipped.\n'
    : `\n${skips.length} skipped:\n${skips.join('')}`;
}

// The test runner takes a reporter as a module's default.
export { listSkips as default };
