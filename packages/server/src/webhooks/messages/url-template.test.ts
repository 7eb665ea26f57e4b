// Proves that a reference in a URL can fill path and query and can never move the request elsewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hostileText, makeFacts } from '../../../test/webhook-facts.ts';
import type { Facts } from './fact.ts';
import { parseUrlTemplate, readTarget, renderUrl } from './url-template.ts';

function render(text: string, facts: Facts = makeFacts(), secrets = new Map<string, string>()): string {
  const parsed = parseUrlTemplate(text);
  assert.ok(parsed.ok, text);
  return renderUrl(parsed.url, facts, secrets);
}

test('path and query take references, percent-encoded', () => {
  const facts = makeFacts({ flow: { id: 7, name: 'a/b?c=d&e#f é' } });
  assert.equal(
    render('https://example.com/$jobId/$flowName?s=$jobStatus&f=$flowName', facts),
    'https://example.com/1042/a%2Fb%3Fc%3Dd%26e%23f%20%C3%A9?s=Complete&f=a%2Fb%3Fc%3Dd%26e%23f%20%C3%A9',
  );
  assert.equal(
    render('http://h/x?k=$secret.key', makeFacts(), new Map([['key', 'a&b']])),
    'http://h/x?k=a%26b',
  );
  assert.equal(render('http://h/odata?$$filter=1&$top=2'), 'http://h/odata?$filter=1&$top=2');
});

test('a URL without references is normalised once, and its fragment is not sent', () => {
  assert.equal(render('HTTP://Example.COM:80'), 'http://example.com/');
  assert.equal(render('https://example.com/a/../b#part'), 'https://example.com/b');
  assert.equal(render('https://example.com?x=1'), 'https://example.com/?x=1');
});

test('scheme, host, port and credentials take no references', () => {
  for (const url of [
    'https://$flowName.example.com/',
    'https://example.com:$jobId/',
    'https://example.com$jobId',
  ]) {
    const parsed = parseUrlTemplate(url);
    assert.ok(!parsed.ok && parsed.detail.includes('path and the query'), url);
  }
  for (const url of [
    '$jobUrl',
    'ftp://h/',
    'h/x',
    '',
    'http:h/x',
    'http:///x',
    'https://u:p@h/',
    'http://h:99999/',
    'http://a b/',
    'http://h\\x',
    'http://h\\@g/',
    'http://h\n.com/',
    ' http://h/',
  ]) {
    assert.equal(parseUrlTemplate(url).ok, false, url);
  }
});

test('whatever is inserted, the target and the shape of the path stay', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (name, secret) => {
      const facts = makeFacts({ flow: { id: 1, name }, recipe: { id: 2, name: '..' } });
      const text =
        'https://example.com:8443/a/$flowName/$recipeName/x$secret.key/z?q=$flowName&r=$secret.key';
      const url = new URL(render(text, facts, new Map([['key', secret]])));
      assert.equal(url.origin, 'https://example.com:8443');
      assert.equal(url.hash, '');
      assert.equal(url.pathname.split('/').length, 6);
      assert.equal(url.searchParams.size, 2);
      if (!/^\.+$/u.test(name)) assert.equal(url.searchParams.get('q'), name.toWellFormed());
    }),
    { numRuns: 500 },
  );
});

test('a URL is read once, however many rules ask for it', () => {
  const text = 'https://example.com/once?a=$jobId';
  assert.equal(parseUrlTemplate(text), parseUrlTemplate(text));
  const long = `https://example.com/${'a'.repeat(9000)}`;
  assert.notEqual(parseUrlTemplate(long), parseUrlTemplate(long));
});

test('the target is scheme, host and port', () => {
  assert.deepEqual(readTarget('https://Example.com:443/x'), {
    origin: 'https://example.com',
    host: 'example.com',
  });
  assert.equal(readTarget('https://$x/'), null);
});
