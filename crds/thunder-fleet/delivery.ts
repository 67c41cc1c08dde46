/**
 * How pods start, roll and are reached: `spec.warmStart`, `rollout`, `security`, `followGraph`.
 */
import { field, has, implies, or, rule, startsWith, sumAtLeast } from '../schema/rules.ts';
import {
  as,
  boolean,
  choice,
  duration,
  integer,
  list,
  object,
  opaque,
  quantity,
  text,
} from '../schema/schema.ts';
import { caReference, certificateReference, tokenReference } from './references.ts';

export const warmStart = object('WarmStart', {
  description: 'A new pod copies the posts of a ready one instead of replaying the log.',
  default: {},
  pending: 'nodes replay the log; what they will need is made already',
  fields: {
    enabled: boolean({
      description: 'Whether to; every failure falls back to the next peer, then to the log.',
      default: true,
    }),
    maxPullsPerDonor: integer({
      description: 'Copies that one pod sends at once; others wait or ask another.',
      unit: 'copies',
      min: 1,
      max: 16,
      default: 2,
    }),
    maxBytesPerSecond: quantity({
      description: 'Rate at which one pod sends, all copies together; default: no limit.',
      unit: 'bytes a second',
      optional: true,
    }),
    timeout: duration({
      description:
        'Longest copy; then the log is replayed. A pod that has to go may finish sending for as long.',
      min: '1s',
      max: '1h',
      default: '10m',
    }),
  },
});

export const rollout = object('Rollout', {
  description: 'How a change of the pods is rolled out.',
  default: {},
  fields: {
    maxSurge: integer({
      description: 'Pods above `replicas` while rolling.',
      unit: 'pods',
      min: 0,
      max: 100,
      default: 1,
    }),
    maxUnavailable: integer({
      description:
        'Caught-up pods that may be missing while rolling. Never all of them: at least one stays.',
      unit: 'pods',
      min: 0,
      max: 100,
      default: 0,
    }),
    progressDeadline: duration({
      description:
        'A new pod that makes no progress for so long stops the rollout. How long it takes in all does not matter.',
      min: '10s',
      max: '24h',
      default: '10m',
    }),
    autoRollback: boolean({
      description:
        'Go back to the last good pods when a rollout stops, instead of waiting for a better spec.',
      default: false,
    }),
    holdAfterFirst: duration({
      description:
        'Wait so long after the first new pod is ready, or until the annotation `thunder.dev/continue` gets a new value. Default: no wait.',
      min: '1s',
      max: '168h',
      optional: true,
    }),
  },
  rules: [
    rule(
      sumAtLeast([field('maxSurge'), field('maxUnavailable')], 1),
      'set maxSurge or maxUnavailable to 1 or more: with both 0 no pod can ever be replaced',
      '.maxSurge',
    ),
  ],
});

const peer = opaque({
  description: 'As `from` of a NetworkPolicy: podSelector, namespaceSelector, ipBlock.',
});

export const security = object('Security', {
  description: 'Who may reach the pods, and how.',
  default: {},
  fields: {
    serverTls: as(certificateReference, {
      description: 'Serve gRPC over TLS with this certificate; reloaded when it changes.',
    }),
    clientCa: as(caReference, {
      description: 'Demand client certificates signed by these; reloaded when they change.',
    }),
    networkPolicy: object('NetworkPolicySettings', {
      description:
        'Close the pods to the network, by a NetworkPolicy: the snapshot port to all but pods of this fleet, the others as said here.',
      default: {},
      fields: {
        enabled: boolean({ description: 'Whether to make one.', default: true }),
        clients: list(peer, {
          description: 'Who may query; default: everybody.',
          itemsMax: 16,
          optional: true,
        }),
        monitoring: list(peer, {
          description: 'Who may reach the admin port besides the operator; default: everybody.',
          itemsMax: 16,
          optional: true,
        }),
      },
    }),
  },
  rules: [
    rule(
      implies(has('clientCa'), has('serverTls')),
      'set serverTls too: client certificates are only seen over TLS',
      '.clientCa',
    ),
  ],
});

export const followGraph = object('FollowGraph', {
  description:
    'Service that knows whom a user follows, for requests with an empty list. Its Secrets are reloaded when they change.',
  optional: true,
  fields: {
    url: text({
      description: 'http:// or https:// URL, without a user or password.',
      lengthMax: 2_048,
      pattern: '^https?://[^\\s@]+$',
    }),
    api: choice(['strato', 'rest'], { description: 'How it is asked.', default: 'strato' }),
    fillAlways: boolean({
      description: 'Ask it for every empty list, not only for debug requests.',
      default: false,
    }),
    timeout: duration({
      description: 'Longest wait for its answer, retries included.',
      min: '10ms',
      max: '1m',
      default: '500ms',
    }),
    token: as(tokenReference, { description: 'Bearer token for it.' }),
    ca: as(caReference, {
      description: 'Certificates to trust there; without it those of the image.',
    }),
    clientCertificate: as(certificateReference, {
      description: 'Certificate to show there, for mutual TLS.',
    }),
  },
  rules: [
    rule(
      implies(or(has('ca'), has('clientCertificate')), startsWith(field('url'), 'https://')),
      'use an https:// URL, or remove ca and clientCertificate: http:// shows no certificate',
      '.url',
    ),
  ],
});
