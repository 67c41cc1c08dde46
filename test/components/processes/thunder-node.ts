/**
 * One `thunder serve` or `thunder transform` as a child process on free ports of the loopback,
 * watched through its admin port.
 */
import { DependencyError, messageOf } from '#runtime/errors.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import type { Processes, ThunderProcess } from './processes.ts';
import { waitFor } from './wait-for.ts';

/** Longest wait for a child's ports, milliseconds. */
const startMsMax = 60_000;
/** Longest wait for a child to end in order; longer than its own drain. */
const stopMsMax = 20_000;
/** Longest wait for a page, milliseconds. */
const pageMsMax = 5_000;
/** The lines of a child's log that an error repeats. */
const tailLines = 5;

export interface Page {
  readonly code: number;
  readonly body: string;
}

export interface ThunderNode extends ThunderProcess {
  /** 0 for a transformer. */
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Where a serving node is asked: `127.0.0.1:PORT`. */
  readonly address: string;
  /** `/status`; `?hash` asks for the state hash too. Throws a DependencyError without an answer. */
  status(query?: string): Promise<NodeStatus>;
  /** Any page of the admin port. */
  page(path: string): Promise<Page>;
  /** SIGTERM, and SIGKILL if that does not do; the exit code, null after a kill. */
  stop(): Promise<number | null>;
}

export interface StartNodeOptions {
  readonly name: string;
  readonly command: 'serve' | 'transform';
  readonly flags: readonly string[];
  /** Gives up waiting for the start. */
  readonly signal?: AbortSignal;
}

/** Resolves when the child's ports are open; throws a DependencyError with its last words otherwise. */
export async function startNode(
  processes: Processes,
  options: StartNodeOptions,
): Promise<ThunderNode> {
  const { name, command, flags, signal } = options;
  const admin = ['--http-host', '127.0.0.1', '--http-port', '0'];
  const grpc = command === 'serve' ? ['--grpc-host', '127.0.0.1', '--grpc-port', '0'] : [];
  const child = processes.start({
    name,
    args: [command, '--node', name, ...admin, ...grpc, ...flags],
  });
  let ports: Ports | 'over';
  try {
    ports = await waitFor<Ports | 'over'>(
      `the ports of ${name}`,
      () => portsIn(child.log()) ?? (child.hasExited || signal?.aborted === true ? 'over' : null),
      { withinMs: startMsMax },
    );
  } catch (error) {
    throw notStarted(child, error);
  }
  if (ports === 'over') {
    throw notStarted(child);
  }
  return toNode(child, ports);
}

function toNode(child: ThunderProcess, { httpPort, grpcPort }: Ports): ThunderNode {
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${httpPort}${path}`, { signal: AbortSignal.timeout(pageMsMax) });
  return {
    name: child.name,
    pid: child.pid,
    startedAtMs: child.startedAtMs,
    logFile: child.logFile,
    exited: child.exited,
    get hasExited() {
      return child.hasExited;
    },
    stdout: () => child.stdout(),
    closeStdout: () => child.closeStdout(),
    log: () => child.log(),
    kill: (signal) => child.kill(signal),
    grpcPort,
    httpPort,
    address: `127.0.0.1:${grpcPort}`,
    async page(path) {
      const response = await get(path);
      return { code: response.status, body: await response.text() };
    },
    async status(query = '') {
      try {
        // oxlint-disable-next-line no-unsafe-type-assertion -- a node of this checkout
        return (await (await get(`/status${query}`)).json()) as NodeStatus;
      } catch (error) {
        throw new DependencyError(
          `${child.name} does not answer: ${messageOf(error)} (log: ${child.logFile})`,
          { code: 'CHILD_SILENT', retry: 'backoff', cause: error },
        );
      }
    },
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
      const { code } = await child.exited;
      clearTimeout(timer);
      return code;
    },
  };
}

interface Ports {
  readonly grpcPort: number;
  readonly httpPort: number;
}

/** From the line that says that the node has started. */
function portsIn(log: string): Ports | undefined {
  const line = log.split('\n').find((one) => one.includes(' started"') && one.endsWith('}'));
  if (line === undefined) {
    return undefined;
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- a line of this checkout's own log
  const { httpPort = 0, grpcPort = 0 } = JSON.parse(line) as Partial<Ports>;
  return { httpPort, grpcPort };
}

function notStarted(child: ThunderProcess, cause?: unknown): DependencyError {
  child.kill('SIGKILL');
  const lastWords = child.log().trim().split('\n').slice(-tailLines).join(' ');
  return new DependencyError(
    `${child.name} did not start (log: ${child.logFile}): ${lastWords || 'it said nothing'}`,
    { code: 'CHILD_FAILED', retry: 'never', ...(cause === undefined ? {} : { cause }) },
  );
}
