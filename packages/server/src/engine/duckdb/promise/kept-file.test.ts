// Files that were read wrongly once, without a word: each on the day of its look, or after another file.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { writeTable } from '../../../../test/random-table.ts';
import { openDays, type Days, type Run } from '../../../../test/two-days.ts';
import type { Dataset, FileOptions } from '../../dataset.ts';

interface Kept {
  readonly name: string;
  readonly ending: 'csv' | 'json';
  readonly options?: FileOptions;
  readonly first: string;
  /** A second file of the first day. */
  readonly beside?: string;
  /** The next day's file; the same unless given. */
  readonly next?: string;
  readonly rows?: readonly object[];
  /** What the job's failure says, where it has to fail. */
  readonly fails?: RegExp;
  readonly warns?: RegExp;
}

const kept: readonly Kept[] = [
  {
    name: 'a second file without the header loses no row',
    ending: 'csv',
    first: 'id,from,to\n1,mill,port\n',
    beside: '2,mine,yard\n3,quay,dock\n',
    fails:
      /a header with the names "id", "from", "to" is expected, and its first line is "2", "mine", "yard"/u,
  },
  {
    name: 'a second file with other names is not read by place',
    ending: 'csv',
    first: 'id,from,to\n1,mill,port\n',
    beside: 'id,to,origin\n2,yard,mine\n',
    fails: /does not keep the dataset.s promise:.*"from"/u,
  },
  {
    name: 'a second file with its columns in another order is read by name',
    ending: 'csv',
    first: 'id,from,to\n1,mill,port\n',
    beside: 'to,id,from\nyard,2,mine\n',
    rows: [
      { id: '1', from: 'mill', to: 'port' },
      { id: '2', from: 'mine', to: 'yard' },
    ],
  },
  {
    name: 'what is no instant is not missing',
    ending: 'csv',
    first: 'a,b\n2024-05-06T10:00:00Z,1\n',
    next: 'a,b\n0,1\n',
    fails: /"0" in column "a"/u,
  },
  {
    name: 'a day that there is not is no instant either',
    ending: 'csv',
    first: 'a,b\n2024-05-06T10:00:00Z,1\n',
    next: 'a,b\n2023-02-29T10:00:00Z,1\n',
    fails: /column "a"/u,
  },
  {
    name: 'a moment is no time of day',
    ending: 'csv',
    first: 'a,b\n10:00:00,1\n',
    next: 'a,b\n2024-05-06 10:00:00,1\n',
    fails: /column "a"/u,
  },
  {
    name: 'instants with a space before the offset, and without seconds',
    ending: 'csv',
    first: 'a\n2024-05-06 10:00 +02:00\n2024-05-06T10:00Z\n',
    rows: [{ a: '2024-05-06 08:00:00+00' }, { a: '2024-05-06 10:00:00+00' }],
  },
  {
    name: 'a missing value keeps its promise where rows may be rejected',
    ending: 'csv',
    options: { onMismatch: 'reject' },
    first: 'a,b,c\n1.5,2024-05-06,x\n',
    next: 'a,b,c\n,,y\nbad,2024-05-06,z\n',
    rows: [{ a: null, b: null, c: 'y' }],
  },
  {
    name: 'spaces before a quote, and the quote, are of the value',
    ending: 'csv',
    first: 'a,b\n1, "x"\n',
    rows: [{ a: '1', b: ' "x"' }],
  },
  {
    name: 'names alone in single quotes',
    ending: 'csv',
    first: "'a';'b'\n1;2\n",
    rows: [{ a: '1', b: '2' }],
  },
  {
    name: 'one line that ends otherwise, far down',
    ending: 'csv',
    first: `a,b\r\n${'1,x\r\n'.repeat(100_000)}2,y\r3,z\r\n`,
    next: 'a,b\r\n2,y\r3,z\r\n',
    rows: [
      { a: '2', b: 'y' },
      { a: '3', b: 'z' },
    ],
  },
  {
    name: 'no rounding within an object',
    ending: 'json',
    first: '{"x":{"z":1}}\n',
    next: '{"x":{"z":10.5}}\n',
    fails: /10\.5.*column "x"/u,
  },
  {
    name: 'no truth value becomes a number within a list',
    ending: 'json',
    first: '{"x":[1,2]}\n',
    next: '{"x":[true]}\n',
    fails: /column "x"/u,
  },
  {
    name: 'no offset is lost within an object',
    ending: 'json',
    first: '{"x":{"z":"2024-05-06 10:00:00"}}\n',
    next: '{"x":{"z":"2024-05-06 10:00:00+02:00"}}\n',
    fails: /column "x"/u,
  },
  {
    name: 'what is missing within an object or a list is missing',
    ending: 'json',
    first: '{"x":{"z":1,"l":[{"k":true}]}}\n',
    next: '{"x":{"l":[null,{"k":null},{"k":false}]}}\n{"x":{"z":null,"l":[]}}\n{"x":null}\n',
    rows: [{ x: { z: null, l: [null, { k: null }, { k: false }] } }, { x: { z: null, l: [] } }, { x: null }],
  },
  {
    name: 'a new key within an object is told',
    ending: 'json',
    first: '{"x":[{"z":1}]}\n',
    next: '{"x":[{"z":1,"new":2}]}\n',
    rows: [{ x: [{ z: '1' }] }],
    warns: /"x\.new"/u,
  },
  {
    name: 'digits that no DOUBLE holds, by themselves and within an object',
    ending: 'json',
    first: '{"x":0.12345678901234567890123,"y":{"k":1234567890.123456789,"t":"1.50 \\"2.5"}}\n',
    rows: [{ x: '0.12345678901234567890123', y: { k: '1234567890.123456789', t: '1.50 "2.5' } }],
  },
  {
    name: 'a point makes no whole number',
    ending: 'json',
    first: '[{"n": 1.0}, {"n": 2}]',
    rows: [{ n: 1 }, { n: 2 }],
  },
];

