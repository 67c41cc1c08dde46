/**
 * Certificates for tests, made by openssl when they are needed: an authority, and what it signs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Null when openssl is there; otherwise why the tests that need it cannot run. */
export function opensslMissing(): string | null {
  return spawnSync('openssl', ['version']).status === 0
    ? null
    : 'openssl is not installed: certificates cannot be made';
}

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A folder of its own with an authority in it. */
export class CertificateFolder {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'thunder-certificates-'));
  readonly authority: Certificate;

  constructor() {
    this.authority = this.#files('authority');
    this.#openssl(
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority',
      ['-keyout', this.authority.keyFile, '-out', this.authority.certFile],
    );
  }

  /** A certificate for 127.0.0.1 and localhost, good for `days`. */
  issue(name: string, days = 2): Certificate {
    const files = this.#files(name);
    const requestFile = path.join(this.folder, `${name}.csr`);
    const extensionFile = path.join(this.folder, `${name}.ext`);
    writeFileSync(extensionFile, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    this.#openssl(`req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name}`, [
      '-keyout',
      files.keyFile,
      '-out',
      requestFile,
    ]);
    const { certFile, keyFile } = this.authority;
    this.#openssl(
      `x509 -req -days ${days} -CAcreateserial`,
      ['-in', requestFile, '-extfile', extensionFile, '-out', files.certFile],
      ['-CA', certFile, '-CAkey', keyFile],
    );
    return files;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #files(name: string): Certificate {
    return {
      certFile: path.join(this.folder, `${name}.pem`),
      keyFile: path.join(this.folder, `${name}.key`),
    };
  }

  /** Options without paths in one line, those with paths apart. */
  #openssl(options: string, ...withPaths: readonly (readonly string[])[]): void {
    execFileSync('openssl', [...options.split(' '), ...withPaths.flat()], { stdio: 'pipe' });
  }
}
