/** What the judge of the random runs sees, and what it forgives. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Judge, type SeenPod } from './judge.ts';

const pod = (uid: string, changes: Partial<SeenPod> = {}): SeenPod => ({
  ...{ uid, name: uid, isLive: true, isReady: true },
  ...changes,
});
const gone = (uid: string): SeenPod => pod(uid, { isLive: false, isReady: false });

/** Whole, with so many ready pods: `a`, `b`, `c`, … */
function whole(replicas: number, maxUnavailable = 0, maxSurge = 1): Judge {
  const judge = new Judge({ maxSurge, maxUnavailable }, replicas);
  for (const uid of 'abcdef'.slice(0, replicas)) judge.see(pod(uid));
  judge.whole();
  return judge;
}

describe('the judge of random runs', () => {
  it('finds a ready pod that was removed before another was ready', () => {
    const judge = whole(2);
    judge.see(pod('new', { isReady: false }));
    judge.see(gone('a'));
    assert.match(
      judge.violations.join(),
      /^criterion 1: 1 ready pods are left after a was removed/,
    );
  });

  it('lets pods go that others have replaced, or that the spec says may be missing', () => {
    const replaced = whole(2);
    replaced.see(pod('new'));
    replaced.see(gone('a'));
    const missing = whole(3, 1);
    missing.see(gone('a'));
    assert.deepEqual([...replaced.violations, ...missing.violations], []);
    missing.see(gone('b'));
    assert.equal(missing.violations.length, 1);
  });

  it('finds that the last caught-up pod was removed, unless nothing is wanted', () => {
    const judge = whole(1, 1);
    judge.see(gone('a'));
    assert.ok(judge.violations.some((each) => each.startsWith('criterion 2: a was removed')));
    const nothing = whole(1);
    nothing.want(0);
    nothing.see(gone('a'));
    assert.deepEqual(nothing.violations, []);
  });

  it('judges a scale by the least that was asked for until it is whole again', () => {
    const judge = whole(3);
    judge.want(1);
    judge.want(3);
    judge.see(gone('a'));
    judge.see(gone('b'));
    assert.deepEqual(judge.violations, []);
    for (const uid of ['d', 'e']) judge.see(pod(uid));
    judge.whole();
    judge.see(gone('c'));
    assert.equal(judge.violations.length, 1);
  });

  it('allows for what the test took, once, until everybody has noticed', () => {
    const judge = whole(1);
    judge.see(pod('new'));
    judge.take('new');
    judge.see(pod('new', { isReady: false }));
    // Whoever removes the old one may not know yet that it is the last.
    judge.see(gone('a'));
    assert.deepEqual(judge.violations, []);
    judge.see(pod('newer'));
    judge.noticed();
    judge.see(gone('newer'));
    assert.match(judge.violations.join(), /^criterion 2: newer was removed/);
  });

  it('forgives nothing after a loss that never came', () => {
    const judge = whole(2);
    judge.take('a');
    judge.whole();
    assert.equal(judge.strictRemovals, 0);
    judge.giveBack('a');
    judge.whole();
    judge.see(gone('b'));
    assert.equal(judge.violations.length, 1);
    assert.equal(judge.strictRemovals, 1);
  });

  it('finds a pod that became unready by itself: nobody but the test makes them so', () => {
    const judge = whole(2);
    judge.see(pod('a', { isReady: false }));
    assert.match(judge.violations.join(), /^a became unready/);
  });

  it('finds more pods than the surge allows', () => {
    const judge = whole(2);
    judge.seeSet('old', 2);
    judge.seeSet('new', 1);
    judge.want(1);
    judge.seeSet('old', 1);
    judge.seeSet('new', 2);
    assert.deepEqual(judge.violations, []);
    judge.seeSet('old', 2);
    assert.deepEqual(judge.violations, ['criterion 1: 4 pods were to be there, at most 3 may']);
  });
});
