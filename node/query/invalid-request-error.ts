/**
 * A request that its caller has to correct: answered INVALID_ARGUMENT, never retried.
 */
import { ThunderError } from '#runtime/errors.ts';

export class InvalidRequestError extends ThunderError {
  constructor(message: string) {
    super(message, { code: 'INVALID_REQUEST', retry: 'never' });
  }
}
