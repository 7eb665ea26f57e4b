// Proves that no known form of a secret passes the mask, and that other text does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { writeInHeader } from './header.ts';
import { maskedText } from './frozen-body.ts';
import { createMask, listHeaderSecrets } from './secret-mask.ts';

const secret = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 20 }),
    fc.string({ minLength: 4, maxLength: 20, unit: 'grapheme' }),
  )
  .filter((text) => !text.includes('*') && text.isWellFormed());

const asciiJson = (text: string) =>
  JSON.stringify(text).replaceAll(/[\u007f-\uffff]/gu, (unit) =>
    Array.from(
      { length: unit.length },
      (_, at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

const FORMS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text),
  (text) => JSON.stringify({ data: JSON.stringify({ text }) }),
  asciiJson,
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(text).replaceAll(/%../gu, (byte) => byte.toLowerCase()),
  (text) => new URLSearchParams({ q: text }).toString(),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
];

test('a secret in any known form is masked, wherever it stands', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...FORMS),
      (secrets, encode) => {
        const mask = createMask(secrets);
        for (const each of secrets) {
          const masked = mask.maskText(`before ${encode(each)} after`);
          assert.ok(masked.includes(maskedText), masked);
          for (const other of secrets)
            assert.equal(masked.replaceAll(maskedText, '').includes(other), false, masked);
        }
      },
    ),
    { numRuns: 500, examples: [[['before'], FORMS[0] as (text: string) => string]] },
  );
});

test('text without a secret stays as it is, and so does all text without secrets', () => {
  const mask = createMask(['0123456789abcdef']);
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(mask.maskText(text), text);
      assert.equal(createMask([]).maskCutText(text), text);
      assert.equal(createMask(['', 'abc']).maskText(text), text);
    }),
  );
});

test('a secret that begins with another is masked whole', () => {
  assert.equal(createMask(['abcd', 'abcdefgh']).maskText('<abcdefgh>'), `<${maskedText}>`);
});

test('where a text was cut, as much of its end is dropped whether a secret begins there or not', () => {
  const text = `${'.'.repeat(3000)}key=0123456789ab`;
  const other = `${'.'.repeat(3000)}key=9999999999zz`;
  const dropped = [8, 16, 500].map((length) => {
    const mask = createMask(['0123456789abcdef'.padEnd(length, 'x').slice(0, length)]);
    assert.equal(mask.maskCutText(text).length, mask.maskCutText(other).length);
    assert.equal(text.startsWith(mask.maskCutText(text)), true);
    return text.length - mask.maskCutText(text).length;
  });
  assert.equal(new Set(dropped).size, 1, `secrets of different lengths are told by ${dropped.join(', ')}`);
  assert.equal(
    createMask(['x'.repeat(2000)])
      .maskCutText(`${'.'.repeat(9000)}${'x'.repeat(1999)}`)
      .includes('x'),
    false,
  );
});

test('a secret is found as it goes into a header, and as a reader takes its bytes', () => {
  for (const each of [
    'two\nlines of it',
    'two\r\nlines of it',
    'p\u00e4ss \u20ac w\u00f6rd \u4e16',
    'tab\u0007bell-secret',
  ]) {
    const mask = createMask([each]);
    const sent = writeInHeader(each);
    for (const text of [
      sent,
      Buffer.from(sent).toString('latin1'),
      JSON.stringify({ 'x-a': sent }),
      encodeURIComponent(sent),
      btoa(sent),
    ])
      assert.ok(mask.maskText(`<${text}>`).includes(maskedText), `${JSON.stringify(each)} as ${text}`);
  }
});

test('the parts of a credential are found', () => {
  assert.deepEqual(listHeaderSecrets('Authorization', 'Bearer abcdef'), ['Bearer abcdef', 'abcdef']);
  const basic = btoa('user:word');
  assert.deepEqual(listHeaderSecrets('authorization', `Basic ${basic}`), [
    `Basic ${basic}`,
    basic,
    'user:word',
    'word',
  ]);
  assert.deepEqual(listHeaderSecrets('X-Api-Key', 'abcdef'), ['abcdef']);
});
