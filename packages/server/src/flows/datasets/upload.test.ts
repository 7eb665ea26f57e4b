// Uploads: whole and synced or not there at all, at flat memory.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Problem } from '../../base/error.ts';
import { cleanFileName, dropFile, keepFile, receiveFile, stripEndings } from './upload.ts';

const limit = 1024 ** 3;

describe('uploads', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-upload-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const left = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => name !== '.incoming');

  it('are in their place when they are kept, and gone when they are dropped', async () => {
    const received = await receiveFile(
      folder,
      'a.csv',
      Readable.from([Buffer.from('a\n'), Buffer.from('1\n')]),
      limit,
    );
    assert.equal(received.bytes, 4);
    const path = await keepFile(folder, received);
    assert.equal(await readFile(path, 'utf8'), 'a\n1\n');
    assert.equal((await stat(path)).mode & 0o777, 0o400);
    assert.deepEqual(await left(), [received.key, join(received.key, 'a.csv')]);
    await dropFile(folder, received);
    assert.deepEqual(await left(), []);
  });

  it('leave nothing when they break off, are empty or too large', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw new Error('the client has gone');
      })(),
    );
    await assert.rejects(receiveFile(folder, 'a.csv', broken, limit), /the client has gone/u);
    await assert.rejects(receiveFile(folder, 'a.csv', Readable.from([]), limit), /empty/u);
    const large = receiveFile(folder, 'a.csv', Readable.from([Buffer.alloc(11)]), 10);
    await assert.rejects(large, (error: unknown) => error instanceof Problem && error.code === 'too_large');
    assert.deepEqual(await left(), []);
  });

  it('do not grow the memory: 400 MB, less than 200 MB more', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const source = Readable.from(
      (async function* () {
        for (let sent = 0; sent < 400 * 1024 * 1024; sent += chunk.length) yield Buffer.from(chunk);
      })(),
    );
    const before = process.memoryUsage.rss();
    let max = before;
    const watch = setInterval(() => (max = Math.max(max, process.memoryUsage.rss())), 10);
    const received = await receiveFile(folder, 'a.csv', source, limit).finally(() => clearInterval(watch));
    assert.equal(received.bytes, 400 * 1024 * 1024);
    assert.ok(max - before < 200 * 1024 * 1024, `${Math.round((max - before) / 1024 / 1024)} MB more`);
    await dropFile(folder, received);
  });
});

describe('file names', () => {
  const names: [string, string][] = [
    ['orders.csv', 'orders.csv'],
    ['../../etc/passwd', 'passwd'],
    [String.raw`C:\data\Größe 1.csv.gz`, 'Größe 1.csv.gz'],
    ['.hidden', 'hidden'],
    ['..', 'file'],
    ['', 'file'],
    ['a\0b"c%.csv', 'a_b_c_.csv'],
    [`${'x'.repeat(300)}.csv.gz`, `${'x'.repeat(50)}.csv.gz`],
  ];
  for (const [given, expected] of names)
    it(`makes ${expected} of ${JSON.stringify(given.slice(0, 30))}`, () =>
      assert.equal(cleanFileName(given), expected));

  it('are always plain and short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = cleanFileName(given);
        assert.match(name, /^[\p{L}\p{N}_ -][\p{L}\p{N}._ -]*$/u);
        assert.ok(Buffer.byteLength(name) <= 255);
      }),
    );
  });

  it('lose the endings that say format and compression', () => {
    assert.deepEqual(
      ['a.csv', 'a.CSV.gz', 'a.parquet', 'a.b.json.zst', 'a', 'csv', '.csv', 'a.xls'].map(stripEndings),
      ['a', 'a', 'a', 'a.b', 'a', 'csv', '.csv', 'a.xls'],
    );
  });
});
