/**
 * A query as people and tools write it, with ids as bigints, and its bytes.
 */
import { appendId, createRequestFields, type RequestFields } from '#proto/wire/request-fields.ts';
import { encodeRequest } from '#proto/wire/write-request.ts';

export interface QueryRequest {
  readonly userId: bigint;
  readonly followingUserIds: readonly bigint[];
  readonly excludeTweetIds?: readonly bigint[];
  /** 0 or absent: the node's own default. */
  readonly maxResults?: number;
  readonly algorithm?: string;
  readonly debug?: boolean;
  readonly isVideoRequest?: boolean;
}

export function toRequestFields(request: QueryRequest): RequestFields {
  const fields = createRequestFields();
  fields.userIdHi = highOf(request.userId);
  fields.userIdLo = lowOf(request.userId);
  for (const id of request.followingUserIds) appendId(fields.following, highOf(id), lowOf(id));
  for (const id of request.excludeTweetIds ?? []) appendId(fields.excluded, highOf(id), lowOf(id));
  fields.maxResults = request.maxResults ?? 0;
  fields.algorithm = request.algorithm ?? '';
  fields.debug = request.debug ?? false;
  fields.isVideoRequest = request.isVideoRequest ?? false;
  return fields;
}

/** The bytes of a GetInNetworkPostsRequest. */
export function encodeQueryRequest(request: QueryRequest): Buffer {
  const bytes = encodeRequest(toRequestFields(request));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function highOf(id: bigint): number {
  return Number(BigInt.asUintN(64, id) >> 32n);
}

function lowOf(id: bigint): number {
  return Number(id & 0xffff_ffffn);
}
