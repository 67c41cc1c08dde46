/**
 * Every setting of `thunder operator`.
 */
import { ports } from '#operator/desired/names.ts';
import { boolean, inGroup, integer, list, oneOf, path, string } from '#runtime/settings/setting.ts';
import { defineSettings, type SettingsOf } from '#runtime/settings/settings-table.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsLabelAllowed = 'lower case letters, digits and dashes, at most 63';

export const operatorSettings = defineSettings({
  ...inGroup('Kubernetes', {
    kubeconfig: path({
      optional: true,
      description:
        'Kubeconfig file; default: `KUBECONFIG`, the service account of the pod, or `~/.kube/config`.',
    }),
    context: string({
      optional: true,
      description: 'Context of the kubeconfig; default: its current one.',
    }),
    watchNamespaces: list({
      default: [],
      itemPattern: dnsLabel,
      allowed: 'names of namespaces separated by commas',
      description:
        'Only fleets in these namespaces, with rights in no other. Empty: all namespaces.',
    }),
    operatorNamespace: string({
      optional: true,
      pattern: dnsLabel,
      allowed: dnsLabelAllowed,
      description:
        'Namespace that the operator runs in: its Lease is there, and network policies let it in from there. Default: that of the context or pod.',
    }),
    installCrds: boolean({
      default: false,
      description: 'Install or update the ThunderFleet CRD at the start; needs the right to.',
    }),
  }),
  ...inGroup('Leader election', {
    leaderElect: boolean({
      default: true,
      description: 'Of several operators one acts; without, this must be the only one.',
    }),
    leaseName: string({
      default: 'thunder-operator',
      pattern: dnsLabel,
      allowed: dnsLabelAllowed,
      description: 'Lease that decides who acts; two operators for different namespaces need two.',
    }),
  }),
  ...inGroup('Fleets', {
    image: string({
      default: 'thunder:latest',
      description: 'Image of the pods of fleets that name none.',
    }),
    maxRollouts: integer({
      min: 1,
      max: 1_000,
      default: 1,
      unit: 'fleets',
      description: 'Fleets that replace their pods at the same time; the others wait.',
    }),
    lookAtKafka: boolean({
      default: true,
      description:
        'Ask Kafka whether it can be reached, make topics, remove consumer groups of pods that are gone, read the lag of transformers.',
    }),
    podAdminPort: integer({
      min: 1,
      max: 65_535,
      default: ports.admin,
      description: 'Port on which pods are asked for their status.',
    }),
  }),
  ...inGroup('Process', {
    logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description: 'Least level of log lines.',
    }),
    httpHost: string({ default: '0.0.0.0', description: 'Address of the admin port.' }),
    httpPort: integer({
      min: 0,
      max: 65_535,
      default: 8080,
      description:
        'Admin port: /livez, /readyz, /startupz, /metrics, /status. 0: any free one, said in the log.',
    }),
  }),
});

export type OperatorSettings = SettingsOf<typeof operatorSettings>;
