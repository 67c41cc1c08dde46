/** What is read from kubeconfigs, and what is said of those that cannot be used. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadAccess } from './access.ts';
import { isKubeError } from './errors.ts';

describe('access', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'kube-access-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function kubeconfig(name: string, user: object, cluster: object = {}): Promise<string> {
    const file = path.join(directory, name);
    const config = {
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1/base/', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [
        { name: 'first', context: { cluster: 'c', user: 'u', namespace: 'here' } },
        { name: 'second', context: { cluster: 'c', user: 'u' } },
      ],
      'current-context': 'first',
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  it('takes the server, the namespace and a token', async () => {
    const access = loadAccess({ kubeconfig: await kubeconfig('token', { token: 'abc' }) });
    assert.deepEqual([access.server, access.namespace], ['https://127.0.0.1:1/base', 'here']);
    const { headers } = await access.credentials();
    assert.equal(headers['Authorization'], 'Bearer abc');
    const file = await kubeconfig('token', { token: 'abc' });
    assert.equal(loadAccess({ kubeconfig: file, context: 'second' }).namespace, 'default');
  });

  it('reads certificates anew, and tells when they have changed', async () => {
    await writeFile(path.join(directory, 'ca.crt'), 'one');
    const cluster = { 'certificate-authority': 'ca.crt' };
    const access = loadAccess({ kubeconfig: await kubeconfig('ca', { token: 'abc' }, cluster) });
    const first = await access.credentials();
    assert.equal(String(first.tls.ca), 'one');
    assert.equal((await access.credentials()).tlsHash, first.tlsHash);
    await writeFile(path.join(directory, 'ca.crt'), 'two');
    const second = await access.credentials();
    assert.equal(String(second.tls.ca), 'two');
    assert.notEqual(second.tlsHash, first.tlsHash);
  });

  it('runs the plugin that the kubeconfig names', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-a-plugin' },
    };
    const exec = {
      apiVersion: credential.apiVersion,
      command: 'echo',
      args: [JSON.stringify(credential)],
      interactiveMode: 'Never',
    };
    const access = loadAccess({ kubeconfig: await kubeconfig('exec', { exec }) });
    const { headers } = await access.credentials();
    assert.equal(headers['Authorization'], 'Bearer from-a-plugin');
  });

  it('says which file cannot be used, and which context is not in it', async () => {
    const missing = path.join(directory, 'none');
    const refuses = (act: () => unknown, words: RegExp): void => {
      assert.throws(act, (error: unknown) => {
        assert.ok(isKubeError(error, 'CONFIGURATION'));
        assert.match(error.message, words);
        return true;
      });
    };
    refuses(() => loadAccess({ kubeconfig: missing }), /none cannot be used: ENOENT/);
    const file = await kubeconfig('token', { token: 'abc' });
    refuses(() => loadAccess({ kubeconfig: file, context: 'third' }), /has no context third/);
    await writeFile(missing, 'not: [yaml');
    refuses(() => loadAccess({ kubeconfig: missing }), /none cannot be used/);
    await writeFile(missing, '{}');
    refuses(() => loadAccess({ kubeconfig: missing }), /names no cluster/);
  });
});
