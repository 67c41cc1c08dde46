/**
 * What each kind of setting takes and refuses.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatValue, hostPorts, integer, number, parseHostPort, path, string } from './setting.ts';

describe('values of settings', () => {
  it('takes whole numbers within the bounds and nothing else', () => {
    const setting = integer({ min: -3, max: 10, description: '' });
    for (const text of ['-3', '0', '10', '007']) {
      assert.deepEqual(setting.parseText(text), { ok: true, value: Number(text) });
    }
    for (const text of ['', ' 1', '1.0', '1e1', '0x1', '11', '-4', '9'.repeat(20), 'NaN', '1n']) {
      assert.deepEqual(setting.parseText(text), { ok: false }, text);
    }
    for (const value of [1.5, Number.NaN, Infinity, true, null, [1], {}]) {
      assert.deepEqual(setting.parseJson(value), { ok: false });
    }
  });

  it('takes decimal numbers within the bounds', () => {
    const setting = number({ min: 0, max: 1, description: '' });
    for (const text of ['0', '0.25', '1', '5e-1']) {
      assert.deepEqual(setting.parseText(text), { ok: true, value: Number(text) });
    }
    for (const text of ['', '.', 'Infinity', '1.1', '1e999', '0.5s']) {
      assert.deepEqual(setting.parseText(text), { ok: false }, text);
    }
  });

  it('refuses control characters, empty and endless texts', () => {
    for (const setting of [string({ description: '' }), path({ description: '' })]) {
      assert.ok(setting.parseText('a b/ç').ok);
      for (const text of ['', 'a\nb', 'a\u0000', 'x'.repeat(4_097)]) {
        assert.ok(!setting.parseText(text).ok);
      }
    }
  });

  it('takes host:port with names, IPv4 and bracketed IPv6', () => {
    const setting = hostPorts({ description: '' });
    assert.deepEqual(setting.parseText('a.b-c:1, 10.0.0.1:9092,[::1]:65535'), {
      ok: true,
      value: ['a.b-c:1', '10.0.0.1:9092', '[::1]:65535'],
    });
    for (const text of ['', 'a', 'a:', ':1', 'a:0', 'a:65536', '::1:1', 'a:1,,b:1', 'http://a:1']) {
      assert.ok(!setting.parseText(text).ok, text);
    }
    assert.deepEqual(parseHostPort('[::1]:80'), { host: '::1', port: 80 });
  });

  it('never throws, whatever the text', () => {
    const settings = [
      integer({ min: 0, max: 9, description: '' }),
      hostPorts({ description: '' }),
      string({ description: '' }),
    ];
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, json) => {
        for (const setting of settings) {
          setting.parseText(text);
          setting.parseJson(json);
        }
      }),
    );
  });

  it('leaves passwords in URLs out when shown', () => {
    assert.equal(formatValue('https://u:p@host/x'), 'https://<redacted>@host/x');
    assert.equal(formatValue(['a', 'b']), 'a,b');
    assert.equal(formatValue(0.5), '0.5');
  });
});
