/**
 * The operator as a process of its own on a real control plane, with pods that are played: what is
 * measured is the operator; containers there are none.
 */
import type { Random } from '#cli/generator/random.ts';
import type { ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import { apiVersion, names } from '#crds/thunder-fleet/crd.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import type { StoredFleet } from '#operator/fleet/fleet.ts';
import { loadAccess } from '#operator/kube/access.ts';
import { createKubeClient } from '#operator/kube/client.ts';
import { systemClock } from '#operator/kube/clock.ts';
import { createInformer } from '#operator/kube/informer.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import type { Informer, KubeClient } from '#operator/kube/ports.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { createTransport } from '#operator/kube/transport.ts';
import { startControlPlane } from '#test/components/control-plane/control-plane.ts';
import { PodRunner, ready } from '#test/components/control-plane/pod-runner.ts';
import { findFreePorts } from '#test/components/kafka/free-ports.ts';
import { Processes, type ThunderProcess } from '#test/components/processes/processes.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import type { BenchIo } from './bench.ts';
import { type Scrape, scrapeOperator, total } from './operator-scrape.ts';

/** One for all fleets: whatever is slow with many neighbours shows. */
const namespace = 'bench';
/** Of each controller of Kubernetes; its default of 20 would be what is measured. */
const controllerRequestsPerSecond = 1_000;
/** Fleets that are made at the same time. */
const createsMax = 8;
const figuresMs = 1_000;
const readyMsMax = 1_200_000;

export interface OperatorRig {
  readonly how: string;
  readonly fleets: number;
  /** Makes so many more; answers how long each took from the answer to its creation to `Ready`, milliseconds. */
  grow(fleets: number, pods: number): Promise<number[]>;
  /** Until every pod's figures are in the status of its fleet. */
  untilReported(): Promise<void>;
  /** Until what it answers is called, every pod says something else each second. */
  moveFigures(random: Random): () => void;
  scrape(): Promise<Scrape>;
  stop(): Promise<void>;
}

export async function startOperatorRig(heapMegabytes: number, io: BenchIo): Promise<OperatorRig> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
  };
  try {
    const plane = await startControlPlane({ own: true, controllerRequestsPerSecond });
    ends.push(() => plane.stop());
    await plane.kubectl(['create', 'namespace', namespace]);
    const runner = await PodRunner.start(plane.kubeconfig);
    ends.push(() => runner.stop());
    const processes = await Processes.create();
    ends.push(() => processes.stop());
    const [port = 0] = await findFreePorts(1);
    const operator = processes.start({
      name: 'operator',
      args: [
        ...['operator', '--kubeconfig', plane.kubeconfig, '--operator-namespace', namespace],
        ...['--install-crds', '--no-look-at-kafka', '--pod-admin-port', String(runner.port)],
        ...['--http-host', '127.0.0.1', '--http-port', String(port), '--log-level', 'warn'],
      ],
      env: { NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}` },
    });
    await waitFor('the operator leads', async () => {
      assertRuns(operator);
      const seen = await scrapeOperator(port).catch(() => undefined);
      return seen !== undefined && total(seen, 'leader_election_master_status') === 1;
    });
    const client = clientOf(plane.kubeconfig);
    ends.push(async () => client.close());
    const fleets = createInformer<StoredFleet>({
      ...{ client, type: thunderFleets, namespace, clock: systemClock, random: Math.random },
      ...{ log: silentLog, metrics: createKubeMetrics() },
    });
    fleets.start();
    ends.push(() => fleets.stop());
    await fleets.whenSynced(io.signal);
    return new Rig({ how: plane.how, client, fleets, runner, operator, port, io, ends, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface RigParts {
  readonly how: string;
  readonly client: KubeClient;
  readonly fleets: Informer<StoredFleet>;
  readonly runner: PodRunner;
  readonly operator: ThunderProcess;
  readonly port: number;
  readonly io: BenchIo;
  readonly ends: (() => Promise<unknown>)[];
  readonly stop: () => Promise<void>;
}

class Rig implements OperatorRig {
  readonly #parts: RigParts;
  #made = 0;

  constructor(parts: RigParts) {
    this.#parts = parts;
  }

  get how(): string {
    return this.#parts.how;
  }

  get fleets(): number {
    return this.#made;
  }

  async grow(fleets: number, pods: number): Promise<number[]> {
    const { client, io } = this.#parts;
    const waiting = Array.from({ length: fleets }, () => `fleet-${(this.#made += 1)}`);
    const tookMs: number[] = [];
    const makeOneByOne = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        io.signal.throwIfAborted();
        await client.create(thunderFleets, {
          ...{ apiVersion, kind: names.kind, metadata: { namespace, name } },
          spec: { kafka: { brokers: ['kafka:9092'] }, serving: { replicas: pods } },
        });
        const startedMs = performance.now();
        becoming.push(this.#untilReady(name).then(() => performance.now() - startedMs));
      }
    };
    const becoming: Promise<number>[] = [];
    await Promise.all(Array.from({ length: createsMax }, makeOneByOne));
    let done = 0;
    for (const each of becoming) {
      tookMs.push(await each);
      done += 1;
      if (done % 50 === 0) io.progress(`${done} of ${fleets} fleets are ready`);
    }
    return tookMs;
  }

  async untilReported(): Promise<void> {
    const { fleets, io } = this.#parts;
    const isWhole = ({ spec, status }: StoredFleet): boolean => {
      const { pods = [] } = (status ?? {}) as ThunderFleetStatus;
      const { replicas } = (spec as { serving: { replicas: number } }).serving;
      return pods.length === replicas && pods.every(({ lag }) => lag !== undefined);
    };
    await waitFor(
      'every pod is in the status of its fleet',
      () => {
        io.signal.throwIfAborted();
        return fleets.list().every(isWhole);
      },
      { withinMs: readyMsMax, pollMs: 200 },
    );
  }

  moveFigures(random: Random): () => void {
    const { runner, ends } = this.#parts;
    const timer = setInterval(() => {
      runner.decide(() => {
        const lagEvents = random.below(100);
        return { ...ready, report: { lagEvents, posts: 1_000_000 + random.below(100_000) } };
      });
    }, figuresMs);
    const hold = (): void => clearInterval(timer);
    ends.push(async () => hold());
    return hold;
  }

  scrape(): Promise<Scrape> {
    assertRuns(this.#parts.operator);
    return scrapeOperator(this.#parts.port);
  }

  stop(): Promise<void> {
    return this.#parts.stop();
  }

  async #untilReady(name: string): Promise<void> {
    const { fleets, operator, io } = this.#parts;
    await waitFor(
      `${name} is ready`,
      () => {
        io.signal.throwIfAborted();
        assertRuns(operator);
        const fleet = fleets.get(`${namespace}/${name}`);
        const { conditions = [] } = (fleet?.status ?? {}) as ThunderFleetStatus;
        return conditions.some(
          ({ type, status, observedGeneration }) =>
            type === 'Ready' &&
            status === 'True' &&
            observedGeneration === fleet?.metadata.generation,
        );
      },
      { withinMs: readyMsMax, pollMs: 50 },
    );
  }
}

function assertRuns(operator: ThunderProcess): void {
  if (operator.hasExited) throw new Error(`the operator has ended: ${operator.log()}`);
}

function clientOf(kubeconfig: string): KubeClient {
  const transport = createTransport({
    access: loadAccess({ kubeconfig }),
    clock: systemClock,
    metrics: createKubeMetrics(),
    userAgent: 'bench',
  });
  return createKubeClient({ transport, fieldManager: 'bench' });
}
