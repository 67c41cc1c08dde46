/**
 * etcd, kube-apiserver and kube-controller-manager as processes of our own: random ports on the
 * loopback, one temporary folder, gone when the test is, however that ended.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messageOf } from '#runtime/errors.ts';
import { findFreePorts } from '#test/components/kafka/free-ports.ts';
import { startJanitor } from '#test/components/kafka/janitor.ts';
import { waitFor } from '#test/components/processes/wait-for.ts';
import { ControlProcess } from './control-process.ts';
import { writeKubeconfig } from './kubeconfig.ts';

const startTriesMax = 3;
const startMsMax = 60_000;
const probeMsMax = 2_000;
const serviceAddresses = '10.96.0.0/16';

// Paused processes die of -9 too; the pid files are the truth across restarts.
const cleanUp = `for f in "$1"/*.pid; do [ -e "$f" ] && kill -9 "$(cat "$f")"; done
for i in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done`;

export interface LocalControlPlane {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  readonly kubeconfig: string;
  /** Of a user with all rights. */
  readonly token: string;
  readonly certificateFile: string;
  /** The API server's own certificate, its authority and its key: for proxies in front of it. */
  readonly certificate: string;
  readonly key: string;
  readonly etcd: ControlProcess;
  readonly apiServer: ControlProcess;
  /** Undefined when it was not asked for. */
  readonly controllerManager: ControlProcess | undefined;
  /** Until the API server says that it is ready. */
  waitUntilReady(): Promise<void>;
  /** Makes etcd forget all versions but the newest of each object. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

export interface LocalControlPlaneOptions {
  /** Default true. */
  readonly controllers?: boolean;
  /** Default Kubernetes' own. */
  readonly controllerRequestsPerSecond?: number;
  /** Default all. */
  readonly controllerNames?: readonly string[];
}

/** `programs` is a folder with the binaries. Tries again when a port was taken meanwhile. */
export async function startLocalControlPlane(
  programs: string,
  options: LocalControlPlaneOptions = {},
): Promise<LocalControlPlane> {
  for (let attempt = 1; ; attempt++) {
    const plane = await launch(programs, options);
    try {
      await plane.waitUntilReady();
      return plane;
    } catch (error) {
      await plane.stop();
      if (attempt === startTriesMax) throw error;
    }
  }
}

async function launch(
  programs: string,
  { controllers = true, controllerRequestsPerSecond, controllerNames }: LocalControlPlaneOptions,
): Promise<LocalControlPlane> {
  const directory = await mkdtemp(path.join(tmpdir(), 'thunder-control-plane-'));
  const janitor = startJanitor(cleanUp, [directory]);
  const [etcdPort = 0, peerPort = 0, apiPort = 0, managerPort = 0] = await findFreePorts(4);
  const file = (name: string): string => path.join(directory, name);
  const server = `https://127.0.0.1:${apiPort}`;
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const serviceAccounts = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(file('sa.key'), serviceAccounts.privateKey);
  writeFileSync(file('sa.pub'), serviceAccounts.publicKey);
  const adminToken = randomBytes(16).toString('hex');
  const managerToken = randomBytes(16).toString('hex');
  const tokens = [
    `${adminToken},admin,admin,"system:masters"`,
    `${managerToken},system:kube-controller-manager,manager`,
  ];
  writeFileSync(file('tokens.csv'), tokens.join('\n'), { mode: 0o600 });
  mkdirSync(file('certificates'));
  const certificateFile = path.join(directory, 'certificates', 'apiserver.crt');
  const keyFile = path.join(directory, 'certificates', 'apiserver.key');
  const kubeconfig = writeKubeconfig(file('admin.conf'), {
    server,
    certificateFile,
    token: adminToken,
  });
  const managerConfig = writeKubeconfig(file('manager.conf'), {
    server,
    certificateFile,
    token: managerToken,
  });

  const etcd = new ControlProcess(directory, path.join(programs, 'etcd'), [
    `--data-dir=${file('etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
  const apiServer = new ControlProcess(directory, path.join(programs, 'kube-apiserver'), [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${apiPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // It makes itself a certificate, for this address, in there.
    `--cert-dir=${file('certificates')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('sa.pub')}`,
    `--service-account-signing-key-file=${file('sa.key')}`,
    `--service-cluster-ip-range=${serviceAddresses}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--endpoint-reconciler-type=none',
    '--shutdown-delay-duration=0s',
    // Nobody makes service accounts where no controllers run.
    ...(controllers ? [] : ['--disable-admission-plugins=ServiceAccount']),
  ]);
  const controllerManager = controllers
    ? new ControlProcess(directory, path.join(programs, 'kube-controller-manager'), [
        `--kubeconfig=${managerConfig}`,
        `--authentication-kubeconfig=${managerConfig}`,
        `--authorization-kubeconfig=${managerConfig}`,
        '--use-service-account-credentials',
        `--service-account-private-key-file=${file('sa.key')}`,
        `--root-ca-file=${certificateFile}`,
        '--leader-elect=false',
        `--service-cluster-ip-range=${serviceAddresses}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${managerPort}`,
        `--cert-dir=${file('manager')}`,
        ...(controllerNames === undefined ? [] : [`--controllers=${controllerNames.join(',')}`]),
        ...(controllerRequestsPerSecond === undefined
          ? []
          : [
              `--kube-api-qps=${controllerRequestsPerSecond}`,
              `--kube-api-burst=${controllerRequestsPerSecond}`,
            ]),
      ])
    : undefined;
  etcd.start();
  apiServer.start();

  const isReady = (): Promise<boolean> => answersReady(server, certificateFile, adminToken);
  const plane: LocalControlPlane = {
    server,
    kubeconfig,
    token: adminToken,
    certificateFile,
    get certificate() {
      return readFileSync(certificateFile, 'utf8');
    },
    get key() {
      return readFileSync(keyFile, 'utf8');
    },
    etcd,
    apiServer,
    controllerManager,
    async waitUntilReady() {
      const state = await waitFor(
        'the API server is ready',
        async () => {
          if (!etcd.isRunning || !apiServer.isRunning) return 'ended';
          return (await isReady()) && 'ready';
        },
        { withinMs: startMsMax, pollMs: 50 },
      ).catch((error: unknown) => messageOf(error));
      if (state !== 'ready') {
        throw new Error(`${state}: etcd ${etcd.lastWords()}; API server ${apiServer.lastWords()}`);
      }
      if (controllerManager?.isRunning === false) controllerManager.start();
    },
    compact: () => compact(etcdUrl),
    stop: () => janitor.clean(),
  };
  return plane;
}

async function answersReady(server: string, certificateFile: string, token: string) {
  let ca: string;
  try {
    ca = readFileSync(certificateFile, 'utf8');
  } catch {
    // It makes its certificate first of all.
    return false;
  }
  return new Promise<boolean>((resolve) => {
    const agent = new Agent({ keepAlive: false });
    const headers = { Authorization: `Bearer ${token}` };
    const request = get(`${server}/readyz`, { ca, agent, headers, timeout: probeMsMax });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
  });
}

async function compact(etcdUrl: string): Promise<void> {
  const post = async (page: string, body: unknown): Promise<unknown> => {
    const response = await fetch(`${etcdUrl}${page}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(startMsMax),
    });
    if (!response.ok) throw new Error(`etcd ${page}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const range = await post('/v3/kv/range', { key: Buffer.from('/').toString('base64') });
  const { revision } = (range as { header: { revision: string } }).header;
  await post('/v3/kv/compaction', { revision, physical: true });
}
