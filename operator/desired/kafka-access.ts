/**
 * How pods reach a Kafka cluster: flags, and the files that they name.
 */
import type { KafkaSasl, KafkaTls } from '#crds/gen/thunder-fleet.ts';
import { certificateFiles, filePath, keyFile, type MountedFiles } from './mounted-files.ts';

export interface KafkaCluster {
  readonly brokers: readonly string[];
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
}

export interface KafkaAccess {
  readonly args: readonly string[];
  readonly files: readonly MountedFiles[];
}

/**
 * `flagPrefix` is empty for the side that is read and `producer-` for the one that is written,
 * `name` begins the names of the volumes. The brokers' own flag is the caller's.
 */
export function kafkaAccess(
  cluster: KafkaCluster,
  flagPrefix: '' | 'producer-',
  name: string,
): KafkaAccess {
  const { tls, sasl } = cluster;
  const args = [`--${flagPrefix}security-protocol=${protocolOf(cluster)}`];
  const files: MountedFiles[] = [];
  // Kafka's connection reads its files once, at the start.
  const isReloaded = false;
  if (tls?.ca !== undefined) {
    const ca = keyFile(`${name}-ca`, tls.ca, { isReloaded });
    files.push(ca);
    args.push(`--${flagPrefix}ssl-ca-file=${filePath(ca, tls.ca.key)}`);
  }
  if (tls?.clientCertificate !== undefined) {
    const { certificateKey, privateKey } = tls.clientCertificate;
    const own = certificateFiles(`${name}-client`, tls.clientCertificate, isReloaded);
    files.push(own);
    args.push(
      `--${flagPrefix}ssl-cert-file=${filePath(own, certificateKey)}`,
      `--${flagPrefix}ssl-key-file=${filePath(own, privateKey)}`,
    );
  }
  if (sasl !== undefined) {
    const password = keyFile(`${name}-password`, sasl.password, { isReloaded });
    files.push(password);
    args.push(
      `--${flagPrefix}sasl-mechanism=${sasl.mechanism}`,
      ...(sasl.username === undefined ? [] : [`--${flagPrefix}sasl-username=${sasl.username}`]),
      `--${flagPrefix}sasl-password-file=${filePath(password, sasl.password.key)}`,
    );
  }
  return { args, files };
}

function protocolOf({ tls, sasl }: KafkaCluster): string {
  const transport = tls === undefined ? 'PLAINTEXT' : 'SSL';
  return sasl === undefined ? transport : `SASL_${transport}`;
}
