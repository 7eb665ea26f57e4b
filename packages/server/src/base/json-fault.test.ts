// Faults in JSON: found where JSON.parse finds them, at the place that an editor can mark.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as holds, json, nat, property } from 'fast-check';
import { findJsonFault } from './json-fault.ts';
import { parseJson } from './json-text.ts';

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

/** Milliseconds of processor that a call takes; the least of some, for a machine with other work. */
function measure(call: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...times);
}

describe('finding a fault takes one scan', () => {
  const broken: [string, (length: number) => string][] = [
    ['an unfinished list', (length) => `[${'1,'.repeat(length / 2)}`],
    ['an unfinished text', (length) => `["${'x'.repeat(length)}`],
    ['many lines', (length) => `[${'\n'.repeat(length)}`],
    ['a stray character at the end', (length) => `[${'{"a":1},'.repeat(length / 8)}#`],
    ['many openings', (length) => '['.repeat(length)],
    ['many escapes', (length) => `["${'\\n'.repeat(length / 2)}\\q`],
  ];
  for (const [name, make] of broken)
    it(`of ${name}`, () => {
      const [small, large] = [make(250_000), make(2_000_000)];
      const read = (text: string) => () => assert.throws(() => parseJson(text, { deepest: Infinity }));
      // Eight times the text; a search by halves would parse it twenty times, one by splitting grows faster still.
      assert.ok(measure(read(large)) < 30 * Math.max(1000, measure(read(small))));
      const judged = measure(() => {
        try {
          JSON.parse(large);
        } catch {
          // Only its time counts.
        }
      });
      assert.ok(
        measure(read(large)) < 14 * Math.max(4000, judged),
        'many times what JSON.parse itself takes',
      );
    });
});
