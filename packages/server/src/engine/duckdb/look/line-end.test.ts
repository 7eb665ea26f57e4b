// How lines end, wherever a text is cut.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LineEnds } from './line-end.ts';

const texts: readonly (readonly [string, boolean])[] = [
  ['a\r\nb\r\n', false],
  ['a\nb\n\n', false],
  ['a\rb\r', false],
  ['a\r\nb\n', true],
  ['a\nb\r\n', true],
  ['a\r\nb\rc\r\n', true],
  ['a\nb\rc\n', true],
  ['', false],
];

void it('sees that lines end in more than one way, wherever the text is cut', () => {
  for (const [text, isMixed] of texts)
    for (let cut = 0; cut <= text.length; cut += 1) {
      const ends = new LineEnds();
      ends.see(text.slice(0, cut));
      ends.see(text.slice(cut));
      assert.equal(ends.isMixed, isMixed, JSON.stringify([text, cut]));
    }
});
