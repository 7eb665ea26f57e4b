// Texts as values: what is one as it stands, and what would lose something.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { quoteText } from '../quote.ts';
import { readStrictly } from './strict-sql.ts';

const fitting: Record<string, string[]> = {
  BIGINT: ['0', '-7', '12', ' 5 ', '9223372036854775807'],
  INTEGER: ['2147483647'],
  HUGEINT: ['12345678901234567890123'],
  DOUBLE: ['1', '-0.5', '.5', '5.', '1e3', '0', '0.1234567890123456789', 'NaN', '-inf', '123456789012345'],
  'DECIMAL(18,2)': ['1', '1.5', '1.50', '1.500', '-0.01', '0.10'],
  BOOLEAN: ['true', 'False', 'TRUE'],
  DATE: ['2024-05-06', '1999-1-2'],
  TIMESTAMP: ['2024-05-06 10:00:00', '2024-05-06T10:00:00.123456', '2024-05-06 10:00', '2024-05-06'],
  'TIMESTAMP WITH TIME ZONE': [
    '2024-05-06 10:00:00+02:00',
    '2024-05-06T10:00:00Z',
    '2024-05-06 10:00:00.5 UTC',
    '2024-05-06 10:00-0530',
    '2024-05-06T10:00Z',
    '2024-05-06 10:00:00.5 +02:00',
    '2024-05-06 10:00 -05',
    '2024-05-06 10:00:00',
  ],
  TIMESTAMP_NS: ['2024-05-06 10:00:00.123456789'],
  TIME: ['10:00:00', '9:30', '23:59:59.123456', ' 10:00:00 '],
  TIMETZ: ['10:00:00+02:00'],
  UUID: ['6ccd780c-baba-1026-9564-5b8c656024db'],
};

const misfits: Record<string, string[]> = {
  BIGINT: [
    '10.50',
    '1.0',
    '1e2',
    '007',
    '+5',
    '0x1F',
    '1_000',
    'true',
    'x',
    '',
    '9223372036854775808',
    '1,000',
    '−1',
    '-0 1',
  ],
  INTEGER: ['2147483648'],
  TINYINT: ['128'],
  DOUBLE: ['007.5', '04120', '12345678901234567890', 'x', '1,5', 'true', '', '1_0.5', '0x10'],
  'DECIMAL(18,2)': ['1.505', '01.5', 'x', '1e2', '1,5'],
  'DECIMAL(4,2)': ['100.00'],
  BOOLEAN: ['yes', '1', 't', 'F', 'NO', '0', 'y'],
  DATE: ['2024-05-06 23:59:59', '2024-05-06T10:00', '2024-13-01', 'x', '06.05.2024', 'epoch', '2024-05-06Z'],
  TIMESTAMP: [
    '2024-05-06 10:00:00+02:00',
    '2024-05-06T10:00:00Z',
    '2024-05-06 10:00+02',
    '2024-05-06 10:00:00 Europe/Berlin',
    '2024-05-06 10:00:00.1234567',
    'x',
  ],
  'TIMESTAMP WITH TIME ZONE': ['x', '0', '2024-05-06 10:00:00.1234567Z', '2024-02-30 10:00:00Z', 'epoch'],
  TIMESTAMP_S: ['2024-05-06 10:00:00.5'],
  TIMESTAMP_NS: ['2024-05-06 10:00:00+02:00'],
  TIME: ['x', '2024-05-06 10:00:00', '10:00:00+02:00', '10:00:00.1234567', '25:00'],
  TIMETZ: ['2024-05-06 10:00:00+02'],
};

void describe('texts as values', () => {
  let connection: DuckDBConnection;
  before(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
  });
  after(() => connection.closeSync());

  async function fits(type: string, text: string, options = {}): Promise<unknown> {
    const strict = readStrictly('c', { name: 'n', type }, options);
    assert.ok(strict !== null, type);
    const reader = await connection.runAndReadAll(
      `SELECT ${strict.fits} FROM (SELECT ${quoteText(text)} AS c)`,
    );
    return reader.getRowsJson()[0]?.[0];
  }

  for (const [type, texts] of Object.entries(fitting))
    void it(`takes ${type}`, async () => {
      for (const text of texts) assert.equal(await fits(type, text), true, `${type} ${text}`);
    });
  for (const [type, texts] of Object.entries(misfits))
    void it(`does not bend what is no ${type}`, async () => {
      for (const text of texts) assert.notEqual(await fits(type, text), true, `${type} ${text}`);
    });

  void it('reads formats that the dataset names, whole', async () => {
    const options = { dateFormat: '%d.%m.%Y', timestampFormat: '%d.%m.%Y %H:%M', decimalSeparator: ',' };
    assert.equal(await fits('DATE', '06.05.2024', options), true);
    assert.equal(await fits('DATE', '06.05.2024 23:59', options), false);
    assert.equal(await fits('DATE', '2024-05-06', options), false);
    assert.equal(await fits('TIMESTAMP', '06.05.2024 23:59', options), true);
    assert.equal(await fits('TIMESTAMP', '06.05.2024 23:59:58', options), false);
    assert.equal(await fits('DOUBLE', '1,5', options), true);
    assert.equal(await fits('DOUBLE', '1.5', options), false);
  });

  void it('takes other words for true only where a person said that the column has them', async () => {
    assert.equal(await fits('BOOLEAN', 'yes', { columnTypes: { n: 'BOOLEAN' } }), true);
    assert.equal(await fits('BOOLEAN', 'maybe', { columnTypes: { n: 'BOOLEAN' } }), false);
  });

  void it('takes every text for a text', () => {
    assert.equal(readStrictly('c', { name: 'n', type: 'VARCHAR' }, {}), null);
  });
});
