/**
 * A transformer as a process of its own, so that it can be killed. Its one argument is JSON: a
 * TransformSetUp, and `stallAfterBatches`, after which it says so and never commits.
 */
import { type TransformSetUp, transformerOver } from './transform-fixture.ts';

interface ProcessSetUp extends TransformSetUp {
  readonly stallAfterBatches?: number;
}

const setUp = JSON.parse(process.argv[2] ?? '{}') as ProcessSetUp;
let batches = 0;
const transformer = transformerOver({
  ...setUp,
  failpoints: {
    forTestsOnly: true,
    onProduced: () => {
      batches += 1;
      if (setUp.stallAfterBatches === undefined || batches <= setUp.stallAfterBatches) {
        return undefined;
      }
      process.stdout.write('produced\n');
      return new Promise<void>(() => undefined);
    },
  },
});
process.once('SIGTERM', () => {
  void transformer.stop().then(() => process.exit(0));
});
await transformer.start(new AbortController().signal);
