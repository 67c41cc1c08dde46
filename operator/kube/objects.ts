/**
 * Kubernetes objects as plain JSON, and how they are named. Objects are never converted to classes:
 * what the server sent is what is cached and what is sent back, unknown fields included.
 */

export interface ObjectMeta {
  readonly name: string;
  /** Absent on objects of the whole cluster. */
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  /** Opaque: equal or not equal, and never compared by size. */
  readonly resourceVersion?: string | undefined;
  /** Counts changes of `spec`. */
  readonly generation?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
  /** RFC 3339, in whole seconds. */
  readonly creationTimestamp?: string | undefined;
  /** Present from the moment a delete was asked for. */
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly managedFields?: readonly ManagedFieldsEntry[] | undefined;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** Who set which fields, as the server keeps it for server-side apply. */
export interface ManagedFieldsEntry {
  readonly manager?: string | undefined;
  readonly operation?: string | undefined;
  readonly subresource?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly time?: string | undefined;
  readonly fieldsType?: string | undefined;
  readonly fieldsV1?: unknown;
}

/** Any object. What the client answers always has its `apiVersion` and `kind`, in lists too. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** The name of one object within its type. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

declare const objectType: unique symbol;

/** A kind of object and where the server keeps it; `T` is what its objects look like. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As in the URL: lower case, plural. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only for the type checker. */
  readonly [objectType]?: T;
}

/** Names a type of object: `defineResource<Widget>({ group: 'example.com', … })`. */
export function defineResource<T extends KubeObject>(
  type: Omit<ResourceType, typeof objectType>,
): ResourceType<T> {
  return type;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `namespace/name`, or `name` for objects of the whole cluster: what caches and queues use. */
export function keyOf(ref: ObjectRef | KubeObject): string {
  const { name, namespace } = 'metadata' in ref ? ref.metadata : ref;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** The inverse of `keyOf`. */
export function parseKey(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The owner that manages this object, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}
