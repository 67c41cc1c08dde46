/**
 * The Secret of a fleet: keys with which its pods prove to each other that they are of one fleet,
 * and the key of the hash that tells changed inputs. Made once; nothing here is ever shown.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';
import type { Secret } from './kube-types.ts';
import { childName, ownMeta } from './names.ts';

/** Names of the keys in the Secret. Two for snapshots, so that one can be replaced while pods run. */
export const keyNames = {
  current: 'snapshot-current',
  previous: 'snapshot-previous',
  inputs: 'inputs-hash',
} as const;

/** Bytes of each. */
export const keyBytes = 32;

/**
 * What is there is kept, so that applying it again changes nothing; what is missing is filled with
 * `random`, which answers that many fresh bytes.
 */
export function keySecret(
  fleet: Fleet,
  present: Readonly<Record<string, string>>,
  random: (bytes: number) => Uint8Array,
): Secret {
  const fresh = (): string => Buffer.from(random(keyBytes)).toString('base64');
  const keep = (name: string): string | undefined =>
    Buffer.from(present[name] ?? '', 'base64').length === keyBytes ? present[name] : undefined;
  const current = keep(keyNames.current) ?? fresh();
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownMeta(fleet, childName(fleet, 'keys')),
    type: 'Opaque',
    data: {
      [keyNames.current]: current,
      // Nobody has an older one yet: the same again.
      [keyNames.previous]: keep(keyNames.previous) ?? current,
      [keyNames.inputs]: keep(keyNames.inputs) ?? fresh(),
    },
  };
}

/** A new key for snapshots; pods that have not seen it yet still accept, and send, the one before. */
export function rotateSnapshotKey(
  present: Readonly<Record<string, string>>,
  random: (bytes: number) => Uint8Array,
): Record<string, string> {
  const previous = present[keyNames.current];
  return {
    ...present,
    [keyNames.current]: Buffer.from(random(keyBytes)).toString('base64'),
    ...(previous === undefined ? {} : { [keyNames.previous]: previous }),
  };
}
