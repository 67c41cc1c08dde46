/** What can happen to the bytes of a proxied connection. */

/** `up`: from the client to the server. `down`: back. */
export type Direction = 'up' | 'down';

/** What happens to the bytes of one direction. */
export interface WireFault {
  /** Every byte arrives this much later. */
  readonly delayMs?: number;
  /** No more than this on each connection. */
  readonly bytesPerSecond?: number;
  /** Nothing gets through, and nobody is told. What was sent arrives when it is healed. */
  readonly stalled?: boolean;
  /** The connection is reset once so many bytes more have passed. */
  readonly resetAfterBytes?: number;
  /** This direction ends, in order, once so many bytes more have passed. */
  readonly endAfterBytes?: number;
  /** One bit of the byte after so many more is flipped, once on each connection. */
  readonly flipAfterBytes?: number;
}
