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
    assert.equal(writeCsvRow(['=a"b']), '"\'=a""b"\r\n');
    assert.equal(writeCsvRow([-1]), '-1\r\n');
  });
});
