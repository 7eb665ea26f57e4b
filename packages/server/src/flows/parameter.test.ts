// Values of parameters by type, which value counts, and paths that no value leads out of.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { ParameterType } from '../engine/engine.ts';
import { findEnvironmentKeyFault, findNameFault, readValue, settleParameters } from './parameter.ts';
import { fillPath } from './placeholder.ts';
import { findPathFault } from './write-setting-rule.ts';

describe('a value', () => {
  const good: [ParameterType, unknown, string][] = [
    ['text', "it's $1; DROP", "it's $1; DROP"],
    ['text', 5, '5'],
    ['integer', '+012', '12'],
    ['integer', 7, '7'],
    ['number', '1e3', '1000'],
    ['number', -1.5, '-1.5'],
    ['boolean', 'TRUE', 'true'],
    ['boolean', false, 'false'],
    ['date', '2028-02-29', '2028-02-29'],
    ['datetime', '2026-03-29T02:30+02:00', '2026-03-29 00:30:00'],
    ['datetime', '2026-03-29 02:30:00.5', '2026-03-29 02:30:00.500'],
  ];
  for (const [type, value, text] of good)
    it(`is read: ${JSON.stringify(value)} as ${type}`, () => {
      assert.deepEqual(readValue(type, value), { ok: true, text });
    });
  const bad: [ParameterType, unknown][] = [
    ['text', null],
    ['text', ['x']],
    ['text', '\0'],
    ['integer', '1.5'],
    ['integer', '1'.repeat(19)],
    ['number', 'NaN'],
    ['number', ''],
    ['number', '1e999'],
    ['boolean', 'yes'],
    ['date', '2026-02-30'],
    ['date', '29.03.2026'],
    ['datetime', '2026-03-29T25:00:00Z'],
    ['datetime', '2026-02-30T10:00:00Z'],
  ];
  for (const [type, value] of bad)
    it(`is refused: ${JSON.stringify(value)} as ${type}`, () =>
      assert.equal(readValue(type, value).ok, false));
});

describe('names', () => {
  it('of parameters and of the environment are told apart', () => {
    for (const name of ['region', '_x1', 'A'.repeat(63)]) assert.equal(findNameFault(name), null);
    for (const name of ['', '1a', 'a b', 'env.x', 'a-b', 'A'.repeat(64), "a'"])
      assert.ok(findNameFault(name));
    assert.equal(findEnvironmentKeyFault('env.stage'), null);
    for (const key of ['stage', 'env.', 'env.a.b', 'ENV.x', 'env.1'])
      assert.ok(findEnvironmentKeyFault(key), key);
  });
});

describe('the values of a run', () => {
  const defined = [
    { name: 'region', type: 'text', defaultValue: 'north' },
    { name: 'top', type: 'integer', defaultValue: '5' },
  ] as const;
  const environment = [{ key: 'env.stage', value: 'test' }];
  const referenceAt = Date.parse('2026-03-29T02:30:00Z');
  const settle = (given: { key: string; value?: unknown }[]) =>
    settleParameters({ defined, environment, given, referenceAt });

  it('are the defaults, what is given, the environment and the time of the run', () => {
    const { values, unknown, faults } = settle([{ key: 'REGION', value: 'south' }]);
    assert.deepEqual(
      values.map(({ name, value }) => [name, value]),
      [
        ['region', 'south'],
        ['top', '5'],
        ['env.stage', 'test'],
        ['run.date', '2026-03-29'],
        ['run.time', '2026-03-29 02:30:00'],
      ],
    );
    assert.deepEqual([unknown, faults], [[], []]);
  });

  it('take no key that no parameter has, and none of the environment or the run', () => {
    const { values, unknown } = settle(
      ['nobody', 'env.stage', 'run.date'].map((key) => ({ key, value: 'x' })),
    );
    assert.deepEqual(unknown, ['nobody', 'env.stage', 'run.date']);
    assert.equal(values.find(({ name }) => name === 'env.stage')!.value, 'test');
  });

  it('name the value that is of another type', () => {
    const { faults } = settle([
      { key: 'region', value: 'x' },
      { key: 'top', value: 'many' },
    ]);
    assert.deepEqual(
      faults.map(({ field }) => field),
      ['runParameters.overrides.data[1].value'],
    );
  });
});

describe('a path', () => {
  const parameters = [
    { name: 'region', type: 'text', value: 'north' },
    { name: 'run.date', type: 'date', value: '2026-03-29' },
    { name: 'run.time', type: 'datetime', value: '2026-03-29 02:30:00' },
  ] as const;
  const table: [string, string][] = [
    ['{region}/orders.csv', 'north/orders.csv'],
    ['{REGION}-{run.date}.csv', 'north-2026-03-29.csv'],
    ['{run.date:%Y/%m}/{run.time:%H%M%S}.csv', '2026/03/023000.csv'],
    ['{run.time}.csv', '2026-03-29T02-30-00.csv'],
    ['plain.csv', 'plain.csv'],
  ];
  for (const [path, filled] of table)
    it(`is filled: ${path}`, () =>
      assert.deepEqual(fillPath(path, parameters), { ok: true, path: filled, unknown: [] }));

  it('tells of names that no parameter has', () => {
    const result = fillPath('{regoin}/x.csv', parameters);
    assert.deepEqual(result, { ok: true, path: '{regoin}/x.csv', unknown: ['regoin'] });
  });

  it('refuses forms that no date has', () => {
    for (const path of ['{region:%Y}', '{run.date:%Q}', '{run.date:%}'])
      assert.equal(fillPath(path, parameters).ok, false);
  });

  it('is never led out of its folder by a value, whatever that is', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '/', '\\', '.', '~', 'C:', '\0', '\n', '{region}', '%2e'),
      fc.string(),
    );
    const value = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('{x}', 'a/{x}', 'a/{x}/b.csv', '{x}{x}', '.{x}', 'a/.{x}'),
        (text, path) => {
          const filled = fillPath(path, [{ name: 'x', type: 'text', value: text }]);
          if (!filled.ok || findPathFault(filled.path) !== null) return;
          const names = filled.path.split('/');
          assert.equal(names.length, path.split('/').length, 'a value makes no folder');
          assert.ok(!names.includes('..') && !filled.path.startsWith('/'));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
