// Which page stands at an address.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pages } from './page-list.ts';
import { findPage, toRoutePath } from './route-path.ts';

describe('the page at an address', () => {
  it('is that of the list, whatever its parameters', () => {
    for (const page of pages) {
      const address = page.path.replaceAll(/:\w+/gu, '7');
      assert.equal(findPage(pages, address)?.path, page.path);
    }
  });

  it('is the one without a parameter where there are two', () => {
    assert.equal(findPage(pages, '/flows/import')?.path, '/flows/import');
  });

  it('is none where nothing is', () => {
    for (const address of ['/nowhere', '/flows/7/nowhere', '/flows/', '/flows/7/8/9', ''])
      assert.equal(findPage(pages, address), undefined, address);
  });

  it('is written as the router does', () =>
    assert.equal(toRoutePath('/flows/:id/chain'), '/flows/$id/chain'));
});
