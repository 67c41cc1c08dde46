/**
 * The operator, built from its settings: caches, which every process keeps, and the work, which only
 * the one that leads does.
 */
import { fieldManager } from '#operator/desired/names.ts';
import { type StoredFleet, statusOf } from '#operator/fleet/fleet.ts';
import { startAdminServer } from '#runtime/admin/admin-server.ts';
import { ConfigurationError, DependencyError, ThunderError } from '#runtime/errors.ts';
import type { Lifecycle } from '#runtime/lifecycle.ts';
import type { Logger } from '#runtime/logger.ts';
import { cacheSyncMsMax, handOverMsMax } from './bounds.ts';
import { type Caches, createCaches } from './facts/caches.ts';
import { loadAccess } from './kube/access.ts';
import { createKubeClient } from './kube/client.ts';
import { KubeError } from './kube/errors.ts';
import { createLeaderElector } from './kube/leader-elector.ts';
import { createKubeMetrics } from './kube/metrics.ts';
import type { Clock } from './kube/ports.ts';
import { createTransport } from './kube/transport.ts';
import { runWork } from './lead-work.ts';
import { createOperatorMetrics, type FleetFigures } from './metrics.ts';
import { assertCrd, assertRights, hasPodMonitors, installCrd, untilAnswered } from './preflight.ts';
import type { OperatorSettings } from './settings.ts';

export interface OperatorOptions {
  readonly settings: OperatorSettings;
  readonly version: string;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
  /** In the Lease; default the host's name and a random part. */
  readonly identity?: string | undefined;
  /** For tests: how often everything is looked at again. */
  readonly resyncMs?: number | undefined;
}

export interface Operator {
  readonly httpPort: number;
  /** At this very moment. */
  isLeading(): boolean;
}

/**
 * Resolves when the caches are filled; leading comes later, or never. What fails after that ends the
 * lifecycle. What a user can mend is thrown as a ConfigurationError.
 */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  try {
    return await start(options);
  } catch (error) {
    throw toThunderError(error);
  }
}

async function start(options: OperatorOptions): Promise<Operator> {
  const { settings, version, lifecycle, clock, logger: log } = options;
  const { signal } = lifecycle;
  const random = Math.random;
  const metrics = createKubeMetrics();
  const access = loadAccess({ kubeconfig: settings.kubeconfig, context: settings.context });
  const operatorNamespace = settings.operatorNamespace ?? access.namespace;
  const transport = createTransport({
    ...{ access, clock, metrics },
    userAgent: `thunder-operator/${version}`,
    onWarning: (warning, what) => log.warn({ what, warning }, 'the API server warns'),
  });
  const client = await lifecycle.start(
    'client',
    () => createKubeClient({ transport, fieldManager }),
    (started) => started.close(),
  );
  const elector = createLeaderElector({
    ...{ client, clock, random, log, metrics },
    namespace: operatorNamespace,
    name: settings.leaseName,
    identity: options.identity,
  });
  const isLeading = (): boolean => !settings.leaderElect || elector.isLeader();
  let caches: Caches | undefined;
  const fleetFigures = (): FleetFigures[] => (caches?.fleets.list() ?? []).map(figuresOf);
  const operatorMetrics = createOperatorMetrics({ version, kube: metrics, fleets: fleetFigures });
  const admin = await lifecycle.start(
    'admin server',
    () =>
      startAdminServer({
        provider: {
          hasStarted: () => true,
          readiness: () => {
            const ready = caches?.hasSynced === true;
            const stage = ready ? (isLeading() ? 'leading' : 'standby') : 'connecting';
            const reason = ready
              ? ''
              : `not listed yet: ${(caches?.missing ?? ['anything']).join(', ')}`;
            return { ready, stage, reason, progress: ready ? 1 : null, etaSeconds: null };
          },
          status: () => ({
            version,
            role: 'operator',
            identity: elector.identity,
            isLeading: isLeading(),
            holder: settings.leaderElect ? elector.holder : elector.identity,
            namespaces: settings.watchNamespaces,
            fleets: fleetFigures(),
          }),
          metrics: () => operatorMetrics.text(),
        },
        logger: log,
        host: settings.httpHost,
        port: settings.httpPort,
      }),
    (server) => server.close(),
  );
  const namespaces = settings.watchNamespaces;
  const podMonitorsThere = await untilAnswered(
    async () => {
      if (settings.installCrds) {
        await installCrd(client, clock, signal);
      }
      await assertCrd(client, namespaces, signal);
      await assertRights(client, { namespaces, operatorNamespace }, signal);
      return hasPodMonitors(client, namespaces, signal);
    },
    { clock, random, log },
    signal,
  );
  const filled = await lifecycle.start(
    'caches',
    () => {
      caches = createCaches({
        ...{ client, namespaces, clock, random, log, metrics, resyncMs: options.resyncMs },
        hasPodMonitors: podMonitorsThere,
      });
      caches.start();
      return caches;
    },
    (started) => started.stop(),
  );
  await untilFilled(filled, signal);
  const fenced = createKubeClient({
    ...{ transport, fieldManager },
    ...(settings.leaderElect ? { fence: elector } : {}),
  });
  const work = (workSignal: AbortSignal): Promise<void> =>
    runWork({
      ...{ settings, client: fenced, caches: filled, clock, random, log, metrics },
      ...{ operatorMetrics, operatorNamespace, signal: workSignal },
    });
  await lifecycle.start(
    'work',
    () => {
      const working = settings.leaderElect ? elector.lead(work, signal) : work(signal);
      const ended = working.catch((error: unknown) => {
        void lifecycle.fail(toThunderError(error));
      });
      return { ended };
    },
    // The lifecycle's signal has ended it; this waits for the hand-over.
    ({ ended }) => ended,
    { stopTimeoutMs: handOverMsMax },
  );
  log.info({ httpPort: admin.port, identity: elector.identity, namespaces }, 'operator started');
  return { httpPort: admin.port, isLeading };
}

async function untilFilled(caches: Caches, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(cacheSyncMsMax);
  try {
    await caches.whenSynced(AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    throw new DependencyError(
      `the API server did not list within ${cacheSyncMsMax / 1_000} s: ${caches.missing.join(', ')}`,
      { code: 'KUBERNETES', retry: 'backoff', cause: error },
    );
  }
}

function figuresOf(fleet: StoredFleet): FleetFigures {
  const { namespace = '', name } = fleet.metadata;
  return { namespace, name, status: statusOf(fleet) };
}

/** The one place where what Kubernetes refuses becomes what this program ends with. */
function toThunderError(error: unknown): unknown {
  if (error instanceof ThunderError || !(error instanceof KubeError)) {
    return error;
  }
  switch (error.code) {
    case 'CONFIGURATION':
      return new ConfigurationError(error.message, error);
    case 'UNAUTHORIZED':
      return new ConfigurationError(`the API server does not know us: ${error.message}`, error);
    case 'FORBIDDEN':
      return new ConfigurationError(
        `the operator lacks rights: ${error.message}. Apply the roles in operator/rbac/`,
        error,
      );
    default:
      return new DependencyError(error.message, {
        code: `KUBERNETES_${error.code}`,
        retry: error.retry === 'never' ? 'never' : 'backoff',
        cause: error,
      });
  }
}
