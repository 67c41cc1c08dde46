/**
 * The committed CRD in a control plane for tests.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestControlPlane } from '#test/components/control-plane/control-plane.ts';
import { apiVersion, names } from './thunder-fleet/crd.ts';

const crdFile = path.resolve(import.meta.dirname, 'gen/thunderfleets.yaml');
const servedMsMax = 30_000;

/** Resolves once the resource is served: `kubectl wait` stumbles over a CRD that has no status yet. */
export async function installCrd(plane: TestControlPlane): Promise<void> {
  await plane.kubectl(['apply', '--server-side', '-f', crdFile]);
  const endMs = Date.now() + servedMsMax;
  for (;;) {
    const last = await plane.kubectl(['get', '--raw', `/apis/${apiVersion}/${names.plural}`]).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (last === undefined) return;
    if (Date.now() > endMs) throw last;
    await pause(100);
  }
}
