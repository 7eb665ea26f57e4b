// Two texts line by line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareLines, type DifferenceLine } from './line-difference.ts';

const signs = { both: ' ', first: '-', second: '+' } as const;
const write = (lines: readonly DifferenceLine[]) => lines.map(({ of, text }) => signs[of] + text).join('|');

describe('the difference of two texts', () => {
  const rows: [first: string, second: string, told: string][] = [
    ['a', 'a', ' a'],
    ['a', 'b', '-a|+b'],
    ['a\nb\nc', 'a\nc', ' a|-b| c'],
    ['a\nc', 'a\nb\nc', ' a|+b| c'],
    ['a\nb\nc\nd', 'a\nx\nc\ny\nd', ' a|-b|+x| c|+y| d'],
    ['', 'a', '-|+a'],
    ['a\na', 'a', ' a|-a'],
    ['b\na', 'a\nb', '-b| a|+b'],
  ];
  for (const [first, second, told] of rows)
    it(`of ${JSON.stringify(first)} and ${JSON.stringify(second)}`, () =>
      assert.equal(write(compareLines(first, second)), told));

  it('gives back both texts, whatever they are', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const makeText = () => Array.from({ length: random(12) }, () => 'abc'[random(3)]).join('\n');
    for (let count = 0; count < 300; count += 1) {
      const [first, second] = [makeText(), makeText()];
      const lines = compareLines(first, second);
      const side = (other: DifferenceLine['of']) =>
        lines.flatMap(({ of, text }) => (of === other ? [] : [text])).join('\n');
      assert.deepEqual([side('second'), side('first')], [first, second]);
    }
  });

  it('of long texts without a common line is told all the same', () => {
    const make = (mark: string) => Array.from({ length: 3000 }, (_, at) => `${mark}${at}`).join('\n');
    assert.equal(compareLines(make('a'), make('b')).length, 6000);
  });
});