void describe('files that were read wrongly', () => {
  let days: Days;
  before(async () => {
    days = await openDays();
  });
  after(() => days.remove());

  type Given = {
    readonly options?: FileOptions | undefined;
    readonly ending: string;
    readonly first: string | Uint8Array;
    readonly beside?: string | undefined;
    readonly next?: string | Uint8Array | undefined;
  };
  async function run({ first, beside, next, ending, options = {} }: Given): Promise<Run> {
    await days.put(Buffer.from(first), ending);
    if (beside !== undefined) await days.putBeside(Buffer.from(beside));
    const found = await days.look(options);
    assert.ok(found.ok, JSON.stringify(found));
    const { columns: schema, format, compression, checked } = found;
    const files = ['in/0-0', ...(beside === undefined ? [] : ['in/0-1'])].map((uri) => ({
      uri,
      name: `d.${ending}`,
    }));
    const dataset: Dataset = {
      name: 'd',
      format,
      compression,
      files,
      schema,
      checked,
      options: found.options,
    };
    if (next !== undefined) await days.put(Buffer.from(next), ending);
    return days.run(dataset);
  }

  for (const each of kept)
    void it(each.name, async () => {
      const came = await run(each);
      if (each.fails !== undefined)
        return assert.match(came.failure?.message ?? JSON.stringify(came), each.fails);
      assert.equal(came.failure, null, came.failure?.message);
      assert.deepEqual(came.rows, each.rows);
      if (each.warns !== undefined) assert.match(came.warnings.join('\n'), each.warns);
    });

  void it('a number of Parquet widens by its values, which are no texts', async () => {
    const how = {
      format: 'parquet',
      delimiter: ',',
      lineEnd: '\n',
      quotes: false,
      encoding: 'utf-8',
      header: true,
    } as const;
    const write = (kind: 'number' | 'whole', value: string) =>
      writeTable({ columns: [{ name: 'n', kind }], rows: [[value], [null]] }, how);
    const came = await run({
      ending: 'parquet',
      first: await write('number', '1.50'),
      next: await write('whole', '10000000000000000'),
      options: { onMismatch: 'adapt' },
    });
    assert.equal(came.failure, null, came.failure?.message);
    assert.deepEqual(came.rows, [{ n: 1e16 }, { n: null }]);
    assert.match(came.warnings.join(' '), /"n".*went from DECIMAL\(18,2\) to DOUBLE/u);
  });
});
