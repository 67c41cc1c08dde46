/**
 * The resource as Kubernetes knows it: names, columns, subresources.
 */
import { object } from '../schema/schema.ts';
import { thunderFleetSpec } from './spec.ts';
import { thunderFleetStatus } from './status.ts';

export const names = {
  group: 'thunder.dev',
  version: 'v1alpha1',
  kind: 'ThunderFleet',
  listKind: 'ThunderFleetList',
  plural: 'thunderfleets',
  singular: 'thunderfleet',
  shortNames: ['tf'],
  categories: ['all'],
} as const;

export const apiVersion = `${names.group}/${names.version}`;

/** What a user can annotate a ThunderFleet with. */
export const annotations = {
  'thunder.dev/continue':
    'A new value ends the wait of `rollout.holdAfterFirst`: `kubectl annotate tf NAME --overwrite thunder.dev/continue=$(date +%s)`.',
  'thunder.dev/update':
    'A new value lets the pods take what a newer operator would give them, and tries a refused revision again.',
} as const;

export interface Column {
  readonly name: string;
  readonly type: 'integer' | 'string' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

export const columns: readonly Column[] = [
  {
    name: 'Desired',
    type: 'integer',
    jsonPath: '.spec.serving.replicas',
    description: 'Serving pods wanted.',
  },
  {
    name: 'Ready',
    type: 'integer',
    jsonPath: '.status.readyReplicas',
    description: 'Serving pods that are caught up and ready.',
  },
  {
    name: 'Updated',
    type: 'integer',
    jsonPath: '.status.updatedReplicas',
    description: 'Serving pods of the newest revision.',
  },
  {
    name: 'Lag',
    type: 'integer',
    jsonPath: '.status.lag',
    description: 'Events that the pod furthest behind has not applied yet.',
  },
  {
    name: 'Age',
    type: 'date',
    jsonPath: '.metadata.creationTimestamp',
    description: 'Time since the fleet was made.',
  },
  {
    name: 'Posts',
    type: 'integer',
    jsonPath: '.status.posts',
    description: 'Posts that each pod holds.',
    priority: 1,
  },
  {
    name: 'Warm/Cold',
    type: 'string',
    jsonPath: '.status.starts',
    description: 'How the pods started.',
    priority: 1,
  },
  {
    name: 'Snapshot-Age',
    type: 'date',
    jsonPath: '.status.snapshotAt',
    description: 'Time since the last snapshot was sent.',
    priority: 1,
  },
  {
    name: 'Topic',
    type: 'string',
    jsonPath: '.spec.kafka.inNetworkTopic.name',
    description: 'The in-network topic.',
    priority: 1,
  },
  {
    name: 'Version',
    type: 'string',
    jsonPath: '.status.version',
    description: 'Version of the serving pods.',
    priority: 1,
  },
  {
    name: 'Message',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
    description: 'What the condition Ready says.',
    priority: 1,
  },
];

export const scale = {
  specReplicasPath: '.spec.serving.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.status.selector',
} as const;

/** The whole object, without `apiVersion`, `kind` and `metadata`. */
export const thunderFleet = object('ThunderFleet', {
  description:
    'Thunder serving pods and transformers: an in-memory store of the newest posts, fed by Kafka, that answers feed queries over gRPC.',
  fields: { spec: thunderFleetSpec, status: thunderFleetStatus },
});
