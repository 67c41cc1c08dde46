/**
 * `thunder operator` as a process, with the rights of its manifests and no others: what it says when
 * something is missing, and how it ends.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { thunderFleets } from '#operator/facts/resource-types.ts';
import { rbacManifests } from '#operator/rbac/manifests.ts';
import {
  skipWithoutControlPlane,
  startControlPlane,
  type TestControlPlane,
} from '#test/components/control-plane/control-plane.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { operatorForTest, readyOnes } from './operator-for-test.ts';
import { startOperatorProcess } from './operator-process.ts';

const system = 'thunder-system';

describe('thunder operator', { skip: await skipWithoutControlPlane() }, () => {
  let plane: TestControlPlane;
  let folder: string;
  before(async () => {
    plane = await startControlPlane({ own: true });
    folder = mkdtempSync(path.join(tmpdir(), 'thunder-operator-'));
    await plane.kubectl(['create', 'namespace', system]);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await plane?.stop();
  });

  it('says in one line what is missing: a kubeconfig, the CRD, rights', async (t) => {
    const none = startOperatorProcess(t, ['--kubeconfig', path.join(folder, 'none')]);
    assert.equal(await none.exitCode, 2);
    assert.match(none.said(), /thunder: .*none cannot be used: .*ENOENT/);
    const withoutCrd = startOperatorProcess(t, ['--kubeconfig', plane.kubeconfig]);
    assert.equal(await withoutCrd.exitCode, 2);
    assert.match(withoutCrd.said(), /thunder: the API server does not know ThunderFleets/);
    assert.match(withoutCrd.said(), /--install-crds/);
    const world = await operatorForTest(t, plane);
    const kubeconfig = await accountConfig('nobody', world.namespace);
    const powerless = startOperatorProcess(t, ['--kubeconfig', kubeconfig]);
    assert.equal(await powerless.exitCode, 2);
    assert.match(
      powerless.said(),
      /thunder: the operator lacks rights: create controllerrevisions in/,
    );
  });

  it('criterion 15: runs a fleet with the rights of its manifests, and hands over at a signal', async (t) => {
    const world = await operatorForTest(t, plane);
    const { namespace, client } = world;
    const manifest = rbacManifests().get('namespaced.yaml') ?? '';
    await plane.kubectl(
      ['apply', '-f', '-'],
      manifest.replaceAll('namespace: feeds', `namespace: ${namespace}`),
    );
    const kubeconfig = await accountConfig('thunder-operator', system);
    const operator = startOperatorProcess(t, [
      ...['--kubeconfig', kubeconfig, '--watch-namespaces', namespace],
      ...['--operator-namespace', system, '--pod-admin-port', String(world.runner.port)],
      ...['--no-look-at-kafka', '--http-host', '127.0.0.1', '--http-port', '0'],
    ]);
    const name = await world.create({
      transformers: [{ name: 'tweets', input: { topic: 'tweets' } }],
    });
    await world.untilCondition(name, 'Ready', { status: 'True' }).catch((error: Error) => {
      throw new Error(`${error.message}; it said ${operator.said()}`);
    });
    await client.delete(thunderFleets, { namespace, name });
    await waitFor('the fleet is gone', async () => (await world.get(name)) === undefined);
    assert.doesNotMatch(operator.said(), /FORBIDDEN|forbidden/);
    const { stdout } = await plane.kubectl([
      ...['auth', 'can-i', '--list', '-n', 'default'],
      `--as=system:serviceaccount:${system}:thunder-operator`,
    ]);
    assert.doesNotMatch(stdout, /secrets|\*\.\*/);
    operator.child.kill('SIGTERM');
    assert.equal(await operator.exitCode, 0);
    const lease = await plane.kubectl([
      ...[
        '-n',
        system,
        'get',
        'lease',
        'thunder-operator',
        '-o',
        'jsonpath={.spec.holderIdentity}',
      ],
    ]);
    assert.equal(lease.stdout, '');
    assert.equal(readyOnes(world.runner.pods).length, 0);
  });

  /** A kubeconfig of a service account. */
  async function accountConfig(account: string, namespace: string): Promise<string> {
    await plane
      .kubectl(['-n', namespace, 'create', 'serviceaccount', account])
      .catch(() => undefined);
    const { stdout } = await plane.kubectl(['-n', namespace, 'create', 'token', account]);
    const config = readFileSync(plane.kubeconfig, 'utf8');
    const file = path.join(folder, `${namespace}-${account}.conf`);
    const token = plane.local?.token ?? '';
    assert.ok(token !== '' && config.includes(token));
    writeFileSync(file, config.replaceAll(token, stdout.trim()), { mode: 0o600 });
    return file;
  }
});
