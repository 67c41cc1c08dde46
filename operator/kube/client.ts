/**
 * The client: Kubernetes' verbs over the transport, in plain JSON. Nothing is repeated in here; the
 * error says what to do, and the queue or the informer does it.
 */
import { KubeError } from './errors.ts';
import { failureToError, isObjectMissing, streamedStatusToError } from './http-errors.ts';
import { listPageItems, listTimeoutMs, requestTimeoutMs, watchGraceMs } from './limits.ts';
import { apiVersionOf, type KubeObject, type ObjectRef, type ResourceType } from './objects.ts';
import { collectionPath, objectPath, type Query, withQuery } from './paths.ts';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  Intent,
  KubeClient,
  KubeList,
  LeaderElector,
  ListOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './ports.ts';
import type { HttpCall, Transport } from './transport.ts';
import { parseLines } from './watch-lines.ts';

export interface KubeClientOptions {
  readonly transport: Transport;
  /** Who writes, as `metadata.managedFields` will say. */
  readonly fieldManager: string;
  /**
   * Asked before every write, when its connection is there and nothing has been sent yet; the
   * write's deadline also ends with the Lease. Without it every write goes out.
   */
  readonly fence?: Pick<LeaderElector, 'assertLeader' | 'leaseLeftMs'> | undefined;
}

const json = 'application/json';
const mergePatch = 'application/merge-patch+json';
/** JSON is YAML; the patch types that client libraries default to are not server-side apply. */
const applyPatch = 'application/apply-patch+yaml';

export function createKubeClient(options: KubeClientOptions): KubeClient {
  return new TransportClient(options);
}

class TransportClient implements KubeClient {
  readonly #transport: Transport;
  readonly #fieldManager: string;
  readonly #fence: KubeClientOptions['fence'];

  constructor({ transport, fieldManager, fence }: KubeClientOptions) {
    this.#transport = transport;
    this.#fieldManager = fieldManager;
    this.#fence = fence;
  }

