/**
 * What answering needs to know of catching up, and how other threads get to know it: three numbers in
 * shared memory, written by the thread that reads the log.
 */
export interface CatchUpFacts {
  /** Whether the node has ever been at its target (L1). Stays true when stale or draining. */
  everReady(): boolean;
  /** 0..1; null when unknown. */
  progress(): number | null;
  /** Q10; null before the node was first at the log's end. */
  stalenessMs(): number | null;
}

/** Places in the numbers. NaN stands for null. */
const ready = 0;
const progressed = 1;
const atEndMs = 2;

export function createFactsMemory(): Float64Array {
  return new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT)).fill(
    Number.NaN,
  );
}

/** Tells the other threads; often, and whenever `everReady` changes. Times are the clock's monotonic ones. */
export function publishFacts(memory: Float64Array, facts: CatchUpFacts, monotonicMs: number): void {
  memory[progressed] = facts.progress() ?? Number.NaN;
  memory[atEndMs] = monotonicMs - (facts.stalenessMs() ?? Number.NaN);
  memory[ready] = facts.everReady() ? 1 : 0;
}

/** As another thread sees them. Staleness goes on growing between two publications. */
export function sharedFacts(memory: Float64Array, monotonicMs: () => number): CatchUpFacts {
  return {
    everReady: () => memory[ready] === 1,
    progress: () => numberOrNull(memory[progressed]!),
    stalenessMs: () => numberOrNull(monotonicMs() - memory[atEndMs]!),
  };
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
