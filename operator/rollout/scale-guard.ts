/**
 * Keeps a scale from removing the last caught-up pod, and from going unnoticed.
 *
 * Within one ReplicaSet Kubernetes removes unready pods first. While two revisions run, though, it
 * shares a scale out by their sizes, and may empty just the one whose pods are caught up. To lose
 * all caught-up pods of some revisions it would have to remove every pod of theirs; fewer are always
 * safe. Those of the last good revision are the ones to keep: new ones may still turn out bad.
 */
import { stepsOf } from '#operator/desired/deployments.ts';
import type { AppliedDeployment, ReplicaSetFacts, RolloutFacts } from './rollout-facts.ts';

/** As many replicas as were asked for, or the fewest above that which are safe now. */
export function safeReplicas(
  facts: Pick<
    RolloutFacts,
    'replicas' | 'applied' | 'pods' | 'lastGood' | 'maxSurge' | 'maxUnavailable'
  >,
): number {
  const { replicas, applied, pods } = facts;
  if (applied === null) {
    return replicas;
  }
  const unnoticed = sizedForOther(replicas, applied);
  if (unnoticed !== null) {
    return unnoticed;
  }
  if (replicas >= applied.replicas || replicas === 0) {
    return replicas;
  }
  const sets = applied.replicaSets.filter((set) => set.replicas > 0);
  if (sets.length < 2) {
    return replicas;
  }
  const caughtUp = sets.filter(({ revision }) =>
    pods.some((pod) => pod.isReady && pod.revision === revision),
  );
  if (caughtUp.length === 0) {
    return replicas;
  }
  const proven = caughtUp.filter(({ revision }) => revision === facts.lastGood);
  const kept = sizeOf(proven.length > 0 ? proven : caughtUp);
  const total = sizeOf(sets);
  let safe = replicas;
  while (safe < applied.replicas && total - safe - stepsOf(facts, safe).maxSurge >= kept) {
    safe += 1;
  }
  return safe;
}

/**
 * Kubernetes tells a scale by what its ReplicaSets were sized for, and writes that down when it
 * resizes them. Where the only one has the wanted size already, though it was sized on the way to
 * another, it never does: it would see a scale for ever, and roll no template any more. So the
 * Deployment keeps, or gets back, what the ReplicaSet was sized for, until sizes differ; else null.
 */
function sizedForOther(replicas: number, { replicaSets }: AppliedDeployment): number | null {
  const [only, ...others] = replicaSets.filter(({ size }) => size > 0);
  const isUnnoticed = others.length === 0 && only?.size === replicas && only.sizedFor > 0;
  if (!isUnnoticed || only.sizedFor === replicas) {
    return null;
  }
  // Never fewer than are wanted.
  return only.sizedFor > replicas ? only.sizedFor : replicas + 1;
}

function sizeOf(sets: readonly ReplicaSetFacts[]): number {
  return sets.reduce((sum, set) => sum + set.replicas, 0);
}
