// What is typed into the settings, as the API takes it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinAddresses, splitAddresses, toNumber } from './setting-value.ts';

describe('a typed number', () => {
  const rows: [typed: unknown, value: unknown][] = [
    ['12', 12],
    [' 7.5 ', 7.5],
    [50, 50],
    ['', ''],
    ['  ', '  '],
    ['soon', 'soon'],
  ];
  for (const [typed, value] of rows)
    it(`${JSON.stringify(typed)} is ${JSON.stringify(value)}`, () => assert.equal(toNumber(typed), value));
});

describe('typed addresses', () => {
  it('are joined by semicolons, however they were separated', () => {
    assert.equal(joinAddresses(' 10.0.0.0/8\n\nfd00::/8 ; not-public\n'), '10.0.0.0/8;fd00::/8;not-public');
    assert.equal(joinAddresses(' \n'), '');
  });

  it('stand a line each, and come back the same', () => {
    for (const value of ['', '10.0.0.0/8', '10.0.0.0/8;fd00::/8'])
      assert.equal(joinAddresses(splitAddresses(value)), value);
  });
});
