/**
 * A Redis of our own, where the machine has one: on loopback, on any free port, in memory alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const program = 'redis-server';
export const redisHint = `no ${program} on the PATH: on Debian, apt-get install redis-server`;

const startMsMax = 10_000;
const stopMsMax = 5_000;

export interface RedisServer {
  readonly port: number;
  /** Ends it and waits until it is gone. Idempotent. */
  stop(): Promise<void>;
}

export function hasRedis(): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Rejects when it does not listen within ten seconds. */
export async function startRedis(): Promise<RedisServer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'thunder-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  // Saves nothing, so that no fork and no disk slows it.
  const inMemory = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  const child = spawn(program, [...args, ...inMemory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  // It must not outlive this process, however that ends.
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  const server = {
    port,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(kill, stopMsMax);
      await ended;
      clearTimeout(timer);
      process.off('exit', kill);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  try {
    await listening(child, ended);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function listening(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.stdout === null) throw new Error(`${program} has no output`);
  const lines = createInterface(child.stdout);
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  const controller = new AbortController();
  const fail = async (event: Promise<unknown>, how: string): Promise<never> => {
    await event;
    throw new Error(`${program} ${how}`);
  };
  try {
    const late = pause(startMsMax, undefined, { signal: controller.signal });
    await Promise.race([
      ready,
      fail(ended, 'ended instead of listening'),
      fail(late, `did not listen within ${startMsMax} ms`),
    ]);
  } finally {
    controller.abort();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
