/**
 * The named bounds of what the operator does, and what happens there. Those of its decisions are in
 * `limits.ts`, those of its talk with the API server in `kube/limits.ts`.
 */

/** Fleets that are worked on at the same time; others wait in the queue. */
export const reconcileWorkers = 4;

/** A cache that has not shown our own write after this is believed again. */
export const writtenMsMax = 30_000;

/**
 * While pods of a fleet are not ready it is looked at again after this, for nobody tells when a pod
 * has waited for a machine for too long.
 */
export const unreadyLookMs = 10_000;

/** Time between two rounds of asking pods for their `/status`. */
export const podPollMs = 2_000;
/** A pod that is ready and has answered is left out until its answer is so old: every third round. */
export const readyPodPollMs = 5_000;
/** Pods that are asked at the same time; others wait for their turn in the round. */
export const podPollsMax = 32;
/** A pod that has not answered by then cannot be asked: unknown, neither ready nor dead. */
export const podAnswerMs = 2_000;
/** Longest answer: 10,000 partitions of 200 bytes. One that is longer counts as none. */
export const podAnswerBytesMax = 2 * 1024 * 1024;
/** Partitions, resets and warnings of one answer that are read; what comes after is left out. */
export const podReportItemsMax = 10_000;
/** An answer is good for this long: until it is asked for again, and then two rounds and their deadlines. */
export const podReportAgeMsMax = 15_000;

/** Time between two looks at a fleet's Kafka… */
export const kafkaLookMs = 30_000;
/** …after one that failed, doubling up to `kafkaLookMs`. */
export const kafkaRetryMs = 5_000;
/** Everything that one look asks for; beyond it Kafka was not reached. */
export const kafkaLookMsMax = 20_000;
/** Looks that go on at the same time; others wait for their turn. */
export const kafkaLooksMax = 4;
/** Connections, one for each cluster and user; beyond it the one that was idle longest is closed. */
export const kafkaConnectionsMax = 64;
/** Left-over consumer groups that one look removes; the next look takes the rest. */
export const groupsRemovedMax = 500;
/** Consumer groups are listed when pods came or went, and at least this often. */
export const groupsLookMs = 600_000;

/** After a fleet was deleted its pods may take so long to stop before its groups are removed… */
export const deletePodsMsMax = 120_000;
/** …and Kafka so long to remove them. Then they are left behind, with an Event. */
export const deleteGroupsMsMax = 60_000;
/** Time between two looks at a fleet that is being deleted. */
export const deleteLookMs = 2_000;

/** At its start the operator waits so long for an API server that does not answer, then it ends. */
export const apiServerWaitMsMax = 120_000;
/** Caches have to be filled by then, or the process ends and says what it could not list. */
export const cacheSyncMsMax = 120_000;
/** The CRD has to be served so soon after it was installed. */
export const crdEstablishedMsMax = 30_000;
/** Ending: work under way finishes, and the lead is handed over. */
export const handOverMsMax = 10_000;
