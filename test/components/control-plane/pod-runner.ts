/**
 * What kubelets and pods do, as far as the operator can see it: pods get an address, containers
 * start, `/status` is answered, readiness comes. A scenario says how each pod fares; everything else
 * is the real API server and its real controllers.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { labelKeys } from '#operator/desired/names.ts';
import { loadAccess } from '#operator/kube/access.ts';
import { createKubeClient } from '#operator/kube/client.ts';
import { systemClock } from '#operator/kube/clock.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import { createInformer } from '#operator/kube/informer.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import type { Informer, KubeClient } from '#operator/kube/ports.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { createTransport } from '#operator/kube/transport.ts';
import { type Pod, pods as podType } from '#operator/kube/types.ts';
import { reportOf } from '#operator/rollout/rollout-fixture.suite.ts';
import type { NodeStatus } from '#runtime/node-status.ts';

/** How a pod fares. */
export type PodFate =
  /** Caught up and answering. */
  | { readonly kind: 'ready'; readonly report?: Partial<NodeStatus> }
  /** Runs and replays; not ready. */
  | {
      readonly kind: 'replaying';
      readonly progress: number;
      readonly report?: Partial<NodeStatus>;
    }
  | { readonly kind: 'crashLooping' }
  | { readonly kind: 'imagePullBackOff' }
  /** For so long already. */
  | { readonly kind: 'unschedulable'; readonly sinceMs: number }
  /** Made, and nobody takes it. */
  | { readonly kind: 'pending' };

export const ready: PodFate = { kind: 'ready' };

export class PodRunner {
  readonly #client: KubeClient;
  readonly #pods: Informer<Pod>;
  readonly #server: Server;
  /** By address. */
  readonly #reports = new Map<string, Partial<NodeStatus>>();
  readonly #addresses = new Map<string, string>();
  /** One write at a time for each pod, the newest fate last. */
  readonly #writing = new Map<string, Promise<void>>();
  #fate: (pod: Pod) => PodFate = () => ready;

  private constructor(client: KubeClient, pods: Informer<Pod>, server: Server) {
    this.#client = client;
    this.#pods = pods;
    this.#server = server;
    pods.onChange(({ after, before }) => {
      if (after !== undefined && after !== before) this.#settle(after);
    });
    pods.start();
  }

  static async start(kubeconfig: string, namespace?: string): Promise<PodRunner> {
    const metrics = createKubeMetrics();
    const clock = systemClock;
    const access = loadAccess({ kubeconfig });
    const transport = createTransport({ access, clock, metrics, userAgent: 'pod-runner' });
    const client = createKubeClient({ transport, fieldManager: 'pod-runner' });
    const pods = createInformer<Pod>({
      ...{ client, type: podType, namespace, clock, random: Math.random, log: silentLog, metrics },
      labelSelector: labelKeys.fleet,
    });
    const server = createServer();
    // All of 127.0.0.0/8: every pod has an address of its own.
    await new Promise<void>((resolve) => {
      server.listen(0, '0.0.0.0', resolve);
    });
    const runner = new PodRunner(client, pods, server);
    server.on('request', (request, response) => {
      const report = runner.#reports.get(request.socket.localAddress ?? '');
      response.writeHead(report === undefined ? 503 : 200, { 'content-type': 'application/json' });
      response.end(report === undefined ? '' : JSON.stringify(reportOf(report)));
    });
    return runner;
  }

