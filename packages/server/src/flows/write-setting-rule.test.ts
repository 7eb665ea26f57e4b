// Which write settings are stored, and which are refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { writeSettingGiven } from '@flowhook/contract/flow/write-setting';
import { Problem } from '../base/error.ts';
import {
  choosePlannedPath,
  findPathFault,
  refuseSamePlace,
  settleWriteSetting,
} from './write-setting-rule.ts';

const usual = { path: 'a/b.csv', action: 'create', format: 'csv' } as const;
const settle = (more: object) => settleWriteSetting(writeSettingGiven.parse({ ...usual, ...more }));

describe('paths', () => {
  const refused = [
    '',
    ' a.csv',
    'a.csv ',
    '/a.csv',
    '/etc/passwd',
    '~/a.csv',
    '../a.csv',
    'a/../b.csv',
    'a/..',
    './a.csv',
    'a//b.csv',
    'a/',
    'a\\b.csv',
    'C:/a.csv',
    'file:///a.csv',
    's3://bucket/a.csv',
    'a\0.csv',
    'a\nb.csv',
    'a.csv.tmp',
    `${'x'.repeat(201)}.csv`,
    'ü'.repeat(101),
    `${'a/'.repeat(250)}b`,
  ];
  for (const path of refused)
    it(`refuses ${JSON.stringify(path.slice(0, 40))}`, () => assert.notEqual(findPathFault(path), null));

  for (const path of ['a.csv', 'a/b/c.csv', 'Größe/Ä b.csv', '..a/b..csv', '.hidden', 'a.b/c'])
    it(`takes ${path}`, () => assert.equal(findPathFault(path), null));
});

describe('format and compression', () => {
  const table = {
    csv: { none: true, gzip: true, snappy: false, zstd: true },
    json: { none: true, gzip: true, snappy: false, zstd: true },
    pqt: { none: true, gzip: true, snappy: true, zstd: true },
  };
  for (const [format, row] of Object.entries(table))
    for (const [compression, possible] of Object.entries(row))
      it(`${possible ? 'writes' : 'refuses'} ${format} with ${compression}`, () => {
        const asked = compression === 'zstd' ? { zstd: true } : { compression };
        const parsed = writeSettingGiven.safeParse({ ...usual, format, ...asked });
        assert.equal(parsed.success, possible);
        if (parsed.success) assert.equal(settleWriteSetting(parsed.data).compression, compression);
      });

  it('refuses zstd beside another compression, and a delimiter that ends lines', () => {
    const given = {
      ...writeSettingGiven.parse(usual),
      compression: 'gzip',
      zstd: true,
      delim: '\n',
    } as const;
    assert.throws(
      () => settleWriteSetting(given, 'writeSettings[2].'),
      (error: Problem) => {
        assert.deepEqual(
          error.errors.map(({ field }) => field),
          ['writeSettings[2].delim', 'writeSettings[2].compression'],
        );
        return true;
      },
    );
  });

  it('names what it does not write', () => {
    for (const [member, value] of [
      ['format', 'avro'],
      ['format', 'hyper'],
      ['compression', 'bzip2'],
    ] as const) {
      const parsed = writeSettingGiven.safeParse({ ...usual, [member]: value });
      assert.match(parsed.error?.message ?? '', new RegExp(`${value} is not written`, 'u'));
    }
  });
});

describe('the path of the file', () => {
  it('says that text is compressed', () => {
    assert.equal(choosePlannedPath(settle({ compression: 'gzip' })), 'a/b.csv.gz');
    assert.equal(choosePlannedPath(settle({ path: 'b.csv.GZ', compression: 'gzip' })), 'b.csv.GZ');
    assert.equal(choosePlannedPath(settle({ zstd: true })), 'a/b.csv.zst');
    assert.equal(choosePlannedPath(settle({ format: 'pqt', path: 'b.pqt', compression: 'gzip' })), 'b.pqt');
  });

  it('is that of one write setting alone', () => {
    const rules = [settle({ compression: 'gzip' }), settle({ path: 'a/b.csv.gz' })];
    assert.throws(
      () => refuseSamePlace(rules, (index) => `writeSettings[${index}].path`),
      /writeSettings\[1\]/u,
    );
    assert.doesNotThrow(() => refuseSamePlace([settle({}), settle({ path: 'c.csv' })], () => 'path'));
  });
});
