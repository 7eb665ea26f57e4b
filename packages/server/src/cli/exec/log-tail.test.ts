// The end of a command's output: bounded, and safe to show.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { cleanLog, createLogTail, longestTail } from './log-tail.ts';

describe('the tail of a log', () => {
  const rows: [given: string, kept: string][] = [
    ['plain\n', 'plain\n'],
    ['\u001B[1;31mred\u001B[0m', 'red'],
    ['\u001B]0;title\u0007x', 'x'],
    ['\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\', 'link'],
    ['a\r\nb', 'a\nb'],
    ['10%\r20%\r30%', '30%'],
    ['old\rnew\nnext', 'new\nnext'],
    ['end\r', 'end'],
    ['a\0b\u0008c\u009Bd', 'abcd'],
    ['right\u202Eleft', 'rightleft'],
    ['tab\there', 'tab\there'],
  ];
  for (const [given, kept] of rows)
    it(`of ${JSON.stringify(given)} is ${JSON.stringify(kept)}`, () => {
      assert.equal(cleanLog(Buffer.from(given), false), kept);
    });

  it('holds the end of what is longer, from the beginning of a line', () => {
    const tail = createLogTail();
    for (let line = 0; line < 40_000; line += 1) tail.add(Buffer.from(`line ${line}\n`));
    const text = tail.read();
    assert.ok(text.length <= longestTail && text.length > longestTail - 20);
    assert.match(text, /^line \d+\n/u);
    assert.ok(text.endsWith('line 39999\n'));
    tail.add(Buffer.from('more'));
    assert.ok(tail.read().endsWith('line 39999\nmore'));
  });

  it('takes any bytes in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
        const tail = createLogTail();
        for (const chunk of chunks) tail.add(Buffer.from(chunk));
        const text = tail.read();
        // oxlint-disable-next-line no-control-regex
        assert.doesNotMatch(text, /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/u);
        assert.ok(text.isWellFormed() && text.length <= longestTail);
        assert.equal(tail.read(), text);
      }),
    );
  });
});
