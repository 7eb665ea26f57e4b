// Parquet files made by hand, one BIGINT column and one page: what their headers say is the caller's to choose.
export type Field = readonly [
  id: number,
  value: number | bigint | boolean | string | Thrift | readonly Thrift[] | Numbers | Texts,
];
export type Thrift = readonly Field[];
interface Numbers {
  readonly numbers: readonly number[];
}
interface Texts {
  readonly texts: readonly string[];
}

function varint(value: number): number[] {
  const bytes = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return [...bytes, left];
}
const zigzag = (value: number): number[] => varint(value < 0 ? -2 * value - 1 : 2 * value);
const text = (value: string): number[] => [...varint(Buffer.byteLength(value)), ...Buffer.from(value)];

/** A struct in Thrift's compact protocol; a number is an i32, a bigint an i64. */
function struct(fields: Thrift): number[] {
  let before = 0;
  const bytes = fields.flatMap(([id, value]) => {
    const [type, body] = encode(value);
    const delta = id - before;
    before = id;
    return [...(delta > 0 && delta < 16 ? [(delta << 4) | type] : [type, ...zigzag(id)]), ...body];
  });
  return [...bytes, 0];
}

function encode(value: Field[1]): [type: number, body: number[]] {
  if (typeof value === 'boolean') return [value ? 1 : 2, []];
  if (typeof value === 'bigint') return [6, zigzag(Number(value))];
  if (typeof value === 'number') return [5, zigzag(value)];
  if (typeof value === 'string') return [8, text(value)];
  if ('texts' in value) return [9, [(value.texts.length << 4) | 8, ...value.texts.flatMap(text)]];
  if ('numbers' in value) return [9, [(value.numbers.length << 4) | 5, ...value.numbers.flatMap(zigzag)]];
  if (value.length > 0 && Array.isArray(value[0]) && Array.isArray(value[0][0]))
    return [9, [(value.length << 4) | 12, ...(value as readonly Thrift[]).flatMap(struct)]];
  return [12, struct(value as Thrift)];
}

export interface PageSaid {
  /** More fields of the page's header, behind its sizes. */
  more?: Thrift;
  /** 0 for a page of version 1, 3 for one of version 2. */
  type?: number;
  uncompressed?: number;
  compressed?: number;
  /** Of the page, of the column, of the row group and of the file. */
  values?: number;
  columnValues?: number;
  rows?: number;
  isCompressed?: boolean;
  definitionLevels?: number;
  repetitionLevels?: number;
  /** 0 none, 1 snappy, 2 gzip, 6 zstd. */
  codec?: number;
  /** Where the column says that its page begins. */
  start?: number;
  /** What stands there: two values of eight bytes unless given. */
  body?: Uint8Array;
}

/** A file that is well formed unless it is told otherwise: rows 1 and 2. */
export function makeParquet(said: PageSaid = {}): Buffer {
  const body = said.body ?? new Uint8Array(new BigInt64Array([1n, 2n]).buffer);
  const { uncompressed = 16, compressed = 16, type = 3, values = 2 } = said;
  const header = struct([
    [1, type],
    [2, uncompressed],
    [3, compressed],
    ...(said.more ?? []),
    type === 3 ? [8, bodyOfTwo(said, values)] : [5, [[1, values], [2, 0], [3, 3], [4, 3]]], // prettier-ignore
  ]);
  const start = Buffer.from('PAR1');
  const size = header.length + body.length;
  const footer = Buffer.from(struct(footerOf(said, values, size)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([start, Buffer.from(header), body, footer, length, Buffer.from('PAR1')]);
}

function bodyOfTwo(said: PageSaid, values: number): Thrift {
  return [
    [1, values],
    [2, 0],
    [3, values],
    [4, 0],
    [5, said.definitionLevels ?? 0],
    [6, said.repetitionLevels ?? 0],
    [7, said.isCompressed ?? false],
  ];
}

function footerOf(said: PageSaid, values: number, size: number): Thrift {
  const rows = BigInt(said.rows ?? values);
  const column: Thrift = [
    [1, 2],
    [2, { numbers: [0] }],
    [3, { texts: ['id'] }],
    [4, said.codec ?? 0],
    [5, BigInt(said.columnValues ?? values)],
    [6, BigInt(size)],
    [7, BigInt(size)],
    [9, BigInt(said.start ?? 4)],
  ];
  const schema: readonly Thrift[] = [
    [[4, 'schema'], [5, 1]], // prettier-ignore
    [[1, 2], [3, 0], [4, 'id']], // prettier-ignore
  ];
  return [
    [1, 2],
    [2, schema],
    [3, rows],
    [4, [[[1, [[[2, 4n], [3, column]]]], [2, BigInt(size)], [3, rows]]]], // prettier-ignore
    [6, 'by hand'],
  ];
}
