/**
 * TLS and mTLS over real sockets, and certificates that change under a running server.
 */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { connect, type PeerCertificate, type SecureVersion } from 'node:tls';
import { credentials, status } from '@grpc/grpc-js';
import { defaultGrpcLimits } from '#node/limits.ts';
import { startGrpcServer } from '#node/serve/grpc-server.ts';
import { systemClock } from '#runtime/clock.ts';
import { ConfigurationError } from '#runtime/errors.ts';
import { silentLogger } from '#runtime/logger.ts';
import { type Certificate, CertificateFolder, opensslMissing } from './serve-certificates.ts';
import {
  createClient,
  createService,
  encodeRequest,
  query,
  startServer,
  waitFor,
} from './serve-fixture.ts';

const missing = opensslMissing();
if (missing !== null && process.env['CI'] !== undefined) {
  throw new Error(missing);
}

/** Whom the certificate must name: an address in TLS's own name field is not allowed. */
const targetName = { 'grpc.ssl_target_name_override': 'localhost' };

const request = encodeRequest({ user_id: 1, following_user_ids: [2] });

describe('TLS', { skip: missing ?? false }, () => {
  const made = new CertificateFolder();
  after(() => made.remove());
  const authority = readFileSync(made.authority.certFile);

  const credentialsOf = (client: Certificate | null) =>
    client === null
      ? credentials.createSsl(authority)
      : credentials.createSsl(
          authority,
          readFileSync(client.keyFile),
          readFileSync(client.certFile),
        );

  async function ask(address: string, client: Certificate | null): Promise<status> {
    const stub = createClient(address, credentialsOf(client), targetName);
    const { code } = await query(stub, request, { deadlineMs: 3_000 });
    stub.close();
    return code;
  }

  test('a server with a certificate answers over TLS, and not in plain text', async (t) => {
    const { server, address, metrics } = await startServer(
      {},
      { tls: { ...made.issue('plain'), caFile: null } },
    );
    t.after(() => server.shutdown({ graceMs: 0 }));
    assert.equal(await ask(address, null), status.OK);
    const plain = createClient(address);
    assert.equal((await query(plain, request, { deadlineMs: 2_000 })).code, status.UNAVAILABLE);
    plain.close();
    const days = (metrics.certificateExpiry.get('grpc') - Date.now() / 1000) / 86_400;
    assert.ok(days > 1.9 && days <= 2, `expires in ${days} days`);
    assert.equal(await handshake(server.port, 'TLSv1.1'), null);
    assert.notEqual(await handshake(server.port, 'TLSv1.2'), null);
  });

  test('mTLS: only clients with a certificate of the authority are served', async (t) => {
    const { server, address } = await startServer(
      {},
      { tls: { ...made.issue('mutual'), caFile: made.authority.certFile } },
    );
    t.after(() => server.shutdown({ graceMs: 0 }));
    const strangers = new CertificateFolder();
    t.after(() => strangers.remove());
    assert.equal(await ask(address, made.issue('client')), status.OK);
    assert.equal(await ask(address, null), status.UNAVAILABLE);
    assert.equal(await ask(address, strangers.issue('stranger')), status.UNAVAILABLE);
  });

  test('L4: a connection that never spoke does not hold up the end', async () => {
    const { server, metrics } = await startServer(
      {},
      { tls: { ...made.issue('silent'), caFile: null } },
    );
    const socket = connectSocket(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await waitFor('it is connected', () => metrics.connections.value === 1);
    assert.equal(await server.shutdown({ graceMs: 5_000 }), true);
    await closed;
  });

  test('a changed certificate serves new connections, open ones stay, a broken one changes nothing', async (t) => {
    const files = {
      certFile: path.join(made.folder, 'live.pem'),
      keyFile: path.join(made.folder, 'live.key'),
    };
    const install = (certificate: Certificate): void => {
      copyFileSync(certificate.certFile, files.certFile);
      copyFileSync(certificate.keyFile, files.keyFile);
    };
    install(made.issue('first'));
    const { server, address, metrics } = await startServer(
      {},
      { tls: { ...files, caFile: made.authority.certFile } },
    );
    t.after(() => server.shutdown({ graceMs: 0 }));
    const client = made.issue('client');
    const open = createClient(address, credentialsOf(client), targetName);
    t.after(() => open.close());
    assert.equal((await query(open, request)).code, status.OK);
    assert.equal(await handshake(server.port, 'TLSv1.3', client), 'first');

    install(made.issue('second', 3));
    server.checkCertificates();
    assert.equal(await handshake(server.port, 'TLSv1.3', client), 'second');
    assert.equal((await query(open, request)).code, status.OK);
    assert.equal(await ask(address, client), status.OK);
    assert.equal(await ask(address, null), status.UNAVAILABLE, 'mTLS stays on');
    assert.equal(metrics.certificateReloads.get('grpc', 'loaded'), 1);
    const days = (metrics.certificateExpiry.get('grpc') - Date.now() / 1000) / 86_400;
    assert.ok(days > 2.9, `expires in ${days} days`);

    const third = made.issue('third');
    const broken: [string, string | Buffer][] = [
      [files.certFile, 'not a certificate'],
      [files.certFile, readFileSync(third.certFile)],
      [files.keyFile, ''],
    ];
    for (const [index, [file, contents]] of broken.entries()) {
      writeFileSync(file, contents);
      server.checkCertificates();
      assert.equal(metrics.certificateReloads.get('grpc', 'refused'), index + 1);
      assert.equal(await handshake(server.port, 'TLSv1.3', client), 'second');
    }
    install(third);
    server.checkCertificates();
    assert.equal(await handshake(server.port, 'TLSv1.3', client), 'third');
  });

  test('files that cannot be used at the start are one clear sentence, without their contents', async () => {
    const good = made.issue('good');
    const other = made.issue('other');
    const absent = path.join(made.folder, 'absent.pem');
    const junk = path.join(made.folder, 'junk.pem');
    writeFileSync(junk, 'SECRET');
    const cases: [RegExp, { certFile: string | null; keyFile: string; caFile: string | null }][] = [
      [/absent\.pem cannot be read/, { ...good, certFile: absent, caFile: null }],
      [/junk\.pem holds no PEM certificate/, { ...good, caFile: junk }],
      [/other\.key cannot be used/, { ...good, keyFile: other.keyFile, caFile: null }],
      [/good\.key stands alone/, { ...good, certFile: null, caFile: null }],
    ];
    for (const [message, tls] of cases) {
      const { service, metrics } = createService();
      const starting = startGrpcServer({
        handler: service,
        host: '127.0.0.1',
        port: 0,
        tls,
        reloadIntervalMs: 0,
        limits: defaultGrpcLimits,
        metrics,
        clock: systemClock,
        logger: silentLogger,
      });
      await assert.rejects(starting, (error: Error) => {
        assert.ok(error instanceof ConfigurationError, error.message);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /SECRET|PRIVATE/);
        return true;
      });
    }
  });

  /** The common name that a new connection is shown; null when there is no agreement. */
  function handshake(
    port: number,
    maxVersion: SecureVersion,
    client: Certificate | null = null,
  ): Promise<string | null> {
    return new Promise((resolve) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: authority,
        ALPNProtocols: ['h2'],
        minVersion: maxVersion,
        maxVersion,
        ...(maxVersion === 'TLSv1.1' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
        ...(client === null
          ? {}
          : { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) }),
      });
      socket.on('secureConnect', () => {
        const peer: PeerCertificate = socket.getPeerCertificate();
        socket.destroy();
        resolve(String(peer.subject.CN));
      });
      socket.on('error', () => resolve(null));
    });
  }
});
