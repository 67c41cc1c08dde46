/**
 * What this runtime offers, as interfaces: program against these, build them with the `create…`
 * function of the file that bears their name. Read from top to bottom.
 */
import type { KubeObject, ObjectRef, ResourceType } from './objects.ts';

// ---------------------------------------------------------------------------------------------
// Client

export interface CallOptions {
  /** Gives up the request; it then throws `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time until the whole answer is here; default the client's own. Beyond: `TIMEOUT`. */
  readonly timeoutMs?: number | undefined;
}

export interface ListOptions extends CallOptions {
  /** All namespaces when absent. */
  readonly namespace?: string | undefined;
  /** As kubectl's `-l`. */
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface KubeList<T extends KubeObject> {
  readonly items: readonly T[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Events after this version, as a list or an earlier watch named it. */
  readonly resourceVersion: string;
  /** The server ends the watch in order after this; we cut it `watchGraceMs` later. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Once the server has accepted the watch. */
  readonly onOpen?: (() => void) | undefined;
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing changed up to this version. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WriteOptions extends CallOptions {
  /** Who writes, as `metadata.managedFields` will say; default the client's own. */
  readonly fieldManager?: string | undefined;
  /** The server checks and answers, and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes over fields that others own; default true. Without it such a field is `APPLY_CONFLICT`. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions extends WriteOptions {
  /** What becomes of the objects it owns; default `Background`. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Only this very object, in this very version; else `CONFLICT`. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

/** An object as we want it: only the fields we have an opinion about. */
export type Intent<T extends KubeObject> = KubeObject & Partial<T>;

/**
 * Requests to the API server. Each has a deadline and a bound on its answer, none is repeated
 * after the server may have acted on it: what to do next is the caller's decision, named by the
 * error's `retry`. Objects go out and come in as plain JSON.
 */
export interface KubeClient {
  /** Undefined when there is no such object. */
  get<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options?: CallOptions,
  ): Promise<T | undefined>;
  /** Everything, page by page, as of one version. */
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<KubeList<T>>;
  /**
   * Changes as they happen. Ends when the server ends it in order; throws `GONE` when the version
   * is too old, `TIMEOUT` when the stream fell silent, and whatever else went wrong. An informer
   * is what most callers want.
   */
  watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  /** Throws `ALREADY_EXISTS` when there is one by that name. */
  create<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;
  /** Replaces the whole object; with a `resourceVersion` only that version, else `CONFLICT`. */
  update<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T>;
  /**
   * Server-side apply: creates the object or makes it agree with the intent; fields that we
   * applied before and no longer name are removed. Idempotent.
   */
  apply<T extends KubeObject>(
    type: ResourceType<T>,
    intent: Intent<T>,
    options?: ApplyOptions,
  ): Promise<T>;
  /** The same for the `status` subresource. Throws `NOT_FOUND` when the object is gone. */
  applyStatus<T extends KubeObject>(
    type: ResourceType<T>,
    intent: Intent<T>,
    options?: ApplyOptions,
  ): Promise<T>;
  /** JSON merge patch: `null` removes a field. With `metadata.resourceVersion` only that version. */
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    options?: WriteOptions,
  ): Promise<T>;
  /** The same for the `status` subresource. */
  patchStatus<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    options?: WriteOptions,
  ): Promise<T>;
  /** False when there was nothing to delete. */
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<boolean>;
  /** Closes idle connections; requests under way end on their own. */
  close(): void;
}

// ---------------------------------------------------------------------------------------------
// Informer

export interface Change<T extends KubeObject> {
  /** `namespace/name`. */
  readonly key: string;
  /** Undefined when it is new. On a resync the same object as `after`. */
  readonly before: T | undefined;
  /** Undefined when it was deleted. */
  readonly after: T | undefined;
  readonly cause: 'list' | 'watch' | 'resync';
}

/**
 * A cache of all objects of one type (in one namespace, by one selector), kept equal to the
 * server's by a list and a watch. It survives whatever the connection does and serves what it last
 * knew meanwhile. Cached objects are shared and frozen.
 */
export interface Informer<T extends KubeObject> {
  readonly type: ResourceType<T>;
  /** True from the first complete list on. */
  readonly hasSynced: boolean;
  /** Resolves with the first complete list; rejects with the signal's reason, or when stopped. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** By `namespace/name`. */
  get(key: string): T | undefined;
  list(): readonly T[];
  readonly size: number;
  /** By an index that was given at creation. */
  byIndex(index: string, value: string): readonly T[];
  /** Objects with this uid among their owners. */
  byOwner(uid: string): readonly T[];
  /** Objects with this label; all pairs have to agree. */
  byLabels(labels: Readonly<Record<string, string>>): readonly T[];
  /**
   * After every change of the cache, and for every object now and then (resync). Called in order
   * and synchronously; a listener puts a key into a queue and returns. Answers how to unsubscribe.
   */
  onChange(listener: (change: Change<T>) => void): () => void;
  /** Begins; idempotent. */
  start(): void;
  /** Ends for good: no watch, no timer and no event is left. */
  stop(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------
// Work queue and controller

/**
 * Keys that need a look. A key waits once however often it is added, and is never handed to two
 * workers at a time: added while it is being worked on, it comes again afterwards.
 */
export interface WorkQueue {
  /** As soon as a worker is free. */
  add(key: string): void;
  /** Not before `delayMs` from now; of several delays of one key the earliest counts. */
  addAfter(key: string, delayMs: number): void;
  /** After the key's own back-off, which doubles each time until `forget`; at least `atLeastMs`. */
  addRateLimited(key: string, atLeastMs?: number): void;
  /** The key did well: its back-off starts anew. */
  forget(key: string): void;
  /** How often the key was added with back-off since it was last forgotten. */
  retries(key: string): number;
  /** The next key, for as long as it takes; undefined once the queue is stopped. */
  next(): Promise<string | undefined>;
  /** To be called exactly once for every key that `next` gave. */
  done(key: string): void;
  /** Keys that are ready now; delayed ones aside. */
  readonly depth: number;
  /** Drops everything; `next` answers undefined from now on. */
  stop(): void;
}

export interface Result {
  /** Look again after this even if nothing changes; absent: only when something does. */
  readonly requeueAfterMs?: number | undefined;
}

/** Makes the world agree with one object. Called again after an error, as the error's `retry` says. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Result | undefined>;

/** Workers over one queue. */
export interface Controller {
  readonly queue: WorkQueue;
  /** Works until the signal aborts; resolves when every worker has finished its key. */
  run(signal: AbortSignal): Promise<void>;
}

// ---------------------------------------------------------------------------------------------
// Leader election

/**
 * One of several processes leads, by a Lease. Who leads is judged by the monotonic clock: a process
 * that was paused finds, before anything else, that its time is over.
 */
export interface LeaderElector {
  readonly identity: string;
  /** True only while the last renewal is younger than the renew deadline, at this very moment. */
  isLeader(): boolean;
  /** Throws `NOT_LEADER` unless `isLeader()`: to be called before every write. */
  assertLeader(): void;
  /** How long nobody else can hold the Lease, from now on; 0 unless `isLeader()`. */
  leaseLeftMs(): number;
  /** Who holds the Lease as last seen; empty when nobody does. */
  readonly holder: string;
  /**
   * Waits for the lead, then runs `work`, whose signal aborts when the lead is lost or `signal`
   * aborts. When `work` has ended the Lease is released, so that the next one need not wait.
   * Resolves after an orderly end; throws `NOT_LEADER` when the lead was lost, after which the
   * process should end and start anew.
   */
  lead(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

// ---------------------------------------------------------------------------------------------
// Events

export interface EventToRecord {
  /** What it is about. */
  readonly regarding: KubeObject;
  /** Something else that took part: the pod, the secret. */
  readonly related?: KubeObject | undefined;
  readonly type: 'Normal' | 'Warning';
  /** Upper camel case, for machines: `RolloutStarted`. */
  readonly reason: string;
  /** What was done, upper camel case: `Rollout`. */
  readonly action: string;
  /** A sentence for people; cut at 1,024 bytes, as the server wants. */
  readonly note: string;
}

/**
 * Events on objects, best effort: what repeats is counted on one event instead of written again,
 * and no object gets more than its share. Never throws and never delays the caller.
 */
export interface EventRecorder {
  record(event: EventToRecord): void;
  /** Writes what is still waiting; bounded by the signal. */
  flush(signal: AbortSignal): Promise<void>;
  stop(): void;
}

// ---------------------------------------------------------------------------------------------
// What is handed in

/** Time as an argument. */
export interface Clock {
  /** Wall time, milliseconds since the epoch. Can jump. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start; never goes back, and goes on while we are paused. */
  monotonicMs(): number;
  /** Calls back once, after `delayMs`; answers how to cancel. Keeps the process alive. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

/** The part of a structured logger that is used; pino's fits. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
