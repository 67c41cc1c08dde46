/** The Kubernetes that tests run against, tested itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { controlPlaneOrSkip } from './control-plane.ts';
import { etcdVersion, kubernetesVersion } from './go-build.ts';

describe('the Kubernetes for tests', () => {
  it('takes a Deployment, and its controllers act on it', async (t) => {
    const plane = await controlPlaneOrSkip(t);
    if (plane === undefined) return;
    t.diagnostic(plane.how);
    const namespace = await plane.createNamespace();
    const image = 'example.com/none:1';
    await plane.kubectl(['-n', namespace, 'create', 'deployment', 'web', `--image=${image}`]);
    const pods = await waitFor('the deployment has a pod', async () => {
      const list = await plane.kubectl(['-n', namespace, 'get', 'pods', '-o', 'name']);
      return list.stdout.trim() || null;
    });
    assert.match(pods, /^pod\/web-/);
  });

  it('starts again after a kill, with what it knew', async (t) => {
    const plane = await controlPlaneOrSkip(t, { own: true, controllers: false });
    if (plane?.local === undefined) return;
    const namespace = await plane.createNamespace();
    await plane.local.apiServer.kill();
    await assert.rejects(plane.kubectl(['get', 'namespace', namespace]), /refused/);
    plane.local.apiServer.start();
    await plane.local.waitUntilReady();
    const found = await plane.kubectl(['get', 'namespace', namespace, '-o', 'name']);
    assert.equal(found.stdout.trim(), `namespace/${namespace}`);
  });

  it('is built from the versions it says', () => {
    const read = (name: string): string =>
      readFileSync(path.join(import.meta.dirname, name, 'go.mod'), 'utf8');
    assert.match(read('kubernetes'), new RegExp(`k8s.io/kubernetes v${kubernetesVersion}\\b`));
    assert.match(read('etcd'), new RegExp(`go.etcd.io/etcd/server/v3 v${etcdVersion}\\b`));
  });
});