  async get<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.#read<T>(objectPath(type, ref), {}, options, requestTimeoutMs);
    } catch (error) {
      if (isObjectMissing(error)) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    try {
      return await this.#listInPages(type, options, listPageItems);
    } catch (error) {
      // The server forgot the version of the first page before the last was read.
      const isTornList = error instanceof KubeError && error.code === 'GONE';
      if (!isTornList) throw error;
      return this.#listInPages(type, options, undefined);
    }
  }

  async #listInPages<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions,
    limit: number | undefined,
  ): Promise<KubeList<T>> {
    const path = collectionPath(type, options.namespace);
    const { labelSelector, fieldSelector } = options;
    const items: T[] = [];
    for (let from: string | undefined; ; ) {
      const query = { labelSelector, fieldSelector, limit, continue: from };
      const page: ListPage<T> = await this.#read(path, query, options, listTimeoutMs);
      if (!Array.isArray(page.items)) {
        throw new KubeError('BAD_ANSWER', `GET ${path}: the answer is no list`);
      }
      // Lists of built-in kinds leave these out of their items.
      const apiVersion = apiVersionOf(type);
      for (const item of page.items) items.push({ ...item, apiVersion, kind: type.kind });
      from = page.metadata.continue;
      if (from === undefined || from === '') {
        return { items, resourceVersion: page.metadata.resourceVersion };
      }
    }
  }

  async *watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const { resourceVersion, labelSelector, fieldSelector, timeoutMs, signal } = options;
    const path = collectionPath(type, options.namespace);
    const query = {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion,
      labelSelector,
      fieldSelector,
      timeoutSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
    };
    const what = `WATCH ${path}`;
    const stream = await this.#transport.stream({
      method: 'GET',
      path: withQuery(path, query),
      what,
      timeoutMs: timeoutMs + watchGraceMs,
      signal,
    });
    try {
      options.onOpen?.();
      for await (const line of parseLines(stream as AsyncIterable<Buffer>, what)) {
        yield toWatchEvent<T>(line, what);
      }
    } catch (error) {
      throw failureToError(what, error);
    } finally {
      if (!stream.readableEnded) stream.destroy();
    }
  }

  create<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const { namespace } = object.metadata;
    if (type.namespaced !== (namespace !== undefined)) objectPath(type, object.metadata);
    const path = collectionPath(type, namespace);
    return this.#write('POST', path, { contentType: json, value: object }, options);
  }

  update<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = objectPath(type, object.metadata);
    return this.#write('PUT', path, { contentType: json, value: object }, options);
  }

  apply<T extends KubeObject>(
    type: ResourceType<T>,
    intent: Intent<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.#apply(objectPath(type, intent.metadata), type, intent, options);
  }

  applyStatus<T extends KubeObject>(
    type: ResourceType<T>,
    intent: Intent<T>,
    options: ApplyOptions = {},
  ): Promise<T> {
    return this.#apply(objectPath(type, intent.metadata, 'status'), type, intent, options);
  }

  #apply<T extends KubeObject>(
    path: string,
    type: ResourceType<T>,
    intent: Intent<T>,
    options: ApplyOptions,
  ): Promise<T> {
    const { managedFields: _, ...metadata } = intent.metadata;
    const value = { ...intent, apiVersion: apiVersionOf(type), kind: type.kind, metadata };
    const query = { force: options.force ?? true };
    return this.#write('PATCH', path, { contentType: applyPatch, value }, options, query);
  }

  patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = objectPath(type, ref);
    return this.#write('PATCH', path, { contentType: mergePatch, value: patch }, options);
  }

  patchStatus<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = objectPath(type, ref, 'status');
    return this.#write('PATCH', path, { contentType: mergePatch, value: patch }, options);
  }

  async delete(type: ResourceType, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const { propagation = 'Background', preconditions, gracePeriodSeconds } = options;
    const value = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: propagation,
      preconditions,
      gracePeriodSeconds,
    };
    try {
      await this.#write('DELETE', objectPath(type, ref), { contentType: json, value }, options);
      return true;
    } catch (error) {
      if (isObjectMissing(error)) return false;
      throw error;
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #read<T>(
    path: string,
    query: Query,
    { timeoutMs, signal }: CallOptions,
    defaultTimeoutMs: number,
  ): Promise<T> {
    return this.#call<T>('GET', path, query, { timeoutMs: timeoutMs ?? defaultTimeoutMs, signal });
  }

  async #write<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: { readonly contentType: string; readonly value: unknown },
    options: WriteOptions,
    query: Query = {},
  ): Promise<T> {
    const fence = this.#fence;
    fence?.assertLeader();
    const wantedMs = options.timeoutMs ?? requestTimeoutMs;
    const all = {
      ...query,
      dryRun: options.dryRun === true ? 'All' : undefined,
      fieldManager: method === 'DELETE' ? undefined : (options.fieldManager ?? this.#fieldManager),
    };
    return this.#call<T>(method, path, all, {
      timeoutMs: fence === undefined ? wantedMs : Math.min(wantedMs, fence.leaseLeftMs()),
      signal: options.signal,
      body: { contentType: body.contentType, text: JSON.stringify(body.value) },
      beforeSend: fence === undefined ? undefined : () => fence.assertLeader(),
    });
  }

  async #call<T>(
    method: HttpCall['method'],
    path: string,
    query: Query,
    call: Pick<HttpCall, 'timeoutMs' | 'signal' | 'body' | 'beforeSend'>,
  ): Promise<T> {
    const what = `${method} ${path}`;
    // The server gives up with us: a request that waited in its queue must not act later.
    const timeout = `${Math.max(1, Math.ceil(call.timeoutMs))}ms`;
    const text = await this.#transport.request({
      method,
      path: withQuery(path, { ...query, timeout }),
      what,
      ...call,
    });
    try {
      // oxlint-disable-next-line no-unsafe-type-assertion -- the server keeps to its own schema
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new KubeError('BAD_ANSWER', `${what}: the answer is not JSON`, { cause });
    }
  }
}

interface ListPage<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

function toWatchEvent<T extends KubeObject>(line: unknown, what: string): WatchEvent<T> {
  const { type, object } = line as { type?: unknown; object?: T };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (object?.metadata?.name === undefined) break;
      return { type, object };
    case 'BOOKMARK': {
      const resourceVersion = object?.metadata?.resourceVersion;
      if (resourceVersion === undefined) break;
      return { type, resourceVersion };
    }
    case 'ERROR':
      throw streamedStatusToError(what, object);
    default:
  }
  throw new KubeError('BAD_ANSWER', `${what}: an event of type ${String(type)} makes no sense`);
}
