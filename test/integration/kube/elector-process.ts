/**
 * A process that waits for the lead and then writes without a pause, through the fence: what the
 * leader test pauses and kills. Tells its parent when it leads.
 *
 *     elector-process.ts KUBECONFIG NAMESPACE IDENTITY
 */
import { loadAccess } from '#operator/kube/access.ts';
import { createKubeClient } from '#operator/kube/client.ts';
import { pause, systemClock } from '#operator/kube/clock.ts';
import { isKubeError } from '#operator/kube/errors.ts';
import { createLeaderElector } from '#operator/kube/leader-elector.ts';
import { createKubeMetrics } from '#operator/kube/metrics.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { createTransport } from '#operator/kube/transport.ts';
import { configMaps } from '#operator/kube/types.ts';
import { messageOf } from '#runtime/errors.ts';

/** Between two writes, so that the server has time for others. */
const writeMs = 5;

const [kubeconfig, namespace = '', identity = ''] = process.argv.slice(2);
const clock = systemClock;
const metrics = createKubeMetrics();
const transport = createTransport({
  access: loadAccess({ kubeconfig }),
  clock,
  metrics,
  userAgent: identity,
});
const elector = createLeaderElector({
  client: createKubeClient({ transport, fieldManager: identity }),
  namespace,
  name: 'the-lease',
  identity,
  clock,
  random: Math.random,
  log: silentLog,
  metrics,
});
const client = createKubeClient({ transport, fieldManager: identity, fence: elector });
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

async function writeOnAndOn(signal: AbortSignal): Promise<void> {
  process.stdout.write('leading\n');
  for (let n = 0; !signal.aborted; n++) {
    const data = { n: String(n) };
    const metadata = { namespace, name: identity };
    await client.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    await pause(clock, writeMs, signal);
  }
}

try {
  await elector.lead(writeOnAndOn, stopping.signal);
  process.stdout.write('ended\n');
} catch (error) {
  process.stdout.write(`${isKubeError(error, 'NOT_LEADER') ? 'lost' : messageOf(error)}\n`);
  process.exitCode = 1;
} finally {
  client.close();
}
