/**
 * One direction of one proxied connection: takes bytes from a socket, holds them as long as the
 * faults say, and writes them to the other. Memory is bounded by what it stops reading at.
 */
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { WireFault } from './wire-fault.ts';

/** Bytes held back at most; then the sender is not read from, as a full pipe would do. */
const heldBytesMax = 1024 * 1024;
/** A throttled direction is written in so many pieces a second. */
const piecesPerSecond = 20;

interface Held {
  readonly bytes: Buffer;
  readonly arrivedAtMs: number;
}

export class Pump {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #fail: () => void;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #fault: WireFault = {};
  /** Bytes passed since the fault was set. */
  #passed = 0;
  #flipped = false;
  #sourceEnded = false;
  #stopped = false;
  #wake: () => void = () => undefined;

  /** `fail` resets the whole connection. */
  constructor(from: Socket, to: Socket, fail: () => void) {
    this.#from = from;
    this.#to = to;
    this.#fail = fail;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    to.on('drain', () => this.#wake());
    from.once('end', () => {
      this.#sourceEnded = true;
      this.#wake();
    });
    void this.#run();
  }

  fault(fault: WireFault): void {
    this.#fault = fault;
    this.#passed = 0;
    this.#flipped = false;
    this.#wake();
  }

  /** Ends this direction now; what is held is dropped. */
  end(): void {
    if (this.#stopped) return;
    this.stop();
    this.#to.end();
  }

  stop(): void {
    this.#stopped = true;
    this.#held.length = 0;
    this.#wake();
  }

  #take(bytes: Buffer): void {
    // After the end of this direction its sender talks to nobody.
    if (this.#stopped) return;
    this.#held.push({ bytes, arrivedAtMs: performance.now() });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= heldBytesMax) this.#from.pause();
    this.#wake();
  }

  async #run(): Promise<void> {
    for (;;) {
      if (this.#stopped) return;
      const next = this.#held[0];
      if (this.#fault.stalled === true || (next === undefined && !this.#sourceEnded)) {
        await this.#change();
      } else if (next === undefined) {
        this.#to.end();
        return;
      } else {
        const waitMs = next.arrivedAtMs + (this.#fault.delayMs ?? 0) - performance.now();
        if (waitMs > 0) await this.#change(waitMs);
        else await this.#pass(next);
      }
    }
  }

  /** Writes the next bytes, or as many of them as may pass at once. */
  async #pass(next: Held): Promise<void> {
    const { bytesPerSecond = Infinity } = this.#fault;
    const piece = Math.max(1, Math.floor(bytesPerSecond / piecesPerSecond));
    const limit = Math.min(
      this.#fault.resetAfterBytes ?? Infinity,
      this.#fault.endAfterBytes ?? Infinity,
    );
    const count = Math.min(next.bytes.length, piece, limit - this.#passed);
    const bytes = next.bytes.subarray(0, Math.max(0, count));
    if (bytes.length === next.bytes.length) this.#held.shift();
    else
      this.#held[0] = { bytes: next.bytes.subarray(bytes.length), arrivedAtMs: next.arrivedAtMs };
    this.#heldBytes -= bytes.length;
    if (this.#heldBytes < heldBytesMax) this.#from.resume();
    this.#flipIn(bytes);
    this.#passed += bytes.length;
    if (bytes.length > 0) this.#to.write(bytes);
    if (this.#passed >= limit) {
      if (this.#fault.resetAfterBytes === undefined) return this.end();
      this.stop();
      this.#fail();
      return;
    }
    // A socket that is destroyed never drains; its close stops this pump.
    while (this.#to.writableNeedDrain && !this.#stopped) await this.#change();
    if (bytesPerSecond !== Infinity) await pause((bytes.length / bytesPerSecond) * 1000);
  }

  #flipIn(bytes: Buffer): void {
    const at = (this.#fault.flipAfterBytes ?? Infinity) - this.#passed;
    if (this.#flipped || at < 0 || at >= bytes.length) return;
    this.#flipped = true;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  }

  /** Until there is something to look at again, or the time is over. */
  async #change(withinMs?: number): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (withinMs === undefined) return changed;
    const timer = new AbortController();
    const over = pause(withinMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([changed, over]);
    timer.abort();
  }
}
