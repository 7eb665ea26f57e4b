// Expressions: linear time, anchored at the first character, warned about where they leave the host open.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileExpression, findExpressionFault, findOpenExpressions } from './expression.ts';

describe('an allowed expression', () => {
  it('matches from the first character, with or without a caret', () => {
    for (const text of ['^http://127\\.0\\.0\\.1/', 'http://127\\.0\\.0\\.1/']) {
      const { matches } = compileExpression(text);
      assert.ok(matches('http://127.0.0.1/a'));
      assert.ok(!matches('http://example.com/?http://127.0.0.1/'));
    }
  });

  it('that is no expression, or none for linear time, is named with its fault', () => {
    for (const text of ['(', '(?<=a)b', '(a)\\1', '(?!x)y', 'a{2000}']) {
      const fault = findExpressionFault(['^https://ok\\.test/', text]);
      assert.ok(fault?.includes(JSON.stringify(text)), text);
    }
    assert.equal(findExpressionFault([]), null);
  });

  it('takes time in proportion to the URL, however it is written', () => {
    const { matches } = compileExpression('^https?://(a+)+(a|aa)*(a|a?)+\\.test/');
    const began = performance.now();
    for (let at = 0; at < 20; at += 1) matches(`http://${'a'.repeat(2000)}.example/`);
    assert.ok(performance.now() - began < 2000);
  });

  it('is warned about where it does not close the host', () => {
    const open = [
      '^https://example\\.com',
      'https://example\\.com',
      '^https://.*\\.example\\.com/',
      '^https://example.com/',
      '^http',
      '.*',
      '^https?://[^.]+\\.test/',
      '^https://a\\.test/|https://b\\.test',
      '^https://(a\\.test/|b\\.test)x/',
      '^https://',
      '^http://10\\.',
    ];
    assert.deepEqual(findOpenExpressions(open), open);
  });

  it('is not warned about where it does', () => {
    const closed = [
      '^https://example\\.com/',
      '^https:\\/\\/example\\.com\\/hooks',
      '^https?://example\\.com/',
      '^http://127\\.0\\.0\\.1:\\d+/',
      '^http://b$',
      '^https?://(a|b)\\.example\\.com:8443/',
      '^https://[a-z0-9-]+\\.example\\.com/',
      '^https://[^/]+\\.example\\.com/',
      '^http://10\\.\\d{1,3}\\.\\d+\\.\\d+/',
      '^http://\\[::1\\]:3000/',
      '^https://a\\.test/|^https://b\\.test/',
      '^(http|https)://a\\.test/',
    ];
    assert.deepEqual(findOpenExpressions(closed), []);
  });
});
