/** The runtime under test, wired to a control plane or to the fault proxy in front of it. */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { loadAccess } from '#operator/kube/access.ts';
import { createKubeClient, type KubeClientOptions } from '#operator/kube/client.ts';
import { systemClock } from '#operator/kube/clock.ts';
import { createInformer, type InformerOptions } from '#operator/kube/informer.ts';
import { createKubeMetrics, type KubeMetrics } from '#operator/kube/metrics.ts';
import type { KubeObject, ResourceType } from '#operator/kube/objects.ts';
import type { Informer, KubeClient } from '#operator/kube/ports.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { createTransport, type Transport } from '#operator/kube/transport.ts';

export const testManager = 'test-manager';

export interface KubeForTest {
  readonly transport: Transport;
  readonly client: KubeClient;
  readonly metrics: KubeMetrics;
  /** Of the server. */
  readonly warnings: readonly string[];
  clientWith(options: Partial<KubeClientOptions>): KubeClient;
  /** Started; stopped at the end of the test. */
  informer<T extends KubeObject>(
    type: ResourceType<T>,
    options?: Partial<InformerOptions<T>>,
  ): Informer<T>;
}

/** Everything is closed when the test ends. */
export function kubeForTest(test: TestContext, kubeconfig: string): KubeForTest {
  const metrics = createKubeMetrics();
  const warnings: string[] = [];
  const transport = createTransport({
    access: loadAccess({ kubeconfig }),
    clock: systemClock,
    metrics,
    userAgent: 'kube-test/0',
    onWarning: (warning) => warnings.push(warning),
  });
  const client = createKubeClient({ transport, fieldManager: testManager });
  const informers: Informer<KubeObject>[] = [];
  test.after(async () => {
    await Promise.all(informers.map((informer) => informer.stop()));
    client.close();
  });
  return {
    transport,
    client,
    metrics,
    warnings,
    clientWith: (options) => createKubeClient({ transport, fieldManager: testManager, ...options }),
    informer(type, options = {}) {
      const informer = createInformer({
        client,
        type,
        clock: systemClock,
        random: Math.random,
        log: silentLog,
        metrics,
        ...options,
      });
      informers.push(informer);
      informer.start();
      return informer;
    },
  };
}

/** A name that no other test has. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
