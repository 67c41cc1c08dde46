/**
 * Signals and unhandled errors, with a stand-in and with real processes (L4).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { systemClock } from './clock.ts';
import { ConfigurationError } from './errors.ts';
import { createLifecycle } from './lifecycle.ts';
import { silentLogger } from './logger.ts';
import { runUntilSignal } from './run-until-signal.ts';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

function createProgram() {
  const process = new FakeProcess();
  const lifecycle = createLifecycle({ logger: silentLogger, clock: systemClock });
  const run = (start: () => Promise<void>): Promise<number> =>
    runUntilSignal(lifecycle, start, { logger: silentLogger, process });
  return { process, lifecycle, run };
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });

describe('runUntilSignal', () => {
  it('L4: the first signal stops in order and gives 0', async () => {
    const { process, lifecycle, run } = createProgram();
    let stops = 0;
    const code = run(async () => {
      await lifecycle.start(
        'it',
        () => 1,
        () => stops++,
      );
      process.emit('SIGTERM');
    });
    assert.equal(await code, 0);
    assert.equal(stops, 1);
    assert.deepEqual(process.exits, []);
    assert.deepEqual(process.eventNames(), []);
  });

  it('L4: a second signal exits at once with 128 and its number', async () => {
    for (const [signal, expected] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      const { process, lifecycle, run } = createProgram();
      const held = Promise.withResolvers<void>();
      const code = run(async () => {
        await lifecycle.start(
          'it',
          () => 1,
          () => held.promise,
        );
      });
      process.emit('SIGINT');
      process.emit(signal);
      assert.deepEqual(process.exits, [expected]);
      held.resolve();
      await code;
    }
  });

  it('a signal during the start is an orderly stop, not a failed start', async () => {
    const { process, lifecycle, run } = createProgram();
    const code = run(async () => {
      await lifecycle.start('slow', untilAborted, () => {});
    });
    process.emit('SIGINT');
    assert.equal(await code, 0);
  });

  it('a failed start and a later failure give the code of their error', async () => {
    const early = createProgram();
    const wrong = new ConfigurationError('wrong');
    assert.equal(await early.run(() => Promise.reject(wrong)), 2);
    const late = createProgram();
    const code = late.run(async () => {});
    await late.lifecycle.fail(new Error('bug'));
    assert.equal(await code, 1);
  });

  it('a step that does not stop well gives 1', async () => {
    const { process, lifecycle, run } = createProgram();
    const code = run(async () => {
      await lifecycle.start(
        'it',
        () => 1,
        () => Promise.reject(new Error('no')),
      );
      process.emit('SIGTERM');
    });
    assert.equal(await code, 1);
  });

  it('what nobody caught exits with 1 at once', async () => {
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      const { process, lifecycle, run } = createProgram();
      const code = run(async () => {});
      process.emit(event, new Error('bug'));
      assert.deepEqual(process.exits, [1]);
      await lifecycle.stop('done');
      await code;
    }
  });
});

/** A program whose start is `body` and which says `up` when that is done. */
const childSource = (body: string): string => `
  import { createLifecycle } from ${JSON.stringify(import.meta.resolve('./lifecycle.ts'))};
  import { createLogger } from ${JSON.stringify(import.meta.resolve('./logger.ts'))};
  import { systemClock } from ${JSON.stringify(import.meta.resolve('./clock.ts'))};
  import { runUntilSignal } from ${JSON.stringify(import.meta.resolve('./run-until-signal.ts'))};
  const logger = createLogger({ level: 'fatal', base: {} });
  const lifecycle = createLifecycle({ logger, clock: systemClock });
  const hold = setInterval(() => {}, 1000);
  const start = async () => { ${body}; console.log('up'); };
  process.exit(await runUntilSignal(lifecycle, start, { logger, process }));
`;

/** The same, saying `stopping` when its stop begins, which then waits for `held`. */
const stoppingSource = (held: string): string =>
  childSource(`await lifecycle.start('it', () => 1, async () => {
    console.log('stopping');
    await ${held};
  })`);

describe('a real process', () => {
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) {
      child.kill('SIGKILL');
    }
  });

  const startChild = (source: string) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  };

  it('L4: ends with 0 after one SIGTERM', { timeout: 30_000 }, async () => {
    const { child, lines } = startChild(stoppingSource('null'));
    assert.equal((await lines.next()).value, 'up');
    child.kill('SIGTERM');
    assert.equal((await lines.next()).value, 'stopping');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('L4: ends with 130 at the second signal', { timeout: 30_000 }, async () => {
    const { child, lines } = startChild(stoppingSource('new Promise(() => {})'));
    assert.equal((await lines.next()).value, 'up');
    child.kill('SIGTERM');
    assert.equal((await lines.next()).value, 'stopping');
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [130, null]);
  });

  it('ends with 1 and a fatal line after an unhandled rejection', { timeout: 30_000 }, async () => {
    const { child } = startChild(childSource(`void Promise.reject(new Error('bug'))`));
    const errors = createInterface({ input: child.stderr });
    const [[line], exit] = await Promise.all([once(errors, 'line'), once(child, 'exit')]);
    assert.match(String(line), /"level":"fatal".*"message":"bug".*unhandled error, exiting/);
    assert.deepEqual(exit, [1, null]);
  });
});
