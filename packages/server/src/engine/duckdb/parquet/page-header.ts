// Pure: a Parquet page's header, and whether its sizes can be true.
import { isStruct, readTruth, ThriftReader } from './thrift-compact.ts';

export interface PageHeader {
  /** 0 data, 1 index, 2 dictionary, 3 data of version 2. */
  type: number;
  uncompressed: number;
  compressed: number;
  /** Values of a page of data. */
  values: number;
  /** Bytes of both kinds of levels, which stand before the values unpacked; version 2 alone. */
  levels: readonly number[];
  isCompressed: boolean;
  /** The header's own length. */
  length: number;
}

/** What the header says of a page of data: of version 1 only the values. */
type Body = Pick<PageHeader, 'values' | 'levels' | 'isCompressed'>;

const noBody: Body = { values: -1, levels: [], isCompressed: true };

/** Reads the header at the beginning of the bytes; throws `Truncated` or `Malformed`. */
export function readPageHeader(bytes: Uint8Array): PageHeader {
  const reader = new ThriftReader(bytes);
  const found = new Map<number, number>();
  const bodies = { 0: noBody, 3: noBody };
  reader.struct((id, type) => {
    if (isStruct(type) && (id === 5 || id === 8)) {
      const body = readBody(reader);
      if (id === 8) bodies[3] = body;
      else bodies[0] = { ...noBody, values: body.values };
      return true;
    }
    const value = id <= 3 ? reader.i32(type) : null;
    if (value !== null) found.set(id, value);
    return value !== null;
  });
  const [type, uncompressed, compressed] = [1, 2, 3].map((id) => found.get(id) ?? -1) as [
    number,
    number,
    number,
  ];
  // A page of no data has no values.
  const body = type === 0 || type === 3 ? bodies[type] : { ...noBody, values: 0 };
  return { type, uncompressed, compressed, ...body, length: reader.at };
}

/** Both kinds of data begin with the count of values. */
function readBody(reader: ThriftReader): Body {
  const found = new Map<number, number>();
  let isCompressed = true;
  reader.struct((id, type) => {
    const truth = id === 7 ? readTruth(type) : null;
    isCompressed = truth ?? isCompressed;
    const value = [1, 5, 6].includes(id) ? reader.i32(type) : null;
    if (value !== null) found.set(id, value);
    return value !== null || truth !== null;
  });
  return { values: found.get(1) ?? -1, levels: [found.get(5) ?? 0, found.get(6) ?? 0], isCompressed };
}

const uncompressedCodec = 0;

/** What can't be true of a page, as the end of a sentence about it; null where all fits. */
export function findPageFault(page: PageHeader, codec: number): string | null {
  const { type, uncompressed, compressed, values, levels, isCompressed } = page;
  if (type < 0 || type > 3) return `is of the unknown kind ${type}`;
  if (uncompressed < 0 || compressed < 0) return 'has a size below zero';
  if (values < 0) return 'has fewer values than none';
  if (levels.some((bytes) => bytes < 0)) return 'has levels of a size below zero';
  const together = levels.reduce((sum, bytes) => sum + bytes, 0);
  if (together > Math.min(uncompressed, compressed)) return 'is shorter than its levels';
  const plain = codec === uncompressedCodec || !isCompressed;
  if (plain && uncompressed !== compressed)
    return `is not compressed and has ${uncompressed} bytes by one count and ${compressed} by the other`;
  return null;
}
