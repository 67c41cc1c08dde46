/** Whatever a pod answers, what comes out fits a fleet's status. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Json } from '#crds/schema/json.ts';
import { validate } from '#crds/schema/validate.ts';
import { thunderFleetStatus } from '#crds/thunder-fleet/status.ts';
import { toPodFacts } from '#operator/rollout/pod-facts.ts';
import { reportOf } from '#operator/rollout/rollout-fixture.suite.ts';
import { podReports } from '#operator/status/pod-reports.ts';
import { parseNodeStatus } from './parse-node-status.ts';

describe('the status of a pod', () => {
  it('is read as it was written', () => {
    const report = reportOf({ lagEvents: 7, warnings: ['too little memory'] });
    const parsed = parseNodeStatus(JSON.stringify(report));
    assert.deepEqual(JSON.parse(JSON.stringify(parsed)), JSON.parse(JSON.stringify(report)));
  });

  it('is none when it is not that of a node', () => {
    for (const text of ['', 'null', '[]', '{', '{"stage":"dreaming"}', '{"stage":7}', '"ready"']) {
      assert.equal(parseNodeStatus(text), null, text);
    }
  });

  it('makes a report that the CRD takes, whatever else is in it', () => {
    const known = fc.constantFrom(
      ...['version', 'reason', 'progress', 'etaSeconds', 'posts', 'bytes', 'lagEvents'],
      ...['stalenessMs', 'donating', 'partitions', 'resets', 'warmStart', 'warnings', 'counters'],
    );
    const hostile = fc.dictionary(known, fc.jsonValue());
    fc.assert(
      fc.property(hostile, (fields) => {
        const parsed = parseNodeStatus(JSON.stringify({ ...reportOf(), ...fields }));
        assert.ok(parsed !== null);
        const metadata = { name: 'pod', uid: 'uid', labels: {} };
        const facts = toPodFacts({ apiVersion: 'v1', kind: 'Pod', metadata }, parsed, 0);
        const status = JSON.parse(JSON.stringify({ pods: podReports([facts]) })) as Json;
        assert.deepEqual(validate(thunderFleetStatus, status, 'status'), []);
      }),
    );
  });
});
