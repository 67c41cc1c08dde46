/** A kubeconfig for a token, as kubectl and client libraries read it. */
import { writeFileSync } from 'node:fs';

export interface KubeconfigParts {
  readonly server: string;
  /** Path of what the server's certificate is judged by. */
  readonly certificateFile: string;
  readonly token: string;
}

/** JSON is YAML. Answers the path. */
export function writeKubeconfig(file: string, parts: KubeconfigParts): string {
  const cluster = { server: parts.server, 'certificate-authority': parts.certificateFile };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: parts.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
