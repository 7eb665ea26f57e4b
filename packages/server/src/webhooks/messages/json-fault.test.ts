// Faults in JSON: found where JSON.parse finds them, at the place that an editor can mark.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as holds, json, nat, property } from 'fast-check';
import { findJsonFault } from './json-fault.ts';

describe('a fault in JSON', () => {
  it('is none where the text is JSON', () => {
    for (const text of ['{}', '"a"', ' [1, 2]\n', 'null']) assert.equal(findJsonFault(text), null);
  });
  const cases: [string, number, number, number][] = [
    ['{"a": }', 6, 1, 7],
    ['{\n  "a": 1,\n  b: 2\n}', 14, 3, 3],
    ['{"a": 1', 7, 1, 8],
    ['', 0, 1, 1],
    ['{"a": 1,}', 8, 1, 9],
    ['[1 2]', 3, 1, 4],
    ['{"a" 1}', 5, 1, 6],
    ['{} x', 3, 1, 4],
    ['[', 1, 1, 2],
    ['{"a": "\\q"}', 7, 1, 8],
    ['['.repeat(100_000), 100_000, 1, 100_001],
    ['{"a": "line\nend"}', 11, 1, 12],
  ];
  for (const [text, position, line, column] of cases)
    it(`has a place: ${JSON.stringify(text.slice(0, 30))}`, () => {
      const fault = findJsonFault(text)!;
      assert.deepEqual([fault.position, fault.line, fault.column], [position, line, column]);
      assert.match(fault.message, /^Expected .*\.$/u);
    });

  it('is found wherever a character of JSON is taken out', () => {
    holds(
      property(json(), nat(), (text, at) => {
        const broken = text.slice(0, at % text.length) + text.slice((at % text.length) + 1);
        const fault = findJsonFault(broken);
        if (fault === null) JSON.parse(broken);
        else assert.ok(fault.position >= 0 && fault.position <= broken.length);
      }),
    );
  });
});
