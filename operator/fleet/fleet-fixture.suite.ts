/**
 * Fleets for tests.
 */
import assert from 'node:assert/strict';
import type { JsonObject } from '#crds/schema/json.ts';
import { apiVersion, names } from '#crds/thunder-fleet/crd.ts';
import { type Fleet, parseFleet, type StoredFleet } from './fleet.ts';

export const uid = '0f9a1b2c-3d4e-5f60-7182-93a4b5c6d7e8';

export function storedFleet(spec: JsonObject = {}, metadata: JsonObject = {}): StoredFleet {
  return {
    apiVersion,
    kind: names.kind,
    metadata: { name: 'home-feed', namespace: 'feeds', uid, generation: 3, ...metadata },
    spec: { kafka: { brokers: ['kafka:9092'] }, ...spec },
  };
}

/** A good one, defaults applied. */
export function fleetOf(spec: JsonObject = {}, metadata: JsonObject = {}): Fleet {
  const parsed = parseFleet(storedFleet(spec, metadata));
  assert.ok(parsed.ok, parsed.ok ? '' : JSON.stringify(parsed.problems));
  return parsed.fleet;
}
