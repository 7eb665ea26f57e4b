// CSV: quoted as RFC 4180 says, and never a formula in somebody's spreadsheet.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeCsvRow } from './csv.ts';

describe('a row of CSV', () => {
  it('quotes what needs it', () => {
    assert.equal(
      writeCsvRow(['a', 'b,c', 'd"e', 'f\ng', null, 7, true]),
      'a,"b,c","d""e","f\ng",,7,true\r\n',
    );
  });
  it('disarms what a spreadsheet would run', () => {
    for (const text of ['=1+1', '+1', '-1', '@sum(a1)', ' =1', '\t=1', '\r=1'])
      assert.match(writeCsvRow([text]), /^"?'/u, text);
    for (const text of ['a;=1+1', 'a\t=1', 'a; =1', 'a\n=1', 'a\r\n@x', 'a;"=1', 'a;＝1', 'x;y;+1']) {
      const line = writeCsvRow([text, 'b']);
      for (const cell of line.split(/[;\t\r\n]/u)) assert.doesNotMatch(cell, /^[\s"]*[=+\-@＝]/u, text);
    }
    assert.equal(writeCsvRow(['a;b', 'c-d', 'e=f']), '"a;b",c-d,e=f\r\n');
    assert.equal(writeCsvRow(['=a"b']), '"\'=a""b"\r\n');
    assert.equal(writeCsvRow([-1]), '-1\r\n');
  });
});
