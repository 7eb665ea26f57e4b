// The versions that If-Match names.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesVersion } from './if-match.ts';

describe('If-Match', () => {
  const rows: [text: string, matches: boolean][] = [
    ['"a"', true],
    [' "a" ', true],
    ['*', true],
    ['"b"', false],
    ['"b", "a"', true],
    ['"b","c" ,\t"a"', true],
    ['"b,a"', false],
    ['W/"a"', false],
    ['W/"a", "b"', false],
    ['W/"b", "a"', true],
    ['"A"', false],
    ['""', false],
  ];
  for (const [text, matches] of rows)
    it(`${JSON.stringify(text)} ${matches ? 'is' : 'is not'} "a"`, () =>
      assert.equal(matchesVersion(text, '"a"'), matches));

  for (const text of ['', 'a', '"a', '"a" "b"', '*, "a"', 'w/"a"', '"a",', '"a\u0000"'])
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => matchesVersion(text, '"a"'), { code: 'validation_failed' }));
});
