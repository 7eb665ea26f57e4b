// The look by itself: what it finds in texts of many kinds, and what it refuses.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FileOptions, Format } from '../../dataset.ts';
import { nameColumns } from './csv-header.ts';
import { lookAtCsv } from './csv-look.ts';
import { lookAtJson } from './json-look.ts';
import { readHeadBytes } from './text-file.ts';

/** A line that is long, and much behind it. */
const longLine = (letter: string, count: number): string =>
  `id,note\n1,${letter.repeat(count)}\n${'2,short\n'.repeat(300_000)}`;

void describe('the look', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-look-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function look(text: string | Uint8Array, format: Format = 'csv', set: FileOptions = {}) {
    const path = join(folder, 'file');
    await writeFile(path, text);
    const file = { path, compression: 'none' as const, encoding: set.encoding };
    const asked = { file, head: await readHeadBytes(file), format, set };
    return format === 'csv' ? lookAtCsv(asked) : lookAtJson(asked);
  }
  const typesOf = (columns: readonly { name: string; type: string }[]): string =>
    columns.map(({ name, type }) => `${name} ${type}`).join(', ');

  it('ends at a value that is nested too deep, before all of it has come', async () => {
    // Its end, which says that it is cut off, is not waited for.
    await assert.rejects(look('['.repeat(8_000_000), 'json'), /nested deeper than 500 levels/u);
    await assert.rejects(look('{"a":'.repeat(600), 'json'), /nested deeper than 500 levels/u);
  });

  const found: [string, string, string, FileOptions?][] = [
    ['a title of two lines', 'Report\n\nid,part\n1,bolt\n', 'id BIGINT, part VARCHAR'],
    [
      'a title with a comma',
      'Report,2024\nid,part,site\n1,bolt,pit\n',
      'id BIGINT, part VARCHAR, site VARCHAR',
    ],
    ['a delimiter of two signs', 'id||part\n1||bolt\n', 'id BIGINT, part VARCHAR'],
    ['a delimiter of three signs', 'id|~|part\n1|~|bolt\n', 'id BIGINT, part VARCHAR'],
    ['rows that end in a delimiter', 'a,b\n1,2,\n3,4,\n', 'a BIGINT, b BIGINT'],
    ['a header that begins with #', '#id,name\n1,a\n2,b\n', '#id BIGINT, name VARCHAR'],
    ['years as names', 'land,2019,2020\nDE,1.5,2.5\n', 'land VARCHAR, 2019 DOUBLE, 2020 DOUBLE'],
    ['apostrophes as quotes', "a,b\n'x, y',1\n'z',2\n", 'a VARCHAR, b BIGINT'],
    ['line ends of old', 'a,b\r1,2\r3,4\r', 'a BIGINT, b BIGINT'],
    ['more digits than a double holds', 'a,b\nx,52.520006599999998\n', 'a VARCHAR, b DECIMAL(38,15)'],
    ['a whole number beyond every double', `a,b\nx,${'9'.repeat(309)}\n`, 'a VARCHAR, b VARCHAR'],
    ['a whole number of very many digits', `a,b\nx,-${'1'.repeat(500_000)}\n`, 'a VARCHAR, b VARCHAR'],
    ['leading zeros', 'a,b\nx,007\n', 'a VARCHAR, b VARCHAR'],
    ['a zero in the header', 'i\0d,part\n1,bolt\n', 'id BIGINT, part VARCHAR'],
    ['fixed width', 'id  qty\n1    10\n22    7\n', 'id BIGINT, qty BIGINT', { columnStarts: [1, 5] }],
    ['thousands', 'a;b\nx;1,234\n', 'a VARCHAR, b BIGINT', { thousandsSeparator: ',' }],
    ['a comma in one of some texts', 'label\nfirst\nsecond, half\n', 'label VARCHAR'],
  ];
  for (const [what, text, wanted, set] of found)
    it(`finds ${what}`, async () => assert.equal(typesOf((await look(text, 'csv', set)).columns), wanted));

  it('finds more than 10,000 columns', async () => {
    const names = Array.from({ length: 12_000 }, (_, at) => `c${at}`);
    const { columns } = await look(`${names.join()}\n${names.map((_, at) => at).join()}\n`);
    assert.deepEqual([columns.length, columns[11_999]?.type], [12_000, 'BIGINT']);
  });

  it('names very many equal columns apart, each in its turn', async () => {
    const count = 20_000;
    const head = Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 'a' : 'A'));
    const { columns } = await look(`${head.join()}\n${'1,'.repeat(count - 1)}1\n`, 'csv', { header: true });
    assert.deepEqual(
      [0, 1, 2, count - 1].map((at) => columns[at]!.name),
      ['a', 'A_1', 'a_2', `A_${count - 1}`],
    );
    assert.deepEqual(nameColumns(['a', 'a_1', 'a', 'A', 'a_1']), ['a', 'a_1', 'a_2', 'A_3', 'a_1_1']);
  });

  const refused: [string, string, Format, RegExp, FileOptions?][] = [
    ['rows that grow wider', `a,b\n${'1,2\n'.repeat(800)}${'1,2,3\n'.repeat(1200)}`, 'csv', /line 802/],
    ['a shorter row behind tabs', 'a\tb\tc\n1\t2\t3\n4\t5\n6\t7\t8\n', 'csv', /line 3/],
    ['nothing but blank lines', '\n\n', 'csv', /no line/],
    ['a quote that never ends', 'a,b\n1,"x\n2,y\n', 'csv', /line 2/],
    [
      'a quote that is in its delimiter',
      'a","b\n1","2\n',
      'csv',
      /delimiter/,
      { delimiter: '","', quote: '"' },
    ],
    ['a line of too many bytes, though not of too many letters', longLine('界', 800_000), 'csv', /a line is/],
    ['the same in fixed width', longLine('界', 800_000), 'csv', /a line is/, { columnStarts: [1, 5] }],
    ['JSON that is nested too deep', `${'['.repeat(600)}${']'.repeat(600)}`, 'json', /deeper than 500/],
    ['JSON beyond the parser', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 'ndjson', /deeper than 500/],
    ['JSON that is cut off', '[{"a":1},{"a":', 'json', /no JSON|cut off/],
  ];
  for (const [what, text, format, pattern, set] of refused)
    it(`refuses ${what}`, () => assert.rejects(look(text, format, set), pattern));

  it('counts no more than the line itself', async () => {
    // It begins at the end of what is read at once, so that it is tried in the least favourable steps.
    const before = `id,note\n${'2,short\n'.repeat(2 ** 15 - 2)}`;
    const { columns } = await look(`${before}1,${'x'.repeat(1_900_000)}\n${'2,short\n'.repeat(2 ** 17)}`);
    assert.equal(typesOf(columns), 'id BIGINT, note VARCHAR');
  });

  it('takes several kinds of values under one key for texts, and objects of odd keys for JSON', async () => {
    const mixed = await look('{"a":1,"o":{"x":1,"X":2}}\n{"a":"x","o":{"x":2}}\n', 'ndjson');
    assert.equal(typesOf(mixed.columns), 'a VARCHAR, o JSON');
    assert.equal(typesOf((await look('[{"a":NaN},{"a":1}]', 'json')).columns), 'a DOUBLE');
  });
});
