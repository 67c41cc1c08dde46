/** One broker as tests see it, whatever runs it. */
export interface TestBroker {
  readonly id: number;
  readonly port: number;
  /** Freezes the process: connections stay open and nobody answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the process at once, as a power cut does; its data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data (kills it first if it runs) and waits until it answers. */
  restart(): Promise<void>;
}

/** Brokers that were started here, and the one place they are stopped. */
export interface BrokerSet {
  readonly how: string;
  readonly brokers: readonly TestBroker[];
  stop(): Promise<void>;
}
