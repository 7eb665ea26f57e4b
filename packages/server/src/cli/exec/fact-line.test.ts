// What a command tells of itself, line by line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { nothingTold, readTold } from './fact-line.ts';

describe('what a command tells', () => {
  it('adds up, the later in the place of the earlier', () => {
    const told = readTold('{"a":1,"b":2}\n\n{"b":3,"percentComplete":50}\n{"errorMessage":"why"}\n', false);
    assert.deepEqual(told, { percentComplete: 50, errorMessage: 'why', facts: { a: 1, b: 3 }, faults: [] });
  });

  it('waits for the end of a line, unless there will be none', () => {
    assert.deepEqual(readTold('{"a":1', false), nothingTold);
    assert.deepEqual(readTold('{"a":1}', false), nothingTold);
    assert.deepEqual(readTold('{"a":1}', true).facts, { a: 1 });
  });

  const faults: [line: string, fault: RegExp][] = [
    ['nonsense', /line 1: is no JSON object/u],
    ['[1]', /is no JSON object/u],
    ['{"percentComplete":101}', /percentComplete is no number/u],
    ['{"errorMessage":1}', /errorMessage is no text/u],
    [`{"${'x'.repeat(101)}":1}`, /1 to 100 characters/u],
    ['{"":1}', /1 to 100 characters/u],
    [String.raw`{"a":"\u0000"}`, /NUL/u],
    [JSON.stringify({ a: 'x'.repeat(70_000) }), /does not fit/u],
  ];
  for (const [line, fault] of faults)
    it(`leaves out ${line.slice(0, 40)}, and says so`, () => {
      const told = readTold(`${line}\n{"b":1}\n`, false);
      assert.match(told.faults.join(), fault);
      assert.deepEqual(told.facts, { b: 1 });
    });

  it('never stumbles', () => {
    fc.assert(fc.property(fc.string(), fc.boolean(), (text, isWhole) => void readTold(text, isWhole)));
    fc.assert(
      fc.property(fc.array(fc.json()), (lines) => {
        const { facts } = readTold(lines.join('\n'), true);
        assert.ok(JSON.stringify(facts).length <= 65_536);
      }),
    );
  });
});
