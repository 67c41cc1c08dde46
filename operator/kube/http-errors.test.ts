/** What each refusal means, and how long it may keep us away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeError } from './errors.ts';
import {
  failureToError,
  isObjectMissing,
  refusalToError,
  retryAfterMsMax,
  streamedStatusToError,
} from './http-errors.ts';

const status = (parts: object): string => JSON.stringify({ kind: 'Status', ...parts });

describe('a refusal', () => {
  it('is named by its status, its reason and its causes', () => {
    const cases = [
      [400, {}, 'BAD_REQUEST'],
      [401, {}, 'UNAUTHORIZED'],
      [403, {}, 'FORBIDDEN'],
      [403, { details: { causes: [{ reason: 'NamespaceTerminating' }] } }, 'NAMESPACE_TERMINATING'],
      [404, { reason: 'NotFound' }, 'NOT_FOUND'],
      [405, {}, 'BAD_REQUEST'],
      [409, { reason: 'AlreadyExists' }, 'ALREADY_EXISTS'],
      [409, { reason: 'Conflict' }, 'CONFLICT'],
      [409, { details: { causes: [{ reason: 'FieldManagerConflict' }] } }, 'APPLY_CONFLICT'],
      [410, { reason: 'Expired' }, 'GONE'],
      [413, {}, 'TOO_LARGE_FOR_SERVER'],
      [422, { reason: 'Invalid' }, 'INVALID'],
      [429, {}, 'TOO_MANY_REQUESTS'],
      [500, {}, 'SERVER'],
      [504, {}, 'SERVER'],
    ] as const;
    for (const [code, parts, name] of cases) {
      assert.equal(refusalToError('GET /x', { status: code, body: status(parts) }).code, name);
    }
  });

  it('says when to come back, within bounds, and never that it was before now', () => {
    const wait = (retryAfter: string | undefined, body = '') =>
      refusalToError('GET /x', { status: 429, retryAfter, body }).retryAfterMs;
    assert.equal(wait('3'), 3_000);
    assert.equal(wait('99999999'), retryAfterMsMax);
    assert.equal(wait('-1'), undefined);
    assert.equal(wait('Wed, 21 Oct 2026 07:28:00 GMT'), undefined);
    assert.equal(wait(undefined, status({ details: { retryAfterSeconds: 5 } })), 5_000);
    assert.equal(wait(undefined), undefined);
  });

  it('about a missing object is told from one about a missing type', () => {
    const missing = (body: string) =>
      isObjectMissing(refusalToError('GET /x', { status: 404, body }));
    assert.equal(missing(status({ reason: 'NotFound' })), true);
    assert.equal(missing('404 page not found\n'), false);
  });

  it('repeats of a page that is no Status only the beginning, in one line', () => {
    const body = `<html>\n${'x'.repeat(5_000)}</html>`;
    const { message } = refusalToError('GET /x', { status: 502, body });
    assert.ok(message.startsWith('GET /x: 502 <html> xxx') && message.length < 300);
  });
});

describe('an error inside a watch', () => {
  it('keeps the meaning of its Status; anything else is the server’s', () => {
    assert.equal(streamedStatusToError('WATCH /x', { kind: 'Status', code: 410 }).code, 'GONE');
    assert.equal(streamedStatusToError('WATCH /x', { kind: 'Status' }).code, 'SERVER');
    assert.equal(streamedStatusToError('WATCH /x', null).code, 'SERVER');
  });
});

describe('a failure', () => {
  it('of the network is one of the connection; a KubeError stays what it is', () => {
    const known = new KubeError('TIMEOUT', 'late');
    assert.equal(failureToError('GET /x', known), known);
    const unknown = failureToError('GET /x', new Error('read ECONNRESET'));
    assert.deepEqual([unknown.code, unknown.retry], ['CONNECTION', 'backoff']);
    assert.equal(unknown.message, 'GET /x: read ECONNRESET');
  });
});
