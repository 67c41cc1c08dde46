/**
 * Errors and signals as exit codes.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError, DependencyError } from './errors.ts';
import { exitCodeOf, exitCodeOfSignal } from './exit-codes.ts';

describe('exit codes', () => {
  it('follow from the kind of error, wrapped or not', () => {
    const away = new DependencyError('away', { code: 'AWAY', retry: 'backoff' });
    assert.equal(exitCodeOf(new ConfigurationError('wrong')), 2);
    assert.equal(exitCodeOf(away), 4);
    assert.equal(exitCodeOf(new Error('start failed', { cause: away })), 4);
    assert.equal(exitCodeOf(new Error('bug')), 1);
    assert.equal(exitCodeOf('text'), 1);
  });

  it('survive a circle of causes', () => {
    const error = new Error('round');
    error.cause = error;
    assert.equal(exitCodeOf(error), 1);
  });

  it('of signals are 128 and their number', () => {
    assert.deepEqual([exitCodeOfSignal('SIGINT'), exitCodeOfSignal('SIGTERM')], [130, 143]);
  });
});
