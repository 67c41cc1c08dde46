/**
 * Certificates and keys from files, checked whole before they are used: what comes out of here makes
 * a working TLS context.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import { secretFileBytesMax } from '../limits.ts';
import { readNamedFile } from './file-watch.ts';

export interface TlsFiles {
  /** PEM: our certificate, then its intermediates. */
  readonly certFile: string | null;
  /** PEM: its private key. Given together with `certFile`. */
  readonly keyFile: string | null;
  /** PEM: whom to trust. On a server: clients must have a certificate of these (mTLS). */
  readonly caFile: string | null;
}

export interface TlsMaterial {
  /** `cert`, `key` and `ca` where there are such files; TLS 1.2 at least. */
  readonly context: SecureContextOptions;
  /** When our certificate ends, milliseconds since the epoch; null without one. */
  readonly expiresAtMs: number | null;
}

/** Throws ConfigurationError, naming the file and the reason, for anything that cannot be used. */
export function loadTlsMaterial(files: Partial<TlsFiles>): TlsMaterial {
  const { certFile = null, keyFile = null, caFile = null } = files;
  if ((certFile === null) !== (keyFile === null)) {
    throw new ConfigurationError(
      `a certificate and its key are given together; ${certFile ?? keyFile} stands alone`,
    );
  }
  const context: SecureContextOptions = { minVersion: 'TLSv1.2' };
  let expiresAtMs: number | null = null;
  if (certFile !== null && keyFile !== null) {
    context.cert = readNamedFile(certFile, secretFileBytesMax);
    context.key = readNamedFile(keyFile, secretFileBytesMax);
    const [own] = certificatesOf(context.cert, certFile);
    expiresAtMs = own === undefined ? null : Date.parse(own.validTo);
  }
  if (caFile !== null) {
    context.ca = readNamedFile(caFile, secretFileBytesMax);
    certificatesOf(context.ca, caFile);
  }
  try {
    createSecureContext(context);
  } catch (error) {
    throw new ConfigurationError(
      `${certFile ?? caFile} and ${keyFile ?? 'no key'} cannot be used: ${messageOf(error)}`,
      error,
    );
  }
  return { context, expiresAtMs };
}

/** Every certificate of a PEM file; at least one. OpenSSL itself skips in silence what it cannot read. */
function certificatesOf(pem: Buffer, file: string): X509Certificate[] {
  const blocks =
    pem
      .toString('latin1')
      .match(
        /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^]*?-----END (?:TRUSTED )?CERTIFICATE-----/g,
      ) ?? [];
  if (blocks.length === 0) {
    throw new ConfigurationError(`${file} holds no PEM certificate`);
  }
  return blocks.map((block) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new ConfigurationError(
        `${file} holds a broken certificate: ${messageOf(error)}`,
        error,
      );
    }
  });
}
