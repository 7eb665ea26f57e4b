// Proves the header rules: refused names and values, secret names, what is added.
import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hostileText } from '../../../test/webhook-facts.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import {
  connectionHeaderNames,
  ownHeaderNames,
  addDefaultHeaders,
  checkHeaders,
  writeInHeader,
} from './header.ts';

test('headers of the connection and of the server are refused in any case, with the field', () => {
  for (const name of [...connectionHeaderNames, ...ownHeaderNames]) {
    for (const written of [name, name.toUpperCase()]) {
      const faults = checkHeaders({ [written]: 'x' });
      assert.equal(faults.length, 1, written);
      assert.equal(faults[0]?.field, `headers.${written}`);
    }
  }
});

test('a header is accepted exactly where an HTTP client can send it', () => {
  const name = fc.oneof(fc.string({ maxLength: 8 }), fc.stringMatching(/^X-[A-Za-z0-9_-]{1,8}$/u));
  const value = fc.oneof(
    hostileText,
    fc.string({ unit: fc.integer({ min: 0, max: 300 }).map((code) => String.fromCodePoint(code)) }),
  );
  fc.assert(
    fc.property(name, value, (name, value) => {
      fc.pre(!connectionHeaderNames.includes(name.toLowerCase()));
      assert.equal(checkHeaders({ [name]: value }).length === 0, canSend(name, value));
    }),
    { numRuns: 1000 },
  );
});

// Node's own check is the judge; C1 controls, which it lets through, are refused as well.
function canSend(name: string, value: string): boolean {
  if (/[\u0080-\u009f]/u.test(value)) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

test('two names that differ in case alone are one name twice', () => {
  const faults = checkHeaders({ Accept: 'a', accept: 'b', ACCEPT: 'c' });
  assert.deepEqual(
    faults.map((fault) => fault.field),
    ['headers.accept', 'headers.ACCEPT'],
  );
});

test('names that hold credentials are secret, and so are those the caller lists', () => {
  for (const name of [
    'Authorization',
    'proxy-authorization',
    'COOKIE',
    'X-Api-Key',
    'x-auth-token',
    'X-Hub-Secret',
  ]) {
    assert.equal(isSecretHeader(name, []), true, name);
  }
  for (const name of ['Content-Type', 'X-Request-Id', 'Set-Cookie2'])
    assert.equal(isSecretHeader(name, []), false, name);
  assert.equal(isSecretHeader('X-Plain', ['x-plain']), true);
});

test('a Content-Type is added to JSON only, and the caller’s own header wins', () => {
  const version = '1.2.3';
  assert.deepEqual(addDefaultHeaders({}, { bodyIsJson: true, version }), {
    'User-Agent': 'Flowhook/1.2.3',
    'Content-Type': 'application/json',
  });
  const own = { 'content-type': 'text/plain', 'USER-AGENT': 'mine' };
  assert.deepEqual(addDefaultHeaders(own, { bodyIsJson: true, version }), own);
  assert.deepEqual(addDefaultHeaders({}, { bodyIsJson: false, version }), { 'User-Agent': 'Flowhook/1.2.3' });
});

test('whatever is inserted into a header can be sent and adds no line', () => {
  fc.assert(
    fc.property(hostileText, (text) => assert.deepEqual(checkHeaders({ 'X-A': writeInHeader(text) }), [])),
  );
  assert.equal(writeInHeader('two\r\nlines ☃ é'), 'two lines ? é');
});
