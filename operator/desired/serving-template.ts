/**
 * The template of the serving pods.
 */
import { parseDuration } from '#crds/schema/duration.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import {
  drainSeconds,
  finishCallsSeconds,
  preStopSeconds,
  stopReserveSeconds,
} from '#operator/limits.ts';
import { kafkaAccess } from './kafka-access.ts';
import type { PodTemplate } from './kube-types.ts';
import { certificateFiles, filePath, keyFile, type MountedFiles } from './mounted-files.ts';
import { childName, servingSelector } from './names.ts';
import { podTemplate } from './pod-template.ts';
import { keyNames } from './snapshot-key.ts';
import { postsMaxOf } from './store-bound.ts';

/** Without what `stampTemplate` adds. `defaultImage` is used where the spec names none. */
export function servingTemplate(fleet: Fleet, defaultImage: string): PodTemplate {
  const { serving, warmStart, image } = fleet.spec;
  return podTemplate({
    selector: servingSelector(fleet),
    labels: commonLabels(fleet, 'serving'),
    serviceAccount: childName(fleet, 'pods'),
    image: image ?? defaultImage,
    args: servingArgs(fleet),
    ports: warmStart.enabled ? ['grpc', 'admin', 'snapshot'] : ['grpc', 'admin'],
    files: servingFiles(fleet),
    resources: serving.resources,
    overrides: serving.podTemplate,
    gracePeriodSeconds: gracePeriodSeconds(fleet),
    preStopSeconds,
  });
}

/** Labels that pods have besides their selector. */
export function commonLabels(fleet: Fleet, component: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'thunder',
    'app.kubernetes.io/instance': childName(fleet, 'pods'),
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/managed-by': 'thunder-operator',
  };
}

/** Stops in order: endpoints go, clients leave, calls end, and a donor's snapshots are sent. */
function gracePeriodSeconds({ spec }: Fleet): number {
  const { enabled, timeout } = spec.warmStart;
  const sendingSeconds = enabled ? seconds(timeout) : 0;
  const stopping = preStopSeconds + drainSeconds + finishCallsSeconds + stopReserveSeconds;
  return stopping + sendingSeconds;
}

/** Everything the pods mount, in the order of the spec. */
export function servingFiles(fleet: Fleet): MountedFiles[] {
  const { kafka, serving, security, followGraph, warmStart } = fleet.spec;
  const files = [...kafkaAccess(kafka, '', 'kafka').files];
  const isReloaded = true;
  if (serving.blockedAuthors !== undefined) {
    const options = { isReloaded, kind: 'ConfigMap' } as const;
    files.push(keyFile('blocked-authors', serving.blockedAuthors, options));
  }
  if (security.serverTls !== undefined) {
    files.push(certificateFiles('server-tls', security.serverTls, isReloaded));
  }
  if (security.clientCa !== undefined) {
    files.push(keyFile('client-ca', security.clientCa, { isReloaded }));
  }
  if (followGraph?.token !== undefined) {
    files.push(keyFile('following-token', followGraph.token, { isReloaded }));
  }
  if (followGraph?.ca !== undefined) {
    files.push(keyFile('following-ca', followGraph.ca, { isReloaded }));
  }
  if (followGraph?.clientCertificate !== undefined) {
    files.push(certificateFiles('following-client', followGraph.clientCertificate, isReloaded));
  }
  if (warmStart.enabled) {
    files.push({
      name: 'snapshot-keys',
      kind: 'Secret',
      object: childName(fleet, 'keys'),
      keys: [keyNames.current, keyNames.previous],
      isReloaded,
    });
  }
  return files;
}

function servingArgs(fleet: Fleet): string[] {
  const { kafka, serving } = fleet.spec;
  const { threads, qpsLimit, maxStaleness, requestTimeout, maxConcurrentRequests } = serving;
  return [
    'serve',
    `--fleet=${fleet.name}`,
    `--fleet-uid=${fleet.uid}`,
    `--in-network-events-consumer-dest=${kafka.brokers.join(',')}`,
    `--in-network-events-topic=${kafka.inNetworkTopic.name}`,
    `--kafka-group-id=${kafka.groupPrefix}`,
    ...kafkaAccess(kafka, '', 'kafka').args,
    `--post-retention-seconds=${seconds(serving.retention)}`,
    `--max-posts=${postsMaxOf(serving)}`,
    ...(maxStaleness === undefined ? [] : [`--max-staleness-seconds=${seconds(maxStaleness)}`]),
    `--decode-failure-max=${serving.decodeFailureMax}`,
    // A reset is seen in the status, and the fleet is rolled: it never empties itself.
    '--on-reset=serve',
    `--drain-delay-ms=${drainSeconds * 1_000}`,
    ...(threads === undefined ? [] : [`--threads=${threads}`]),
    `--request-timeout-ms=${parseDuration(requestTimeout)}`,
    `--max-concurrent-requests=${maxConcurrentRequests}`,
    ...(qpsLimit === undefined ? [] : [`--qps-limit=${qpsLimit}`]),
    ...fileArgs(fleet),
    ...followGraphArgs(fleet),
  ];
}

function fileArgs(fleet: Fleet): string[] {
  const { serving, security } = fleet.spec;
  const { serverTls, clientCa } = security;
  const path = pathsOf(fleet);
  return [
    ...(serving.blockedAuthors === undefined
      ? []
      : [`--blocked-authors=${path('blocked-authors', serving.blockedAuthors.key)}`]),
    ...(serverTls === undefined
      ? []
      : [
          `--grpc-tls-cert-file=${path('server-tls', serverTls.certificateKey)}`,
          `--grpc-tls-key-file=${path('server-tls', serverTls.privateKey)}`,
        ]),
    ...(clientCa === undefined
      ? []
      : [`--grpc-tls-client-ca-file=${path('client-ca', clientCa.key)}`]),
  ];
}

function followGraphArgs(fleet: Fleet): string[] {
  const { followGraph } = fleet.spec;
  if (followGraph === undefined) {
    return [];
  }
  const { url, api, fillAlways, timeout, token, ca, clientCertificate } = followGraph;
  const path = pathsOf(fleet);
  return [
    `--following-url=${url}`,
    `--following-api=${api}`,
    fillAlways ? '--fill-following' : '--no-fill-following',
    `--following-timeout-ms=${parseDuration(timeout)}`,
    ...(token === undefined
      ? []
      : [`--following-token-file=${path('following-token', token.key)}`]),
    ...(ca === undefined ? [] : [`--following-ca-file=${path('following-ca', ca.key)}`]),
    ...(clientCertificate === undefined
      ? []
      : [
          `--following-cert-file=${path('following-client', clientCertificate.certificateKey)}`,
          `--following-key-file=${path('following-client', clientCertificate.privateKey)}`,
        ]),
  ];
}

function pathsOf(fleet: Fleet): (name: string, key: string) => string {
  const files = servingFiles(fleet);
  return (name, key) => {
    const mounted = files.find((each) => each.name === name);
    if (mounted === undefined) {
      throw new Error(`no volume ${name} for the file ${key}`);
    }
    return filePath(mounted, key);
  };
}

/** Up to whole seconds; the schema has let it through. */
function seconds(duration: string): number {
  return Math.ceil((parseDuration(duration) ?? 0) / 1_000);
}
