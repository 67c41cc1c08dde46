/**
 * The operator as `thunder operator` builds it, on a real API server behind the fault proxy, with
 * pods that fare as the scenario says.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { Condition, ThunderFleetStatus } from '#crds/gen/thunder-fleet.ts';
import type { JsonObject } from '#crds/schema/json.ts';
import { apiVersion, names } from '#crds/thunder-fleet/crd.ts';
import { type Operator, startOperator } from '#operator/app.ts';
import { childName, labelKeys } from '#operator/desired/names.ts';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import { type StoredFleet, statusOf as storedStatusOf } from '#operator/fleet/fleet.ts';
import { systemClock as kubeClock } from '#operator/kube/clock.ts';
import type { Clock, KubeClient } from '#operator/kube/ports.ts';
import { type Deployment, deployments, type Pod } from '#operator/kube/types.ts';
import { installCrd } from '#operator/preflight.ts';
import { operatorSettings } from '#operator/settings.ts';
import { systemClock } from '#runtime/clock.ts';
import { createLifecycle, type Lifecycle } from '#runtime/lifecycle.ts';
import { silentLogger } from '#runtime/logger.ts';
import { loadSettings } from '#runtime/settings/load-settings.ts';
import type { TestControlPlane } from '#test/components/control-plane/control-plane.ts';
import { type FaultProxy, startFaultProxy } from '#test/components/control-plane/fault-proxy.ts';
import { PodRunner } from '#test/components/control-plane/pod-runner.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { kubeForTest, uniqueName } from '#test/integration/kube/kube-for-test.ts';

export interface OperatorForTestOptions {
  readonly args?: readonly string[];
  readonly resyncMs?: number;
  /** Gets every line of the log. */
  readonly lines?: string[];
  /** Default false: no Kafka is there. */
  readonly lookAtKafka?: boolean;
  /** Default: that of the machine. */
  readonly clock?: Clock;
}

export interface RunningOperator {
  readonly operator: Operator;
  readonly lifecycle: Lifecycle;
  /** In order, as at a signal. */
  stop(): Promise<void>;
}

