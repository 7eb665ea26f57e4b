// Two people change one thing: what only one of them changed is kept, what both changed is asked.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pickChanged, takeFields } from './changed-member.ts';
import { mergeChanges, type FieldView } from './conflict.ts';

interface Values extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly body: string;
  readonly rows: readonly { readonly key: string; readonly name: string }[];
  readonly secret: string;
}

const base: Values = { name: 'a', body: 'b', rows: [{ key: '1', name: 'x' }], secret: '' };
const view: FieldView<Values> = {
  labels: { name: 'Name', body: 'Body', secret: 'Secret key' },
  plain: (_, value) => (Array.isArray(value) ? (value as Values['rows']).map(({ name }) => name) : value),
  isHidden: (field, { secret }) => field === 'secret' && secret !== '',
};
const merge = (theirs: Partial<Values>, mine: Partial<Values>) =>
  mergeChanges({ base, theirs: { ...base, ...theirs }, mine: { ...base, ...mine } }, view);

describe('changes of two people', () => {
  it('to different fields are both kept, and what the other changed is told', () => {
    const { values, taken, conflicts } = merge({ name: 'theirs' }, { body: 'mine' });
    assert.deepEqual(values, { ...base, name: 'theirs', body: 'mine' });
    assert.deepEqual([taken, conflicts], [['Name'], []]);
  });

  it('to one field are asked, with both values, and mine stays meanwhile', () => {
    const { values, taken, conflicts } = merge({ name: 'theirs', body: 'more' }, { name: 'mine' });
    assert.deepEqual(values, { ...base, name: 'mine', body: 'more' });
    assert.deepEqual(taken, ['Body']);
    assert.deepEqual(conflicts, [{ field: 'name', label: 'Name', there: 'theirs', yours: 'mine' }]);
    assert.equal(takeFields(values, { ...base, name: 'theirs' }, ['name']).name, 'theirs');
  });

  it('to the same value are no conflict', () => {
    assert.deepEqual(merge({ name: 'same' }, { name: 'same' }).conflicts, []);
  });

  it('are told by what counts of a value', () => {
    const { taken, conflicts } = merge({ rows: [{ key: '9', name: 'x' }] }, { name: 'mine' });
    assert.deepEqual([taken, conflicts], [[], []]);
    assert.equal(merge({ rows: [{ key: '1', name: 'y' }] }, { rows: [] }).conflicts[0]?.field, 'rows');
  });

  it('are asked about and not shown, where what is there is a secret', () => {
    const { conflicts } = merge({ name: 'theirs' }, { secret: 'typed' });
    assert.deepEqual(conflicts, [{ field: 'secret', label: 'Secret key', there: null, yours: null }]);
  });

  it('are sent without what was not changed', () => {
    const before = { name: 'a', list: [1], gone: 'x', none: null };
    assert.deepEqual(pickChanged(before, { ...before, list: [1, 2], more: 0 } as typeof before), {
      list: [1, 2],
      more: 0,
    });
    assert.deepEqual(pickChanged(before, { ...before }), {});
  });
});
