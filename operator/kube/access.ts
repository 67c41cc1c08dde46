/**
 * Where the API server is and how we prove who we are, from a kubeconfig or from the pod we run in.
 * Reading those (contexts, exec plugins, token files, proxies) is client-node's work; this file is
 * where its types stop.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeError } from './errors.ts';

export interface Tls {
  readonly ca?: RequestOptions['ca'];
  readonly cert?: RequestOptions['cert'];
  readonly key?: RequestOptions['key'];
  readonly pfx?: RequestOptions['pfx'];
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface Credentials {
  /** `Authorization` and the like. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Tls;
  /** Equal for equal TLS material: connections can be shared. */
  readonly tlsHash: string;
  /** Tunnels through the proxy that the kubeconfig names. */
  readonly proxyAgent?: Agent | undefined;
}

export interface Access {
  /** `https://host:port`, perhaps with a path, without a slash at the end. */
  readonly server: string;
  /** Of the context, or of the pod we run in; `default` if neither says. */
  readonly namespace: string;
  /** Reads tokens and certificates anew. Throws `CONFIGURATION`. */
  credentials(): Promise<Credentials>;
}

export interface AccessOptions {
  /** Path of a kubeconfig. Without one: `KUBECONFIG`, then the pod's service account, then `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** Default: the kubeconfig's current one. */
  readonly context?: string | undefined;
}

const podTokenPath = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Throws `CONFIGURATION`, saying which file, when there is no usable one. */
export function loadAccess(options: AccessOptions = {}): Access {
  const config = new KubeConfig();
  const where = load(config, options.kubeconfig);
  if (options.context !== undefined) {
    if (config.getContextObject(options.context) === null) {
      throw new KubeError('CONFIGURATION', `${where} has no context ${options.context}`);
    }
    config.setCurrentContext(options.context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new KubeError('CONFIGURATION', `${where} names no cluster to talk to`);
  }
  const proxied = cluster.proxyUrl !== undefined;
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    async credentials() {
      // Not applySecurityAuthentication: that makes a connection pool of its own for every request.
      const options: RequestOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw unusable(where, error);
      }
      return toCredentials(options, proxied);
    },
  };
}

function load(config: KubeConfig, kubeconfig: string | undefined): string {
  const inPod = process.env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(podTokenPath);
  const named = kubeconfig ?? process.env['KUBECONFIG'];
  try {
    if (kubeconfig !== undefined) {
      config.loadFromFile(kubeconfig);
    } else if ((named === undefined || named === '') && inPod) {
      config.loadFromCluster();
      return 'the service account of this pod';
    } else {
      config.loadFromDefault();
    }
  } catch (error) {
    throw unusable(named ?? '~/.kube/config', error);
  }
  return named ?? '~/.kube/config';
}

function toCredentials(options: RequestOptions, proxied: boolean): Credentials {
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, auth } = options;
  const tls: Tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(pfx === undefined ? {} : { pfx }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name] = String(value).trim();
  }
  if (typeof auth === 'string') {
    headers['Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  }
  const hash = createHash('sha256');
  for (const part of Object.values(tls)) hash.update(`${String(part)}\n`);
  return {
    headers,
    tls,
    tlsHash: hash.digest('hex'),
    ...(proxied && typeof options.agent === 'object' ? { proxyAgent: options.agent } : {}),
  };
}

function unusable(where: string, cause: unknown): KubeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KubeError('CONFIGURATION', `${where} cannot be used: ${why}`, { cause });
}
