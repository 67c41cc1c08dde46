/**
 * What the pods of both roles have in common: one container of ours, closed as the Pod Security
 * Standard `restricted` wants it, probes on the admin port, and what the user says about pods.
 */
import type { PodTemplate as Overrides, ServingResources } from '#crds/gen/thunder-fleet.ts';
import { parseQuantity } from '#crds/schema/quantity.ts';
import { heapMemoryShare } from '#operator/limits.ts';
import type {
  Container,
  EnvironmentEntry,
  Labels,
  PodTemplate,
  Probe,
  Volume,
} from './kube-types.ts';
import { type MountedFiles, mountOf, volumeOf } from './mounted-files.ts';
import { ports } from './names.ts';

/** The user of the image; a fixed number is what `runAsNonRoot` can check. */
const userId = 65_532;

export interface PodOptions {
  /** The Deployment's selector. */
  readonly selector: Labels;
  /** Other labels of ours. */
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly (keyof typeof ports)[];
  readonly files: readonly MountedFiles[];
  readonly resources: ServingResources;
  readonly overrides: Overrides;
  readonly gracePeriodSeconds: number;
  /** Time for clients and proxies to learn that the pod goes, before it is told. */
  readonly preStopSeconds?: number;
}

export function podTemplate(options: PodOptions): PodTemplate {
  const { overrides, selector } = options;
  const { imagePullSecrets, nodeSelector, affinity, tolerations, priorityClass } = overrides;
  return {
    metadata: {
      labels: { ...overrides.labels, ...options.labels, ...selector },
      annotations: { ...overrides.annotations },
    },
    spec: {
      serviceAccountName: options.serviceAccount,
      automountServiceAccountToken: false,
      // Variables such as THUNDER_PORT, of a Service named thunder, look like settings of ours.
      enableServiceLinks: false,
      terminationGracePeriodSeconds: options.gracePeriodSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: userId,
        runAsGroup: userId,
        fsGroup: userId,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container(options)],
      volumes: [...options.files.map(volumeOf), temporary],
      ...(imagePullSecrets === undefined
        ? {}
        : { imagePullSecrets: imagePullSecrets.map(({ name }) => ({ name })) }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(affinity === undefined ? {} : { affinity }),
      ...(tolerations === undefined ? {} : { tolerations }),
      topologySpreadConstraints: spread(overrides, selector),
      ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
    },
  };
}

/** The root is read-only; this is for what libraries put down in passing. */
const temporary: Volume = { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } };

function container(options: PodOptions): Container {
  const { requests, limits } = options.resources;
  return {
    name: 'thunder',
    image: options.image,
    args: options.args,
    env: environment(options),
    ports: options.ports.map((name) => ({ name, containerPort: ports[name], protocol: 'TCP' })),
    resources: {
      requests: {
        cpu: String(requests.cpu),
        memory: requests.memory ?? limits.memory,
      },
      limits: {
        ...(limits.cpu === undefined ? {} : { cpu: String(limits.cpu) }),
        memory: limits.memory,
      },
    },
    // The ports are open within seconds, whatever Kafka does; five minutes are for a crowded machine.
    startupProbe: probe('/startupz', 1, 300),
    // Unready within three seconds; how long a pod takes to become ready has no limit.
    readinessProbe: probe('/readyz', 1, 3),
    // A minute of a busy processor is no reason to start again and replay the log.
    livenessProbe: probe('/livez', 10, 6),
    ...(options.preStopSeconds === undefined
      ? {}
      : { lifecycle: { preStop: { sleep: { seconds: options.preStopSeconds } } } }),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
    volumeMounts: [...options.files.map(mountOf), { name: temporary.name, mountPath: '/tmp' }],
  };
}

function probe(path: string, periodSeconds: number, failureThreshold: number): Probe {
  const timeoutSeconds = 3;
  return { httpGet: { path, port: 'admin' }, periodSeconds, timeoutSeconds, failureThreshold };
}

function environment({ overrides, resources }: PodOptions): EnvironmentEntry[] {
  const memory = parseQuantity(resources.limits.memory) ?? 0;
  const heapMegabytes = Math.floor((memory * heapMemoryShare) / 2 ** 20);
  const ours: readonly EnvironmentEntry[] = [
    fromPod('THUNDER_NODE', 'metadata.name'),
    fromPod('THUNDER_POD_UID', 'metadata.uid'),
    // Empty, and so not set, where Kubernetes does not copy the zone to pods.
    fromPod('THUNDER_KAFKA_RACK', "metadata.labels['topology.kubernetes.io/zone']"),
    { name: 'NODE_OPTIONS', value: `--max-old-space-size=${heapMegabytes}` },
  ];
  const theirs = (overrides.env ?? []).map(({ name, value, secret, configMap }) => ({
    name,
    ...(value === undefined ? {} : { value }),
    ...(secret === undefined ? {} : { valueFrom: { secretKeyRef: { ...secret } } }),
    ...(configMap === undefined ? {} : { valueFrom: { configMapKeyRef: { ...configMap } } }),
  }));
  const isTheirs = new Set(theirs.map(({ name }) => name));
  return [...ours.filter(({ name }) => !isTheirs.has(name)), ...theirs];
}

function fromPod(name: string, fieldPath: string): EnvironmentEntry {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function spread(overrides: Overrides, selector: Labels): object[] {
  const wanted = overrides.topologySpread ?? [
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
    { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
  ];
  return wanted.map(({ topologyKey, maxSkew, whenUnsatisfiable }) => ({
    topologyKey,
    maxSkew,
    whenUnsatisfiable,
    labelSelector: { matchLabels: selector },
    // While two revisions run, each is spread by itself.
    matchLabelKeys: ['pod-template-hash'],
  }));
}
