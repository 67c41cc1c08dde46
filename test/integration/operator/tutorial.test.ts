/**
 * docs/tutorial/operator.md, run from top to bottom as a reader would: its programs as children, its
 * commands in a shell. What comes back has to be what the page says; with UPDATE_TUTORIAL=1 it is
 * written into the page instead.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { skipWithoutControlPlane } from '#test/components/control-plane/control-plane.ts';
import { startJanitor } from '#test/components/kafka/janitor.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { comparable, type PagePart, parsePage, renderPage } from './tutorial-page.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const page = path.join(root, 'docs/tutorial/operator.md');
const isUpdate = process.env['UPDATE_TUTORIAL'] === '1';
const commandMsMax = 120_000;
const terminals = ['first', 'third'];

interface Program {
  readonly child: ChildProcess;
  printed(): string;
  said(): string;
}

describe('the tutorial', { skip: await skipWithoutControlPlane() }, () => {
  it('is a page that was parsed whole', () => {
    const text = readFileSync(page, 'utf8');
    const parts = parsePage(text);
    assert.equal(renderPage(parts), text);
    const count = (kind: PagePart['kind']): number =>
      parts.filter((part) => part.kind === kind).length;
    assert.ok(count('command') > 30);
    assert.deepEqual([count('program'), count('interrupt')], [2, 2]);
  });

  it('is held to everything but what differs from run to run', () => {
    const header = 'NAME   READY   AGE';
    const said = comparable('kubectl get pods', [header, 'a-75875569fb-f5pvg   1/1   2m3s']);
    const other = comparable('kubectl get pods', [header, 'a-ddff78497-2lz4d    1/1   4s']);
    assert.deepEqual(other, said);
    const event = comparable('kubectl events ', ['3s   Normal   CaughtUp', '4s   Normal   Other']);
    assert.deepEqual(
      event,
      comparable('kubectl events ', ['1m   Normal   Other', '0s  Normal   CaughtUp']),
    );
    const notReady = comparable('kubectl get pods', [header, 'a-ddff78497-2lz4d    0/1   4s']);
    assert.notDeepEqual(notReady, said);
    assert.throws(() => parsePage('```console\nno command'), /not the answer of a command/);
  });

  it('says what comes', async (t) => {
    const parts = parsePage(readFileSync(page, 'utf8'));
    const programs: Program[] = [];
    const run: PagePart[] = [];
    for (const part of parts) {
      run.push(await follow(t, part, programs));
    }
    if (isUpdate) {
      writeFileSync(page, renderPage(run));
    }
    const said = (from: readonly PagePart[]): Record<string, readonly string[]>[] =>
      from.flatMap((part) =>
        part.kind === 'command' ? [{ [part.command]: comparable(part.command, part.answer) }] : [],
      );
    assert.deepEqual(
      said(run),
      said(isUpdate ? run : parts),
      'the page is out of date: UPDATE_TUTORIAL=1 writes it anew',
    );
  });
});

/** Does what the part says; answers it with what came back. */
async function follow(t: TestContext, part: PagePart, programs: Program[]): Promise<PagePart> {
  // What the first program prints is pasted into the other terminals.
  const pasted = programs[0]?.printed() ?? '';
  if (part.kind === 'command') {
    const answer = await shell(`${pasted}${part.command}`);
    return { ...part, answer: linesOf(answer) };
  }
  if (part.kind === 'program') {
    const program = startProgram(t, part.command, pasted);
    programs.push(program);
    const printsLine = (): boolean => {
      assert.equal(program.child.exitCode, null, program.said());
      return program.printed().endsWith('\n');
    };
    if (pasted === '') {
      await waitFor('the cluster is there', printsLine, { withinMs: commandMsMax });
    }
  } else if (part.kind === 'interrupt') {
    const program = programs[terminals.indexOf(part.terminal)];
    assert.ok(program !== undefined && program.child.exitCode === null, part.line);
    const ended = once(program.child, 'exit');
    program.child.kill('SIGINT');
    await ended;
  }
  return part;
}

/** `npm run -s NAME -- ARGS`, as package.json says; gone when the test is. */
function startProgram(t: TestContext, command: string, pasted: string): Program {
  const [, name = '', args = ''] = /^npm run -s (\S+)(?: -- (.*))?$/.exec(command) ?? [];
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const script = manifest.scripts[name];
  assert.ok(script !== undefined, `package.json has no script for: ${command}`);
  const child = spawn('sh', ['-c', `${pasted}exec ${script} ${args}`], {
    cwd: root,
    // Two runs on one machine must not want the same port.
    env: { ...environment(), THUNDER_HTTP_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const janitor = startJanitor('kill -9 "$1"', [String(child.pid)]);
  t.after(async () => {
    child.kill('SIGKILL');
    await janitor.clean();
  });
  let printed = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  return { child, printed: () => printed, said: () => said };
}

/** Everything it writes, whether it succeeds or not. */
function shell(script: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: environment(), timeout: commandMsMax };
    execFile('sh', ['-c', `exec 2>&1\n${script}`], options, (_error, stdout) => resolve(stdout));
  });
}

function linesOf(answer: string): string[] {
  return answer === ''
    ? []
    : answer
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd());
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'] };
}
