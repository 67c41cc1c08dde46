/**
 * `status` of a ThunderFleet: what the operator has seen, written by it alone.
 */
import {
  boolean,
  choice,
  integer,
  list,
  object,
  type TextSchema,
  text,
  time,
} from '../schema/schema.ts';

const countMax = Number.MAX_SAFE_INTEGER;

const count = (description: string, unit: string) =>
  integer({ description, unit, min: 0, max: countMax, optional: true });

const word = (description: string, lengthMax = 253): TextSchema =>
  text({ description, lengthMin: 0, lengthMax, optional: true });

/** What a rollout can be doing; docs/reference/thunderfleet.md has the diagram. */
export const rolloutStates = [
  'idle',
  'settling',
  'waiting',
  'rolling',
  'holding',
  'halted',
  'rolledBack',
] as const;

/** Rules that keep the operator from doing what the spec asks, for now. */
export const blockedByRules = [
  'InvalidSpec',
  'Paused',
  'SecretMissing',
  'MaxRollouts',
  'HoldAfterFirst',
  'RolloutHalted',
  'RolledBack',
  'LastCaughtUpPod',
] as const;

export const conditionTypes = [
  'Ready',
  'Available',
  'Progressing',
  'CaughtUp',
  'KafkaReachable',
  'Degraded',
  'Paused',
  'UpdateAvailable',
] as const;

export const nodeStages = ['connecting', 'snapshot', 'replaying', 'ready', 'draining'] as const;

const warmStartReport = object('WarmStartReport', {
  description: 'Where the posts came from at the start; absent when the log was replayed.',
  optional: true,
  fields: {
    from: text({ description: 'Pod that sent them.', lengthMax: 253 }),
    bytes: count('How much.', 'bytes'),
    seconds: count('How long it took.', 'seconds'),
  },
});

const pod = object('PodReport', {
  description: 'A serving pod.',
  fields: {
    name: text({ description: 'Name.', lengthMax: 253 }),
    revision: text({ description: 'Revision it runs.', lengthMin: 0, lengthMax: 63 }),
    ready: boolean({ description: 'Whether it is sent queries.' }),
    stage: choice(nodeStages, {
      description: 'What it is doing; absent while its admin port does not answer.',
      optional: true,
    }),
    progress: integer({
      description: 'How far it is on its way to readiness.',
      unit: 'percent',
      min: 0,
      max: 100,
      optional: true,
    }),
    etaSeconds: count('How long that will still take.', 'seconds'),
    lag: count('Events it has not applied yet, rounded.', 'events'),
    posts: count('Posts it holds, rounded.', 'posts'),
    bytes: count('What they take, rounded.', 'bytes'),
    warmStart: warmStartReport,
    message: word('What is wrong with it.', 512),
  },
});

const transformer = object('TransformerReport', {
  description: 'The pods of one entry of `spec.transformers`.',
  fields: {
    name: text({ description: 'Name.', lengthMax: 30 }),
    replicas: integer({ description: 'Pods.', unit: 'pods', min: 0, max: 1_000 }),
    ready: integer({ description: 'Of these, ready.', unit: 'pods', min: 0, max: 1_000 }),
    lag: count('Records they have not transformed yet, rounded.', 'records'),
  },
});

const rollout = object('RolloutReport', {
  description: 'What the rollout of the serving pods is doing.',
  optional: true,
  fields: {
    state: choice(rolloutStates, { description: 'State.' }),
    blockedBy: choice(blockedByRules, {
      description: 'Rule that keeps the operator from doing what the spec asks.',
      optional: true,
    }),
    revision: word('Revision that is rolled out, or that was refused.', 63),
    since: time({ description: 'Since when it is in this state.', optional: true }),
    pod: word('Pod that stopped it.'),
    cause: word('Why, one word.', 63),
    message: word('Why, one sentence.', 512),
    mark: count('How far the new pods are, all together; for telling a stall.', 'steps'),
    markAt: time({ description: 'When they last got further.', optional: true }),
    continueSeen: word('Value of the annotation `thunder.dev/continue` at its beginning.', 256),
    updateSeen: word('Value of the annotation `thunder.dev/update` when it was rolled back.', 256),
    released: boolean({
      description: 'Whether the wait after the first pod is over.',
      optional: true,
    }),
  },
});

const condition = object('Condition', {
  description: 'One truth about the fleet.',
  fields: {
    type: choice(conditionTypes, { description: 'Which.' }),
    status: choice(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
    reason: text({
      description: 'Why, one word.',
      lengthMax: 64,
      pattern: '^[A-Za-z][A-Za-z0-9]*$',
    }),
    message: text({
      description: 'Cause and next step.',
      lengthMin: 0,
      lengthMax: 1_024,
    }),
    lastTransitionTime: time({ description: 'When `status` last changed.' }),
    observedGeneration: integer({
      description: 'Generation of the spec that it is about.',
      min: 0,
      max: countMax,
    }),
  },
});

/** Pods listed at most; the figures count all of them. */
export const podReportsMax = 100;

export const thunderFleetStatus = object('ThunderFleetStatus', {
  description: 'What is.',
  optional: true,
  fields: {
    observedGeneration: integer({
      description: 'Generation of the spec that this is about.',
      min: 0,
      max: countMax,
      optional: true,
    }),
    replicas: count('Serving pods.', 'pods'),
    readyReplicas: count('Of these, caught up and ready.', 'pods'),
    updatedReplicas: count('Of these, of the newest revision.', 'pods'),
    selector: word('Labels of the serving pods, for `kubectl scale` and autoscalers.', 1_024),
    lag: count('Events that the pod furthest behind has not applied yet, rounded.', 'events'),
    posts: count('Posts that each pod holds, the fewest, rounded.', 'posts'),
    starts: word('How the pods started: `2 warm, 1 cold`.', 64),
    snapshotAt: time({ description: 'When the last snapshot was sent.', optional: true }),
    version: word('Version of the serving pods.', 128),
    figuresAt: time({ description: 'When figures were last written.', optional: true }),
    revisions: object('Revisions', {
      description: 'Names of ControllerRevisions.',
      optional: true,
      fields: {
        current: word('The last one that all pods ran well.', 63),
        updating: word('The one that pods are given now.', 63),
      },
    }),
    pods: list(pod, {
      description: `The serving pods, the first ${podReportsMax} by name.`,
      itemsMax: podReportsMax,
      key: 'name',
      optional: true,
    }),
    transformers: list(transformer, {
      description: 'The transformers.',
      itemsMax: 8,
      key: 'name',
      optional: true,
    }),
    rollout,
    conditions: list(condition, {
      description:
        'Ready, Available, Progressing, CaughtUp, KafkaReachable, Degraded, Paused, UpdateAvailable.',
      itemsMax: 16,
      key: 'type',
      optional: true,
    }),
  },
});
