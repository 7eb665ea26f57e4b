// The differences that the audit log shows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listDifferences, nameMember, type Difference } from './difference.ts';

const rows: [about: string, before: unknown, after: unknown, found: Difference[]][] = [
  ['a number', 50, 60, [{ name: '', before: '50', after: '60' }]],
  ['a switch', false, true, [{ name: '', before: 'no', after: 'yes' }]],
  ['a list', [], [5, 30], [{ name: '', before: 'empty list', after: '5, 30' }]],
  ['a thing that was made', null, { name: 'Ada' }, [{ name: 'name', before: null, after: 'Ada' }]],
  ['a thing that was removed', { name: 'Ada' }, null, [{ name: 'name', before: 'Ada', after: null }]],
  [
    'one member of two',
    { name: 'Ada', role: 'viewer' },
    { name: 'Ada', role: 'author' },
    [{ name: 'role', before: 'viewer', after: 'author' }],
  ],
  [
    'a member in a member',
    { to: [{ id: 1 }] },
    { to: [{ id: 2 }] },
    [{ name: 'to', before: '{"id":1}', after: '{"id":2}' }],
  ],
  ['nothing', { a: 1 }, { a: 1 }, []],
  ['no values at all', null, null, []],
];

describe('a member of a change', () => {
  it('is named in words', () => {
    const names = ['triggerEvent', 'flowId', 'recipeIds', 'url', 'urlIsSecret', 'name', 'sslVerification'];
    const words = ['Trigger event', 'Flow', 'Recipes', 'URL', 'URL is secret', 'Name', 'SSL verification'];
    assert.deepEqual(names.map(nameMember), words);
  });
});

describe('the difference of', () => {
  for (const [about, before, after, found] of rows)
    it(about, () => assert.deepEqual(listDifferences(before, after), found));
});
