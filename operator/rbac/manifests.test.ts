/** The committed manifests, and what they must not allow. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rbacManifests } from './manifests.ts';
import { fleetRules, ownRules } from './rules.ts';

describe('the rights of the operator', () => {
  it('are committed as they are made', () => {
    for (const [file, text] of rbacManifests()) {
      const committed = readFileSync(path.join(import.meta.dirname, file), 'utf8');
      assert.equal(committed, text, `${file}: run npm run gen`);
    }
  });

  it('criterion 15: name every verb and resource, and reach Secrets of other namespaces only cluster-wide', () => {
    for (const { resources, verbs } of [...fleetRules, ...ownRules]) {
      assert.ok(![...resources, ...verbs].includes('*'));
    }
    const namespaced = rbacManifests().get('namespaced.yaml') ?? '';
    assert.ok(namespaced.includes('secrets'));
    assert.doesNotMatch(namespaced, /kind: ClusterRole/);
  });
});
