// Where sign-in leads back to.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readNext, splitAddress, writeEntry } from './next-address.ts';

describe('the way back from sign-in', () => {
  it('leads to the address that was wanted', () => {
    for (const wanted of ['/', '/flows/7?recipe=3&name=a%26b', '/account/tokens?from=a-link#end']) {
      const { search } = new URL(writeEntry(wanted), 'http://localhost');
      assert.equal(readNext(search), wanted);
    }
    assert.equal(writeEntry('/'), '/sign-in');
  });

  it('never leads to another site', () => {
    for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/', 'javascript:1', ''])
      assert.equal(readNext(`?${new URLSearchParams({ next }).toString()}`), '/', next);
    assert.equal(readNext('?other=/flows'), '/');
  });

  it('never leads back to a way in', () => {
    for (const next of [
      '/sign-in',
      '/sign-in?next=%2Fflows',
      '/setup',
      '/setup?token=1',
      '/sign-in/',
      '/sign-in#a',
    ]) {
      assert.equal(writeEntry(next), '/sign-in', next);
      assert.equal(readNext(`?${new URLSearchParams({ next }).toString()}`), '/', next);
    }
    assert.equal(readNext('?next=/settings/sign-in'), '/settings/sign-in');
  });

  it('is a path and its members', () => {
    assert.deepEqual(splitAddress('/flows/7?recipe=3'), { to: '/flows/7', search: { recipe: '3' } });
    assert.deepEqual(splitAddress('/'), { to: '/', search: {} });
  });
});
