/** Events as kubectl shows them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '#operator/kube/clock.ts';
import { createEventRecorder } from '#operator/kube/event-recorder.ts';
import { silentLog } from '#operator/kube/silent-log.ts';
import { configMaps } from '#operator/kube/types.ts';
import {
  controlPlaneOrSkip,
  skipWithoutControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { kubeForTest } from './kube-for-test.ts';

const flushMsMax = 20_000;

describe('events on a real API server', { skip: await skipWithoutControlPlane() }, () => {
  it('are shown by kubectl describe, with how often they came', async (t) => {
    const plane = await controlPlaneOrSkip(t, { controllers: false });
    if (plane === undefined) return;
    const namespace = await plane.createNamespace();
    const { client, metrics } = kubeForTest(t, plane.kubeconfig);
    const regarding = await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'thing' },
    });
    const recorder = createEventRecorder({
      client,
      controller: 'example.com/test',
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      metrics,
    });
    t.after(() => recorder.stop());
    const halted = {
      type: 'Warning',
      reason: 'Halted',
      action: 'Roll',
      note: 'It went ill.',
    } as const;
    const long = { type: 'Normal', reason: 'Long', action: 'Talk', note: 'ü'.repeat(600) } as const;
    for (let n = 0; n < 3; n++) recorder.record({ regarding, ...halted });
    recorder.record({ regarding, ...long });
    await recorder.flush(AbortSignal.timeout(flushMsMax));
    recorder.record({ regarding, ...halted });
    await recorder.flush(AbortSignal.timeout(flushMsMax));
    const described = await plane.kubectl(['-n', namespace, 'describe', 'configmap', 'thing']);
    assert.match(
      described.stdout,
      /Warning +Halted +\S+ \(x4 over \S+\) +example.com\/test +It went ill\./,
    );
    assert.match(described.stdout, /Normal +Long +\S+ +example.com\/test +ü+…/);
    assert.equal(metrics.events.get('dropped'), 0);
  });
});
