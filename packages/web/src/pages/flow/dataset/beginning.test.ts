// Where the beginning of a file is cut.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findEnd, takeBeginning } from './beginning.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the beginning of a file', () => {
  it('ends with a line, not inside of quotes', () => {
    assert.equal(findEnd(bytes('aaaa\nbbbb\ncc'), 1), 10);
    assert.equal(findEnd(bytes('aaaaaaaaa\n"b\nb'), 1), 10);
    // An inch is no quote.
    assert.equal(findEnd(bytes('5"\nb\nc\nd\ne'), 1), 9);
    const wide = Uint8Array.from(Buffer.from('ab\nc', 'utf16le'));
    assert.equal(findEnd(wide, 2), 6);
  });

  it('is the file where that is small, and nothing of what can not be cut', async () => {
    const small = new File(['a,b\n'], 'a.csv');
    assert.deepEqual(await takeBeginning(small), { file: small, isCut: false });
    const large = await takeBeginning(new File(['a,b\n'.repeat(1_500_000)], 'a.csv'));
    assert.equal(large?.isCut, true);
    assert.equal(large?.file.size, 2 ** 20);
    assert.equal(await takeBeginning(new File(['PAR1', 'x'.repeat(5_000_000)], 'a.parquet')), null);
    assert.equal(await takeBeginning(new File(['[1', ',1'.repeat(3_000_000)], 'a.json')), null);
  });
});
