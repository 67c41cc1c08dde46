/**
 * One InNetworkEvent as `readInNetworkEvent` leaves it, filled in place and reused.
 */
import { createLightPostFields, type LightPostFields } from './light-post-fields.ts';

/** What a record held. `malformed`: not protobuf, or cut short. */
export type InNetworkEventKind = 'create' | 'delete' | 'no_variant' | 'malformed';

export interface InNetworkEventFields {
  kind: InNetworkEventKind;
  /** Of a create. */
  readonly post: LightPostFields;
  /**
   * Of a create: whether the payload bytes are already canonical (rule E3: known fields in number
   * order, each once, minimal varints, proto3 defaults left out, `is_reply` true where E3 says so),
   * so that they can be kept as they came. False when the record held more than one create in a row.
   */
  canonical: boolean;
  /** Of a create: where its payload (the last, if there are several) lies in the bytes that were read. */
  payloadStart: number;
  payloadEnd: number;
  /** Of a delete. */
  deletedPostIdHi: number;
  deletedPostIdLo: number;
  /** Of a delete, seconds, signed; 0 when absent. Rounded beyond 2^53. */
  deletedAt: number;
  /** Of a delete: the post's author, 0 when the writer did not say. */
  deletedAuthorIdHi: number;
  deletedAuthorIdLo: number;
}

export function createInNetworkEventFields(): InNetworkEventFields {
  return {
    kind: 'no_variant',
    post: createLightPostFields(),
    canonical: false,
    payloadStart: 0,
    payloadEnd: 0,
    deletedPostIdHi: 0,
    deletedPostIdLo: 0,
    deletedAt: 0,
    deletedAuthorIdHi: 0,
    deletedAuthorIdLo: 0,
  };
}
