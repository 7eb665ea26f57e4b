// Expressions: linear time and anchored at the first character.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileExpression, findExpressionFault } from './expression.ts';

describe('an allowed expression', () => {
  it('matches from the first character, with or without a caret', () => {
    for (const text of ['^http://127\\.0\\.0\\.1/', 'http://127\\.0\\.0\\.1/']) {
      const { matches } = compileExpression(text);
      assert.ok(matches('http://127.0.0.1/a'));
      assert.ok(!matches('http://example.com/?http://127.0.0.1/'));
    }
  });

  it('that is no expression, or none for linear time, is named with its fault', () => {
    for (const text of ['(', '(?<=a)b', '(a)\\1', '(?!x)y', 'a{2000}']) {
      const fault = findExpressionFault(['^https://ok\\.test/', text]);
      assert.ok(fault?.includes(JSON.stringify(text)), text);
    }
    assert.equal(findExpressionFault([]), null);
  });

  it('takes time in proportion to the URL, however it is written', () => {
    const { matches } = compileExpression('^https?://(a+)+(a|aa)*(a|a?)+\\.test/');
    const time = (length: number) => {
      const began = performance.now();
      for (let at = 0; at < 20; at += 1) matches(`http://${'a'.repeat(length)}.example/`);
      return performance.now() - began;
    };
    time(500);
    const [short, long] = [time(500), time(4000)];
    // Eight times as long: 8 where it is linear, 64 where it grows with the square.
    assert.ok(long < short * 30, `${long} ms, ${short} ms for an eighth`);
  });
});
