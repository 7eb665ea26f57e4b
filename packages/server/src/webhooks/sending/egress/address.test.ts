// Addresses: every spelling is the same address, and what is public is what the registries call so.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, assert as check, constantFrom, nat, property } from 'fast-check';
import { findClosedRange, findEmbedded, isMetadata, isWithin, readAddress, readRange } from './address.ts';
import { compilePolicy, judgeAddress, judgeUrl } from './policy.ts';

const usual = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
const bytes4 = array(nat(255), { minLength: 4, maxLength: 4 });

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
const pairs = ([a, b, c, d]: number[]) => `${hex(a!)}${hex(b!)}:${hex(c!)}${hex(d!)}`;
const dword = ([a, b, c, d]: number[]) => ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;

/** Hosts of a URL that all lead to the same IPv4 address. */
const spellings: readonly ((bytes: number[]) => string)[] = [
  (bytes) => bytes.join('.'),
  (bytes) => `${bytes.join('.')}.`,
  (bytes) => String(dword(bytes)),
  (bytes) => `0x${dword(bytes).toString(16)}`,
  (bytes) => `0${dword(bytes).toString(8)}`,
  (bytes) => bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
  (bytes) => bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
  ([a, b, c, d]) => `${a}.${b}.${c! * 256 + d!}`,
  ([a, b, c, d]) => `${a}.${(b! * 256 + c!) * 256 + d!}`,
  (bytes) => bytes.join('。'),
  (bytes) => bytes.join('.').replaceAll(/\d/gu, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (bytes) => bytes.join('.').replaceAll(/[^]/gu, (char) => `%${hex(char.charCodeAt(0))}`),
  (bytes) => `[::ffff:${bytes.join('.')}]`,
  (bytes) => `[0:0:0:0:0:FFFF:${pairs(bytes)}]`,
  (bytes) => `[64:ff9b::${bytes.join('.')}]`,
];

/** IPv6 addresses that may be carried on to an IPv4 one by tunnels that nobody in the public internet needs. */
const tunnels: readonly ((bytes: number[]) => string)[] = [
  (bytes) => `::${bytes.join('.')}`,
  (bytes) => `::ffff:0:${bytes.join('.')}`,
  (bytes) => `64:ff9b:1::${bytes.join('.')}`,
  (bytes) => `2002:${pairs(bytes)}::1`,
  (bytes) => `2001:0:${pairs(bytes)}::1`,
  (bytes) => `2001:0:1:2:3:4:${pairs(bytes.map((byte) => byte ^ 255))}`,
];

describe('an address', () => {
  it('is judged the same in every spelling', () => {
    check(
      property(bytes4, constantFrom(...spellings), (bytes, spell) => {
        const plain = judgeUrl(usual, `http://${bytes.join('.')}/`);
        assert.equal(judgeUrl(usual, `http://${spell(bytes)}/`).allowed, plain.allowed);
        assert.equal(judgeAddress(usual, 'http://a.test/', bytes.join('.')).allowed, plain.allowed);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused in every tunnel', () => {
    check(
      property(bytes4, constantFrom(...tunnels), (bytes, wrap) => {
        assert.equal(judgeUrl(usual, `http://[${wrap(bytes)}]/`).allowed, false);
        assert.equal(judgeAddress(usual, 'http://a.test/', wrap(bytes)).allowed, false);
      }),
      { numRuns: 1000 },
    );
  });

  it('of a metadata service is known in every wrapping', () => {
    const bytes = [169, 254, 169, 254];
    for (const wrap of tunnels) assert.ok(isMetadata(readAddress(wrap(bytes))!), wrap(bytes));
    for (const text of ['64:ff9b:1:a9fe:a9:fe00::', '64:ff9b:1:a9:fe:a9fe::', '64:ff9b:1:0:a9:fea9:fe00:0']) {
      assert.ok(isMetadata(readAddress(text)!), text);
    }
    assert.ok(isMetadata(readAddress('2606:4700::5efe:a9fe:a9fe')!));
  });

  it('is public by the registries alone', () => {
    const open = ['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'];
    const more = [
      '128.0.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.167.255.255',
      '192.169.0.0',
      '198.17.255.255',
    ];
    const six = [
      '2606:4700::1111',
      '2001:200::1',
      '2a00:1450:4001::1',
      '64:ff9b::1.1.1.1',
      '2620:4e:8000::1',
    ];
    for (const text of [...open, ...more, '198.20.0.0', '223.255.255.255', ...six]) {
      assert.equal(findClosedRange(readAddress(text)!), null, text);
    }
    const shut = [
      '0.1.2.3',
      '10.0.0.0',
      '100.127.255.255',
      '127.0.0.1',
      '169.254.0.0',
      '172.31.255.255',
      '192.0.0.9',
    ];
    const closed = [
      '192.88.99.1',
      '198.19.255.255',
      '224.0.0.0',
      '240.0.0.0',
      '255.255.255.255',
      '::',
      '::1',
      '1::',
    ];
    const outside = [
      '4000::1',
      'fc00::1',
      'fe80::1',
      'ff0e::1',
      '2001:db8::',
      '2002::',
      '3fff:fff::',
      '100::',
      '5f00::1',
    ];
    for (const text of [...shut, ...closed, ...outside])
      assert.notEqual(findClosedRange(readAddress(text)!), null, text);
  });

  it('is not read from what is none', () => {
    for (const text of ['', 'a', '1.2.3.4.5', '256.1.1.1', '::g', '[::1', 'example.com', '1.2.3.4/8']) {
      assert.equal(readAddress(text), null, text);
    }
    assert.deepEqual(readAddress('[fe80::1%eth0]'), readAddress('fe80::1'));
    assert.deepEqual(findEmbedded(readAddress('2606:4700::1')!), []);
  });
});

describe('a range', () => {
  it('is read with and without its bits, and IPv4 also in its mapped form', () => {
    const within = (text: string, range: string) => isWithin(readAddress(text)!, readRange(range)!);
    assert.ok(within('10.255.0.1', '10.0.0.0/8') && !within('11.0.0.0', '10.0.0.0/8'));
    assert.ok(within('192.168.1.129', '192.168.1.128/25') && !within('192.168.1.127', '192.168.1.128/25'));
    assert.ok(within('10.1.1.1', '::ffff:10.0.0.0/104') && within('1.2.3.4', '0.0.0.0/0'));
    assert.ok(within('fd00::5', 'fd00::/8') && !within('fd00::5', '10.0.0.0/8'));
    assert.ok(within('::1', '::1') && !within('::2', '::1'));
  });

  it('is null where it is none', () => {
    for (const text of [
      '10.0.0.0/33',
      '10.0.0.0/-1',
      'fd00::/129',
      'x/8',
      '10.0.0.0/',
      '/8',
      'localhost',
      '10.0.0.0-10.0.0.9',
    ]) {
      assert.equal(readRange(text), null, text);
    }
  });
});