/** A namespace with an operator of its own, and pods that fare. */
export async function operatorForTest(
  test: TestContext,
  plane: TestControlPlane,
  options: OperatorForTestOptions = {},
) {
  const proxy = await startFaultProxy(plane);
  test.after(() => proxy.stop());
  const namespace = await plane.createNamespace({
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  const { client } = kubeForTest(test, plane.kubeconfig);
  const runner = await PodRunner.start(plane.kubeconfig, namespace);
  test.after(() => runner.stop());
  const start = (more: Partial<OperatorForTestOptions> = {}): Promise<RunningOperator> =>
    startForTest(test, { proxy, namespace, runner }, { ...options, ...more });
  const installType = (): Promise<void> =>
    installCrd(client, kubeClock, AbortSignal.timeout(60_000));
  await installType();
  const fleets = fleetsOf(client, namespace);
  return { proxy, namespace, client, runner, start, installCrd: installType, ...fleets };
}

async function startForTest(
  test: TestContext,
  parts: {
    readonly proxy: FaultProxy;
    readonly namespace: string;
    readonly runner: PodRunner;
  },
  { args = [], resyncMs, lookAtKafka = false, lines, clock = kubeClock }: OperatorForTestOptions,
): Promise<RunningOperator> {
  const { proxy, namespace, runner } = parts;
  const logger =
    lines === undefined
      ? silentLogger
      : pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const { values } = loadSettings(operatorSettings, {
    argv: [
      ...['--kubeconfig', proxy.kubeconfig, '--watch-namespaces', namespace],
      ...['--operator-namespace', namespace, '--pod-admin-port', String(runner.port)],
      ...['--http-host', '127.0.0.1', '--http-port', '0'],
      lookAtKafka ? '--look-at-kafka' : '--no-look-at-kafka',
      ...args,
    ],
    env: {},
    readFile: () => assert.fail('no file is named'),
  });
  const lifecycle = createLifecycle({ logger, clock: systemClock });
  const stop = async (): Promise<void> => {
    await lifecycle.stop('the test ends');
  };
  test.after(stop);
  const operator = await startOperator({
    ...{ settings: values, lifecycle, clock, logger, resyncMs },
    version: '0.0.0-test',
  });
  return { operator, lifecycle, stop };
}

function fleetsOf(client: KubeClient, namespace: string) {
  const get = (name: string): Promise<StoredFleet | undefined> =>
    client.get(thunderFleets, { namespace, name });
  const statusOf = async (name: string): Promise<ThunderFleetStatus | undefined> => {
    const fleet = await get(name);
    return fleet && storedStatusOf(fleet);
  };
  const condition = async (name: string, type: Condition['type']): Promise<Condition | undefined> =>
    (await statusOf(name))?.conditions?.find((each) => each.type === type);
  return {
    get,
    statusOf,
    condition,
    /** A minimal one, with these fields besides. */
    async create(spec: JsonObject = {}, name = uniqueName('fleet')): Promise<string> {
      const fleet = {
        apiVersion,
        kind: names.kind,
        metadata: { namespace, name },
        spec: { kafka: { brokers: ['127.0.0.1:1'] }, ...spec },
      };
      await client.create(thunderFleets, fleet);
      return name;
    },
    edit: (name: string, spec: JsonObject) =>
      client.patch(thunderFleets, { namespace, name }, { spec }),
    annotate: (name: string, annotations: JsonObject) =>
      client.patch(thunderFleets, { namespace, name }, { metadata: { annotations } }),
    /** Until the condition is so about the newest generation; answers it. */
    untilCondition: (
      name: string,
      type: Condition['type'],
      wanted: Partial<Pick<Condition, 'status' | 'reason'>>,
      withinMs = 120_000,
    ): Promise<Condition> => {
      let last = 'nothing';
      return waitFor(
        `${name} is ${type}=${wanted.status ?? ''} ${wanted.reason ?? ''}`,
        async () => {
          const fleet = await get(name);
          const found = await condition(name, type);
          last = JSON.stringify(found);
          const isNew = found?.observedGeneration === fleet?.metadata.generation;
          const { status = found?.status, reason = found?.reason } = wanted;
          return isNew && found?.status === status && found?.reason === reason && found;
        },
        { withinMs },
      ).catch((error: Error) => {
        throw new Error(`${error.message}; last: ${last}`);
      });
    },
    serving: (name: string): Promise<Deployment | undefined> =>
      client.get(deployments, { namespace, name: childName({ name }, 'serving') }),
  };
}

/** Revision that a pod was made from. */
export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[labelKeys.revision] ?? '';
}

/** Pods that are sent queries. */
export function readyOnes(pods: readonly Pod[]): Pod[] {
  return pods.filter(
    ({ status, metadata }) =>
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true,
  );
}

/** Lists of the operator: its watches begin with one each. */
export function listsOf({ requests }: FaultProxy): number {
  return requests.filter(
    ({ method, isWatch, query }) => method === 'GET' && !isWatch && query.has('limit'),
  ).length;
}

/** Writes of the operator, its Lease aside. */
export function writesOf(proxy: FaultProxy): string[] {
  return proxy.requests
    .filter(({ isWrite, path }) => isWrite && !path.includes('/leases'))
    .map(({ method, path }) => `${method} ${path}`);
}

/** Until the operator has written nothing for so long. */
export async function untilQuiet(proxy: FaultProxy, quietMs = 2_000): Promise<void> {
  let writes = -1;
  let sinceMs = performance.now();
  await waitFor(
    'the operator writes nothing',
    () => {
      const now = writesOf(proxy).length;
      if (now !== writes) {
        writes = now;
        sinceMs = performance.now();
      }
      return performance.now() - sinceMs >= quietMs;
    },
    { withinMs: quietMs + 60_000 },
  );
}
