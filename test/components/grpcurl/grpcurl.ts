/**
 * grpcurl, a gRPC client that nobody here wrote: from the path, else built once with Go and kept in
 * the user's cache under its version.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { messageOf } from '#runtime/errors.ts';
import { isCi } from '#test/components/kafka/kafka.ts';

const run = promisify(execFile);

const version = 'v1.9.3';
const source = 'github.com/fullstorydev/grpcurl/cmd/grpcurl';
const probeMsMax = 10_000;
/** Half a minute on two idle cores, with its modules fetched. */
const buildMsMax = 600_000;
const callMsMax = 30_000;
const answerBytesMax = 16 * 1024 * 1024;
const hint = 'install grpcurl, or Go 1.22 or newer, with which it is built once';

export interface Grpcurl {
  /** Which one this is, in one line. */
  readonly how: string;
  /** Runs it without TLS; what it printed, and its exit code. */
  call(args: readonly string[]): Promise<GrpcurlAnswer>;
}

export interface GrpcurlAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Undefined, with the test skipped and a hint, where there is neither grpcurl nor Go, or it cannot be
 * built; where `CI` is set it fails instead.
 */
export async function grpcurlOrSkip(test: TestContext): Promise<Grpcurl | undefined> {
  try {
    return await findGrpcurl((line) => test.diagnostic(line));
  } catch (error) {
    if (isCi()) throw error;
    test.skip(messageOf(error));
    return undefined;
  }
}

async function findGrpcurl(tell: (line: string) => void): Promise<Grpcurl> {
  if (await answers('grpcurl', ['-version'])) {
    return grpcurlAt('grpcurl', 'grpcurl from the path');
  }
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const directory = path.join(cache, 'thunder', `grpcurl-${version}`);
  const command = path.join(directory, 'grpcurl');
  if (!existsSync(command)) {
    if (!(await answers('go', ['version']))) {
      throw new Error(`no grpcurl and no Go found: ${hint}`);
    }
    tell(`building grpcurl ${version} with Go, once: takes half a minute or more`);
    await build(directory);
  }
  return grpcurlAt(command, `grpcurl ${version}, built here`);
}

/** Two processes may race: each builds in a folder of its own, and the first rename wins. */
async function build(directory: string): Promise<void> {
  await mkdir(path.dirname(directory), { recursive: true });
  const temporary = await mkdtemp(`${directory}.part-`);
  try {
    await run('go', ['install', `${source}@${version}`], {
      timeout: buildMsMax,
      // Outside any module of ours, with the Go that is there.
      cwd: temporary,
      env: { ...process.env, GOBIN: temporary, GOTOOLCHAIN: 'local', GOFLAGS: '' },
    });
    await rename(temporary, directory);
  } catch (error) {
    if (!existsSync(path.join(directory, 'grpcurl'))) {
      throw new Error(`Go could not build grpcurl ${version}: ${messageOf(error)}; ${hint}`, {
        cause: error,
      });
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function grpcurlAt(command: string, how: string): Grpcurl {
  return {
    how,
    call: (args) =>
      new Promise((resolve, reject) => {
        const options = { timeout: callMsMax, maxBuffer: answerBytesMax };
        const child = execFile(
          command,
          ['-plaintext', ...args],
          options,
          (error, stdout, stderr) => {
            if (error !== null && child.exitCode === null) reject(error);
            else resolve({ code: child.exitCode ?? 0, stdout, stderr });
          },
        );
      }),
  };
}

async function answers(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(command, [...args], { timeout: probeMsMax });
    return true;
  } catch {
    // Not there, or not in working order: the same to us.
    return false;
  }
}
