// The warning about allowed expressions whose host does not end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findOpenExpressions } from './open-expression.ts';

describe('an allowed expression', () => {
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
      '(?i)^https://example\\.com',
      '^https://(?P<host>example)\\.com',
      '\\Ahttps://example\\.com',
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

  it('is not warned about where it is none: that is refused', () => {
    assert.deepEqual(findOpenExpressions(['(', '^https://[a', '*', 'https://a(?<n']), []);
  });
});
