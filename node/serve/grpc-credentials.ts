/**
 * Server certificates that change without a restart: new connections get what the files hold now,
 * open ones keep what they began with. A broken file changes nothing.
 */
import { ServerCredentials } from '@grpc/grpc-js';
import type { Clock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Logger } from '#runtime/logger.ts';
import type { ServingMetrics } from '../metrics.ts';
import { FileWatch } from './file-watch.ts';
import { loadTlsMaterial, type TlsFiles, type TlsMaterial } from './tls-material.ts';

export interface ReloadingCredentialsOptions {
  readonly files: TlsFiles;
  /** Milliseconds between looks at the files. */
  readonly reloadIntervalMs: number;
  /** A handshake that takes longer is given up. */
  readonly handshakeTimeoutMs: number;
  readonly metrics: Pick<ServingMetrics, 'certificateExpiry' | 'certificateReloads'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Throws ConfigurationError when the files cannot be used at the start. */
export class ReloadingCredentials extends ServerCredentials {
  readonly #options: ReloadingCredentialsOptions;
  readonly #watch: FileWatch;

  constructor(options: ReloadingCredentialsOptions) {
    const { files } = options;
    const material = loadTlsMaterial(files);
    super(
      {
        requestCert: files.caFile !== null,
        rejectUnauthorized: files.caFile !== null,
        handshakeTimeout: options.handshakeTimeoutMs,
        minVersion: 'TLSv1.2',
      },
      material.context,
    );
    this.#options = options;
    this.#show(material);
    this.#watch = new FileWatch({
      paths: [files.certFile, files.keyFile, files.caFile].filter((path) => path !== null),
      intervalMs: options.reloadIntervalMs,
      onChange: () => this.#reload(),
    });
  }

  /** Looks at the files now. */
  check(): void {
    this.#watch.check();
  }

  stop(): void {
    this.#watch.stop();
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }

  #reload(): void {
    const { files, metrics, logger } = this.#options;
    try {
      const material = loadTlsMaterial(files);
      this.updateSecureContextOptions(material.context);
      metrics.certificateReloads.add(1, 'grpc', 'loaded');
      this.#show(material);
      logger.info({ file: files.certFile }, 'certificate reloaded');
    } catch (error) {
      metrics.certificateReloads.add(1, 'grpc', 'refused');
      logger.error(
        { file: files.certFile, error: messageOf(error) },
        'certificate not reloaded, the one in use stays',
      );
    }
  }

  #show({ expiresAtMs }: TlsMaterial): void {
    const { metrics, clock, logger, files } = this.#options;
    if (expiresAtMs !== null) {
      metrics.certificateExpiry.set(expiresAtMs / 1000, 'grpc');
      if (expiresAtMs < clock.nowMs()) {
        logger.warn({ file: files.certFile }, 'certificate has expired');
      }
    }
  }
}
