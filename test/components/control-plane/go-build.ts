/**
 * The control plane's programs, built once with Go from the versions in the go.mod files beside
 * this, and kept in the user's cache under those versions. Building takes minutes, so of several
 * processes one builds and the others wait for it.
 */
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf } from '#runtime/errors.ts';

const run = promisify(execFile);

/** Go together with the versions in kubernetes/go.mod and etcd/go.mod; a test compares them. */
export const kubernetesVersion = '1.35.4';
export const etcdVersion = '3.6.16';

export const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;
export type Program = (typeof programs)[number];

/** As the go.mod files say. */
const goVersionMin = { major: 1, minor: 25 };
const probeMsMax = 10_000;
/** Six minutes on two idle cores. */
const buildMsMax = 2_400_000;
const lockPollMs = 1_000;

/** Where the built programs are kept: `$XDG_CACHE_HOME` or `~/.cache`, then `thunder/control-plane-…`. */
export function programsPath(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return path.join(cache, 'thunder', `control-plane-${kubernetesVersion}-etcd-${etcdVersion}`);
}

/** Why the programs cannot be built here, or undefined if they can, or are already. Builds nothing. */
export async function whyNoPrograms(): Promise<string | undefined> {
  if (existsSync(programsPath())) return undefined;
  const { major, minor } = goVersionMin;
  const wanted = `version ${major}.${minor} or newer is needed`;
  let text: string;
  try {
    const env = { ...process.env, GOTOOLCHAIN: 'local' };
    text = (await run('go', ['env', 'GOVERSION'], { timeout: probeMsMax, env })).stdout.trim();
  } catch {
    return `no Go found (${wanted})`;
  }
  const match = /^go(\d+)\.(\d+)/.exec(text);
  const isNewEnough = match !== null && Number(match[1]) === major && Number(match[2]) >= minor;
  return isNewEnough ? undefined : `${text} found, ${wanted}`;
}

/** The folder with the programs, built if they are not there yet. */
export async function ensurePrograms(tell: (line: string) => void): Promise<string> {
  const directory = programsPath();
  await mkdir(path.dirname(directory), { recursive: true });
  const lock = `${directory}.lock`;
  for (let told = false; !existsSync(directory); ) {
    if (await takeLock(lock)) {
      try {
        // The one before us may have finished between our look and our lock.
        if (!existsSync(directory)) {
          tell('building the Kubernetes control plane with Go, once: takes six minutes or more');
          await build(directory);
        }
      } finally {
        rmSync(lock, { force: true });
      }
    } else {
      if (!told) tell('another process builds the Kubernetes control plane; waiting for it');
      told = true;
      await pause(lockPollMs);
    }
  }
  return directory;
}

async function build(directory: string): Promise<void> {
  // We hold the lock: what others left half built is nobody's any more.
  for (const left of globSync(`${directory}.part-*`)) rmSync(left, { recursive: true });
  const temporary = await mkdtemp(`${directory}.part-`);
  const linker = [
    '-s',
    '-w',
    `-X k8s.io/component-base/version.gitVersion=v${kubernetesVersion}`,
    `-X k8s.io/component-base/version.gitMajor=${kubernetesVersion.split('.')[0]}`,
    `-X k8s.io/component-base/version.gitMinor=${kubernetesVersion.split('.')[1]}`,
  ].join(' ');
  try {
    for (const program of programs) {
      const isEtcd = program === 'etcd';
      const source = isEtcd ? 'go.etcd.io/etcd/server/v3' : `k8s.io/kubernetes/cmd/${program}`;
      const output = path.join(temporary, program);
      await run(
        'nice',
        [
          ...['go', 'build', '-trimpath', '-tags', 'selinux,notest,grpcnotrace'],
          ...['-ldflags', linker, '-o', output, source],
        ],
        {
          timeout: buildMsMax,
          cwd: path.join(import.meta.dirname, isEtcd ? 'etcd' : 'kubernetes'),
          env: {
            ...process.env,
            CGO_ENABLED: '0',
            GOTOOLCHAIN: 'local',
            GOFLAGS: '-mod=readonly -buildvcs=false',
          },
        },
      );
    }
    await rename(temporary, directory);
  } catch (error) {
    throw new Error(`Go could not build the control plane: ${messageOf(error).slice(0, 500)}`, {
      cause: error,
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** False while another living process holds it. A lock left by one that died is taken away. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isStale(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isStale(lock: string): boolean {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // Made and not yet written to.
    if (pid === 0) return Date.now() - statSync(lock).mtimeMs > buildMsMax;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // The holder is gone (ESRCH); a lock that vanished meanwhile (ENOENT) is simply tried again.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
