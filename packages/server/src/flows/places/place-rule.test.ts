// Which two places collide, as a table; the lookups find every one that does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPlaceIndex } from './place-index.ts';
import {
  collide,
  exclude,
  findNumbered,
  listRivalKeys,
  listRivalRanges,
  toPlace,
  type WriteAction,
} from './place-rule.ts';

type Row = readonly [string, WriteAction, string, WriteAction, boolean];

const table: readonly Row[] = [
  ['finance/q4.csv', 'overwrite', 'finance/q4.csv', 'overwrite', true],
  ['finance/q4.csv', 'overwrite', 'finance/q4.csv', 'append', true],
  ['finance/q4.csv', 'create', 'finance/q4.csv', 'create', true],
  ['finance/q4.csv', 'create', 'finance/q4.csv', 'overwrite', true],
  ['finance/q4.csv', 'overwrite', 'finance/q5.csv', 'overwrite', false],
  // One within the other, at any depth, also by a file and a folder of one name.
  ['finance/q4.csv/x.csv', 'overwrite', 'finance/q4.csv', 'overwrite', true],
  ['finance/q4.csv/a/b/x.csv', 'append', 'finance/q4.csv', 'create', true],
  ['finance', 'overwrite', 'finance/q4.csv', 'overwrite', true],
  ['finance/q4', 'overwrite', 'finance/q4.csv', 'overwrite', false],
  ['finance/q4.csvx', 'overwrite', 'finance/q4.csv', 'overwrite', false],
  ['fin', 'append', 'finance/q4.csv', 'append', false],
  // Letter case and composed letters.
  ['Finance/Q4.CSV', 'overwrite', 'finance/q4.csv', 'overwrite', true],
  ['finance/Q4.csv/x.csv', 'overwrite', 'FINANCE/q4.csv', 'overwrite', true],
  ['STRASSE.csv', 'overwrite', 'straße.csv', 'overwrite', true],
  ['caf\u00e9.csv', 'overwrite', 'CAFE\u0301.csv', 'overwrite', true],
  // A created file has its job's number in its name.
  ['orders.csv', 'create', 'orders-41.csv', 'overwrite', true],
  ['orders.csv', 'create', 'orders-41.csv', 'append', true],
  ['orders.csv', 'create', 'orders-41.csv/x.csv', 'overwrite', true],
  ['orders.csv', 'create', 'ORDERS-41.csv', 'overwrite', true],
  ['orders.csv.gz', 'create', 'orders-41.csv.gz', 'overwrite', true],
  ['orders', 'create', 'orders-41', 'overwrite', true],
  ['a/.orders', 'create', 'a/.orders-41', 'overwrite', true],
  ['a/orders.csv', 'create', 'orders-41.csv', 'overwrite', false],
  ['orders.csv', 'create', 'orders-x41.csv', 'overwrite', false],
  ['orders.csv', 'create', 'orders-41.json', 'overwrite', false],
  ['orders.csv', 'overwrite', 'orders-41.csv', 'overwrite', false],
  // Two that create never have one name.
  ['orders.csv', 'create', 'orders-41.csv', 'create', false],
];

describe('two places', () => {
  for (const [first, firstAction, second, secondAction, expected] of table)
    it(`${first} (${firstAction}) and ${second} (${secondAction}): ${expected ? 'collide' : 'stand beside each other'}`, () => {
      const one = { ...toPlace(first, firstAction), flowId: 1 };
      const two = { ...toPlace(second, secondAction), flowId: 2 };
      for (const [a, b] of [
        [one, two],
        [two, one],
      ] as const) {
        assert.equal(collide(a, b), expected);
        const index = createPlaceIndex<typeof one>();
        index.add(b);
        assert.equal(index.findRival(a) !== undefined, expected, 'found in the index');
        const isWithinOwn = index.findRival({ ...a, flowId: b.flowId }) !== undefined;
        assert.equal(
          isWithinOwn,
          exclude(a, b),
          'a flow is its own rival only where one place lies in the other',
        );
        const key = Buffer.from(b.key);
        const near =
          listRivalKeys(a).includes(b.key) ||
          listRivalRanges(a).some(
            ({ low, high }) => key.compare(Buffer.from(low)) > 0 && key.compare(Buffer.from(high)) < 0,
          );
        assert.ok(near || !expected, 'within what is read of the database');
      }
    });

  for (const [first, firstAction, second, secondAction, expected] of [
    ['r.csv', 'overwrite', 'r.csv/x.csv', 'overwrite', true],
    ['r.csv', 'append', 'R.csv/a/b.csv', 'create', true],
    ['r.csv', 'create', 'r.csv/x.csv', 'overwrite', false],
    ['r.csv', 'overwrite', 'r.csv', 'append', false],
    ['r', 'overwrite', 'r.csv', 'overwrite', false],
    ['orders.csv', 'create', 'orders-41.csv', 'overwrite', false],
  ] as const)
    it(`${first} (${firstAction}) and ${second} (${secondAction}) in one flow: ${expected ? 'exclude each other' : 'stand'}`, () => {
      const [a, b] = [toPlace(first, firstAction), toPlace(second, secondAction)];
      assert.deepEqual([exclude(a, b), exclude(b, a)], [expected, expected]);
    });

  it('are numbered names of one path only by a number alone', () => {
    assert.deepEqual(
      ['a-1.csv', 'x/a-1', 'a-1x.csv', '-1.csv', '.csv-1', 'a.b-1', 'a-1-2.csv', 'a-.csv'].map(findNumbered),
      ['a.csv', 'x/a', null, null, '.csv', null, 'a-1.csv', null],
    );
  });
});
