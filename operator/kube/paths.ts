/** Where an object, a list or a subresource is on the server. */
import { KubeError } from './errors.ts';
import { apiVersionOf, type ObjectRef, type ResourceType } from './objects.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** All objects of a type, or those of one namespace. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const root = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
  return type.namespaced && namespace !== undefined
    ? `${root}/namespaces/${segment(namespace, type)}/${type.plural}`
    : `${root}/${type.plural}`;
}

export function objectPath(type: ResourceType, ref: ObjectRef, subresource?: 'status'): string {
  // Without a namespace the path would mean something else altogether.
  if (type.namespaced !== (ref.namespace !== undefined)) {
    const needs = type.namespaced ? 'needs a namespace' : 'belongs to no namespace';
    throw new KubeError('BAD_REQUEST', `${type.kind} ${ref.name} ${needs}`);
  }
  const path = `${collectionPath(type, ref.namespace)}/${segment(ref.name, type)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false) search.set(name, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function segment(text: string, type: ResourceType): string {
  if (text === '' || text === '.' || text === '..') {
    throw new KubeError('BAD_REQUEST', `"${text}" is no name for a ${type.kind} or its namespace`);
  }
  return encodeURIComponent(text);
}
