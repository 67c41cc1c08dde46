/**
 * A revision: one template of one Deployment, kept as a ControllerRevision, so that it can be held
 * (a newer operator would make another), judged, and gone back to.
 */
import type { Transformer } from '#crds/gen/thunder-fleet.ts';
import { isJsonObject, type JsonObject } from '#crds/schema/json.ts';
import { isSameJson, shortHash } from '#operator/fleet/canonical.ts';
import { type Fleet, withDefaults } from '#operator/fleet/fleet.ts';
import type { KubeObject } from '#operator/kube/objects.ts';
import type { ControllerRevision, Labels, PodTemplate } from './kube-types.ts';
import { annotationKeys, labelKeys, ownMeta } from './names.ts';

/** What a template carries besides what follows from the spec. */
export interface Stamps {
  /** Keyed hash of what the pods read at their start. */
  readonly inputs: string;
  /** When a reset of the log last rolled them, RFC 3339. */
  readonly resetAt: string | null;
}

export type Verdict = 'untested' | 'good' | 'bad';

export interface Revision {
  /** Also the label `thunder.dev/revision` of its pods. */
  readonly id: string;
  /** Grows; the newest of a Deployment is the highest. */
  readonly number: number;
  /** The template without stamps. */
  readonly base: PodTemplate;
  readonly stamps: Stamps;
  /** The part of the spec that the template came from. */
  readonly shape: JsonObject;
  /** `bad` once a rollout of it was rolled back, `good` once all pods ran it, caught up. */
  readonly verdict: Verdict;
  /** Value of the annotation `thunder.dev/update` that it has taken notice of. */
  readonly updateSeen: string | null;
}

const updateSeenKey = 'thunder.dev/update-seen';

export function revisionId(base: PodTemplate, stamps: Stamps): string {
  return shortHash({ base, stamps });
}

/** The template as the Deployment gets it. */
export function stampedTemplate({ id, base, stamps }: Revision): PodTemplate {
  const { labels, annotations } = base.metadata;
  return {
    metadata: {
      labels: { ...labels, [labelKeys.revision]: id },
      annotations: {
        ...annotations,
        [annotationKeys.inputs]: stamps.inputs,
        ...(stamps.resetAt === null ? {} : { [annotationKeys.resetAt]: stamps.resetAt }),
      },
    },
    spec: base.spec,
  };
}

/** What of the spec shapes the serving pods: no scale, no pace of rollouts, no NetworkPolicy. */
export function servingShape({ spec }: Pick<Fleet, 'spec'>): JsonObject {
  const { replicas: _, ...serving } = spec.serving;
  const { serverTls, clientCa } = spec.security;
  return plain({
    image: spec.image,
    kafka: spec.kafka,
    serving,
    warmStart: spec.warmStart,
    security: { serverTls, clientCa },
    followGraph: spec.followGraph,
  });
}

/** The same for the pods of a transformer. */
export function transformerShape(
  { spec }: Pick<Fleet, 'spec'>,
  transformer: Transformer,
): JsonObject {
  const { replicas: _, ...shaping } = transformer;
  const { brokers, tls, sasl, inNetworkTopic, groupPrefix } = spec.kafka;
  return plain({
    image: spec.image,
    kafka: { brokers, tls, sasl, groupPrefix, inNetworkTopic: { name: inNetworkTopic.name } },
    serving: { retention: spec.serving.retention },
    transformers: [shaping],
  });
}

/** Without fields that are undefined. */
function plain(value: object): JsonObject {
  // oxlint-disable-next-line no-unsafe-type-assertion -- what JSON gives back
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

/**
 * Whether two shapes ask for the same. Both get today's defaults first: a field that a newer
 * operator has added is no change of the user's.
 */
export function isSameShape(one: JsonObject, other: JsonObject): boolean {
  return isSameJson(withDefaults(one), withDefaults(other));
}

export function revisionName(deployment: string, id: string): string {
  return `${deployment}-${id}`;
}

/** `deployment` is the name of the Deployment that it is for, `selector` the one of its pods. */
export function revisionObject(
  fleet: Fleet,
  deployment: string,
  selector: Labels,
  revision: Revision,
): ControllerRevision {
  const { id, number, base, stamps, shape, verdict, updateSeen } = revision;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      ...ownMeta(fleet, revisionName(deployment, id), { ...selector, [labelKeys.revision]: id }),
      annotations: {
        [annotationKeys.verdict]: verdict,
        ...(updateSeen === null ? {} : { [updateSeenKey]: updateSeen }),
      },
    },
    revision: number,
    data: { base, stamps, shape },
  };
}

/** Undefined for one that somebody else made, or that has been tampered with. */
export function readRevision(object: KubeObject): Revision | undefined {
  const { data, revision } = object as KubeObject & { data?: unknown; revision?: unknown };
  const { labels, annotations } = object.metadata;
  const id = labels?.[labelKeys.revision];
  if (!isJsonObject(data) || typeof revision !== 'number' || id === undefined) {
    return undefined;
  }
  const { base, stamps, shape } = data;
  if (!isJsonObject(base) || !isJsonObject(stamps) || !isJsonObject(shape)) {
    return undefined;
  }
  const verdict = annotations?.[annotationKeys.verdict];
  const made: Revision = {
    id,
    number: revision,
    // oxlint-disable-next-line no-unsafe-type-assertion -- the id below is its hash
    base: base as unknown as PodTemplate,
    // oxlint-disable-next-line no-unsafe-type-assertion -- the id below is its hash
    stamps: stamps as unknown as Stamps,
    shape,
    verdict: verdict === 'good' || verdict === 'bad' ? verdict : 'untested',
    updateSeen: annotations?.[updateSeenKey] ?? null,
  };
  return revisionId(made.base, made.stamps) === id ? made : undefined;
}