  /** Where pods answer. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get pods(): readonly Pod[] {
    return this.#pods.list();
  }

  /** From now on, for pods that are there and pods to come. */
  decide(fate: (pod: Pod) => PodFate): void {
    this.#fate = fate;
    for (const pod of this.#pods.list()) this.#settle(pod);
  }

  /** Asks anew how this one fares. */
  reconsider(pod: Pod): void {
    this.#settle(pod);
  }

  async stop(): Promise<void> {
    await this.#pods.stop();
    await Promise.all(this.#writing.values());
    this.#server.closeAllConnections();
    this.#server.close();
    this.#client.close();
  }

  #settle(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const before = this.#writing.get(uid) ?? Promise.resolve();
    const next = before
      .then(() => this.#write(pod))
      .catch((error: unknown) => {
        // Its next change brings it back; a test that is over has no pods.
        if (!isKubeError(error, 'NOT_FOUND', 'CONFLICT', 'ABORTED', 'CONNECTION')) throw error;
      });
    this.#writing.set(uid, next);
  }

  async #write(pod: Pod): Promise<void> {
    const { uid = '', name, namespace } = pod.metadata;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#reports.delete(this.#addressOf(uid));
      await this.#client.delete(podType, { name, namespace }, { gracePeriodSeconds: 0 });
      return;
    }
    const fate = this.#fate(pod);
    const address = this.#addressOf(uid);
    const report = reportFor(fate, name);
    if (report === undefined) this.#reports.delete(address);
    else this.#reports.set(address, report);
    const current = this.#pods.get(`${namespace}/${name}`)?.status;
    const status = statusFor(fate, address, current);
    if (JSON.stringify(shown(current)) !== JSON.stringify(shown(status))) {
      await this.#client.patchStatus(podType, { name, namespace }, { metadata: { uid }, status });
    }
  }

  #addressOf(uid: string): string {
    const known = this.#addresses.get(uid);
    if (known !== undefined) return known;
    const count = this.#addresses.size + 1;
    const address = `127.64.${count >> 8}.${count & 255}`;
    this.#addresses.set(uid, address);
    return address;
  }
}

/** What a change of fate changes. */
function shown(status: Pod['status']): unknown {
  const isReady = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')?.status;
  const [container] = status?.containerStatuses ?? [];
  return [
    status?.phase,
    isReady,
    scheduled,
    container?.restartCount,
    Object.keys(container?.state ?? {}),
    container?.state?.waiting?.reason,
  ];
}

function reportFor(fate: PodFate, node: string): Partial<NodeStatus> | undefined {
  if (fate.kind === 'ready') return { node, ...fate.report };
  if (fate.kind !== 'replaying') return undefined;
  const { progress, report } = fate;
  const replaying = {
    stage: 'replaying',
    ready: false,
    etaSeconds: 30,
    stalenessMs: null,
  } as const;
  return { node, ...replaying, progress, ...report };
}

function statusFor(fate: PodFate, address: string, current: Pod['status']) {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const isReady = fate.kind === 'ready' ? 'True' : 'False';
  const running = { running: { startedAt: now } };
  const waiting = (reason: string) => ({ waiting: { reason, message: reason } });
  const states = {
    ready: running,
    replaying: running,
    crashLooping: waiting('CrashLoopBackOff'),
    imagePullBackOff: waiting('ImagePullBackOff'),
    unschedulable: waiting('ContainerCreating'),
    pending: waiting('ContainerCreating'),
  };
  const isRunning = fate.kind === 'ready' || fate.kind === 'replaying';
  const before = current?.conditions?.find(({ type }) => type === 'Ready');
  const lastTransitionTime = before?.status === isReady ? before.lastTransitionTime : now;
  const scheduled =
    fate.kind === 'unschedulable'
      ? {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/3 nodes are available',
          lastTransitionTime: new Date(fate.sinceMs).toISOString().replace(/\.\d+Z$/, 'Z'),
        }
      : { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  return {
    phase: isRunning || fate.kind === 'crashLooping' ? 'Running' : 'Pending',
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [
      { type: 'Ready', status: isReady, lastTransitionTime },
      { type: 'ContainersReady', status: isReady, lastTransitionTime },
      scheduled,
    ],
    containerStatuses: [
      {
        name: 'thunder',
        ready: isReady === 'True',
        restartCount: fate.kind === 'crashLooping' ? 4 : 0,
        image: 'thunder',
        imageID: '',
        state: states[fate.kind],
      },
    ],
  };
}
