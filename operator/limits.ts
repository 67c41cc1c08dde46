/**
 * The named bounds of the operator's decisions, with what justifies them.
 */

/** Store. The same figures as node/store/store-bounds.ts, which a test compares. */
export const storeMemoryShare = 0.6;
export const reservedBytesPerPost = 140;
export const reservedBytesPerTombstone = 40;
export const tombstonesPerPost = 0.4;
export const storeEntriesMin = 1_000;
export const storeEntriesMax = 50_000_000;

/**
 * Part of the memory limit for JavaScript's heap. The store takes 0.6 outside of it; what is left,
 * 0.15, is for buffers of the network, stacks and Node.js itself.
 */
export const heapMemoryShare = 0.25;

/** Characters of a Deployment's name: `-` and ten of a ReplicaSet, `-` and five of a pod make 63. */
export const deploymentNameMax = 46;
/** Characters of what stands for the fleet in names and labels: `-serving` fits behind it. */
export const fleetNameMax = 38;

/** Stopping a pod, in this order; the sum with a reserve is its grace period. */
export const preStopSeconds = 5;
/** `--drain-delay-ms` of a node. */
export const drainSeconds = 5;
/** The node lets calls finish for 10 s, and takes 2 s more to close. */
export const finishCallsSeconds = 12;
export const stopReserveSeconds = 8;

/** A new pod counts as available when it has been ready for so long: one that crashes at its first queries does not. */
export const minReadySeconds = 5;
/** "Until further notice": the largest that stays below the Deployment's own progress deadline. */
export const heldMinReadySeconds = 2_147_483_646;
/** The Deployment's own progress deadline at its maximum, which means none. */
export const noProgressDeadlineSeconds = 2_147_483_647;
/** ReplicaSets that Kubernetes keeps; what we go back to is kept as ControllerRevisions. */
export const replicaSetHistory = 3;
/** ControllerRevisions kept for each kind of pod, besides those in use. */
export const revisionHistory = 5;

/** A pod that has restarted so often is crash-looping, whatever Kubernetes calls it… */
export const crashRestarts = 3;
/** …until it has been ready for so long. */
export const healedMs = 60_000;
/** A pod may wait so long for a machine, which an autoscaler may be starting. */
export const unschedulableMs = 120_000;
/** Resets of the log roll a fleet at most once in this time: a log that is re-created over and over must not keep it rolling. */
export const resetRollIntervalMs = 10 * 60_000;
/** Events behind beyond which a pod is one that falls behind. */
export const laggingEvents = 10_000;

/** A pod that was last at the end of the log so long ago has lost Kafka; it looks every second. */
export const staleMs = 30_000;

/** Time between two writes of figures that move by themselves, while something is going on… */
export const busyFiguresMs = 5_000;
/** …and otherwise. */
export const quietFiguresMs = 60_000;

/** Characters of a message in a condition. */
export const messageCharactersMax = 1_024;
