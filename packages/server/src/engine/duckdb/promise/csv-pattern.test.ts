// The walk through bytes says yes only to what the careful reading says yes to as well.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { isClean } from './csv-scan.ts';

const usual = { delimiter: ',', quote: '"', escape: '"', header: true };
const types = ['BIGINT', 'VARCHAR', 'DOUBLE', 'DATE'];

void describe('the walk through a CSV file', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-walk-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function walk(
    text: string,
    over: object = {},
    own: readonly string[] = types,
    compression = 'none' as 'none' | 'gzip',
  ) {
    const path = join(folder, 'x.csv');
    await writeFile(path, compression === 'gzip' ? gzipSync(text) : text);
    return isClean({ path, compression, options: { ...usual, ...over }, types: own });
  }

  const clean = [
    'a,b,c,d\n1,x,1.5,2024-05-06\n-2,"y, ""z""\n",.5,\n,,,\n',
    'a,b,c,d\r\n1,x,1e-5,2024-05-06\r\n',
    'a,b,c,d\n"1",x,"1.5","2024-05-06"',
    'a,b,c,d\n',
    'a,b,c,d\n\n1,é,1,2024-05-06\n\n',
  ];
  void it('says yes where all is as it is promised', async () => {
    for (const text of clean) assert.equal(await walk(text), true, text);
    assert.equal(await walk(clean[0]!, {}, types, 'gzip'), true);
    assert.equal(await walk('x\ny\na\n1\n', { skipLines: 2 }, ['BIGINT']), true);
    assert.equal(
      await walk('1;NA;1,5\n', { header: false, delimiter: ';', nullValues: ['NA'], decimalSeparator: ',' }, [
        'BIGINT',
        'BIGINT',
        'DOUBLE',
      ]),
      true,
    );
    assert.equal(await walk('a,b\n-,\n1,x\n', { nullText: '-' }, ['BIGINT', 'VARCHAR']), true);
    assert.equal(await walk('a\n06.05.2024\n', { dateFormat: '%d.%m.%Y' }, ['DATE']), true);
  });

  const unclear = [
    'a,b,c,d\n1.5,x,1,2024-05-06\n',
    'a,b,c,d\n007,x,1,2024-05-06\n',
    'a,b,c,d\n1,x,1,2024-05-06 10:00:00\n',
    'a,b,c,d\n1,x,1\n',
    'a,b,c,d\n1,x,1,2024-05-06,5\n',
    'a,b,c,d\n1,x"y,1,\n',
    'a,b,c,d\n1,"x,1,\n',
    'a,b,c,d\n1234567890123456789,x,1,\n',
    'a,b,c,d\n1,x,1234567890123456,\n',
    '',
  ];
  // The engine reads these as nothing, or as a part of them, without a word.
  const notMoments: [string, string][] = [
    ['TIMESTAMPTZ', '0'],
    ['TIMESTAMPTZ', 'x'],
    ['TIMESTAMPTZ', '2023-02-29 10:00:00Z'],
    ['TIMESTAMPTZ', '1900-02-29 10:00:00Z'],
    ['TIMESTAMPTZ', '2024-04-31 10:00:00Z'],
    ['TIMESTAMPTZ', '2024-04-30 24:00:00Z'],
    ['TIMESTAMPTZ', '2024-04-30 10:00:00.1234567Z'],
    ['TIMESTAMPTZ', '2024-04-30 10:00:00'],
    ['TIMESTAMPTZ', '2024-04-30 10:00Z'],
    ['TIMESTAMPTZ', '2024-04-30 10:00:00 +02:00'],
    ['TIME', '2024-05-06 10:00:00'],
    ['TIME', '10:00:00.1234567'],
    ['DATE', '2024-02-30'],
  ];
  const moments: [string, string][] = [
    ['TIMESTAMPTZ', '2024-02-29T23:59:59.123456+14:00'],
    ['TIMESTAMPTZ', '2000-02-29 00:00:00Z'],
    ['TIMESTAMP', '2000-02-29 00:00'],
    ['TIMESTAMP', '2000-02-29'],
    ['TIMESTAMP', '1900-02-28T23:59:59.1'],
    ['TIME', '00:00'],
    ['TIMESTAMPTZ', '2024-12-31 00:00:00-05'],
    ['TIME', '23:59:59.5'],
    ['DATE', '2096-02-29'],
  ];
  void it('says yes to moments that the engine reads as they stand', async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run("SET TimeZone = 'UTC'");
    for (const [type, text] of moments) {
      assert.equal(await walk(`a\n${text}\n`, {}, [type]), true, text);
      const plain = `read_csv('${folder}/x.csv', auto_detect = false, header = true, columns = {a: '${type}'})`;
      const answer = await connection.runAndReadAll(
        `SELECT a = CAST('${text}' AS ${type}) AS same FROM ${plain}`,
      );
      assert.deepEqual(answer.getRowObjectsJson(), [{ same: true }], text);
    }
    connection.closeSync();
  });

  void it('says no where it can’t tell', async () => {
    for (const text of unclear) assert.equal(await walk(text), false, text);
    assert.equal(await walk(clean[0]!, { encoding: 'utf-16' }), false);
    assert.equal(await walk('a\nyes\n', {}, ['BOOLEAN']), false);
    assert.equal(await walk('a\n[1]\n', {}, ['BIGINT[]']), false);
    assert.equal(await walk('a,b\n,x\n', { nullText: '-' }, ['BIGINT', 'VARCHAR']), false);
    assert.equal(await walk('a\n\n', { nullText: '-' }, ['TIME']), false);
    for (const [type, text] of notMoments) assert.equal(await walk(`a\n${text}\n`, {}, [type]), false, text);
  });

  void it('finds the one fault in a long file, wherever it stands, and takes line ends in quotes for what they are', async () => {
    const lines = (count: number, text: string) => Array.from({ length: count }, () => text);
    const at = (place: number, fault: string) =>
      [
        'a,b,c,d',
        ...lines(place, '1,x,1,2024-05-06'),
        fault,
        ...lines(200_000 - place, '1,x,1,2024-05-06'),
      ].join('\n');
    for (const place of [0, 1, 65_000, 130_000, 199_999]) {
      assert.equal(await walk(at(place, '1.5,x,1,2024-05-06')), false, String(place));
      assert.equal(await walk(at(place, '1,"x\n\n1.5,",1,2024-05-06')), true, String(place));
    }
  });
});
