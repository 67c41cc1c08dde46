/**
 * What is found about one condition, before it is compared with what was there.
 */
export interface Finding {
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word. */
  readonly reason: string;
  /** Cause and next step. */
  readonly message: string;
}
