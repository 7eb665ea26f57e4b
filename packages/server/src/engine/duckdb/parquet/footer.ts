// Pure: what a Parquet file's footer says of its columns: where each one's pages begin, how they are packed, and how many values they have.
import { isStruct, Malformed, ThriftReader } from './thrift-compact.ts';

/** A column's part of a row group. */
export interface Chunk {
  /** Where its first page begins, as the engine finds it. */
  start: number;
  codec: number;
  values: number;
  /** Rows of its group. */
  rows: number;
}

/** `repeated`: a row may have any number of values, as a list has. */
interface Leaf {
  repeated: boolean;
}

interface SchemaElement {
  repetition: number;
  children: number;
}

const noStart = -1;

/** Every chunk of the file; throws `Malformed` or `Truncated` where the footer is none or contradicts itself. */
export function readFooter(bytes: Uint8Array): Chunk[] {
  const reader = new ThriftReader(bytes);
  const elements: SchemaElement[] = [];
  const groups: { chunks: Chunk[]; rows: number }[] = [];
  reader.struct((id, type) => {
    if (id === 8) throw new Malformed('it is encrypted');
    if (id === 2) reader.structs(type, () => elements.push(readElement(reader)));
    else if (id === 4) reader.structs(type, () => groups.push(readGroup(reader)));
    else return false;
    return true;
  });
  const leaves = findLeaves(elements);
  return groups.flatMap(({ chunks, rows }) => judgeGroup(chunks, rows, leaves));
}

function judgeGroup(chunks: Chunk[], rows: number, leaves: readonly Leaf[]): Chunk[] {
  if (rows < 0) throw new Malformed('a row group has fewer rows than none');
  if (chunks.length !== leaves.length) throw new Malformed('a row group has other columns than the file');
  return chunks.map((chunk, index) => {
    // A row of a list has one value at least, if only the mark that the list is empty.
    const fits = leaves[index]?.repeated === true ? chunk.values >= rows : chunk.values === rows;
    if (!fits) throw new Malformed(`a column has ${chunk.values} values in a group of ${rows} rows`);
    if (chunk.start < 4) throw new Malformed('a column begins before the file does');
    return { ...chunk, rows };
  });
}

function readElement(reader: ThriftReader): SchemaElement {
  const element = { repetition: 0, children: 0 };
  reader.struct((id, type) => {
    const value = id === 3 || id === 5 ? reader.i32(type) : null;
    if (value === null) return false;
    element[id === 3 ? 'repetition' : 'children'] = value;
    return true;
  });
  return element;
}

/** The columns that hold values, in the file's order: the tree is written from its root, each node before its children. */
function findLeaves(elements: readonly SchemaElement[]): Leaf[] {
  const leaves: Leaf[] = [];
  // How many children are still to come at each open node, and whether anything above repeats.
  const open: { left: number; repeated: boolean }[] = [];
  for (const [index, { repetition, children }] of elements.entries()) {
    const above = open.at(-1);
    if (index > 0 && above === undefined) throw new Malformed('its schema has more than one root');
    const repeated = above?.repeated === true || (index > 0 && repetition === 2);
    if (above !== undefined) above.left -= 1;
    if (children > 0) open.push({ left: children, repeated });
    else if (index > 0) leaves.push({ repeated });
    while (open.at(-1)?.left === 0) open.pop();
  }
  if (open.length > 0) throw new Malformed('its schema ends too early');
  return leaves;
}

function readGroup(reader: ThriftReader): { chunks: Chunk[]; rows: number } {
  const chunks: Chunk[] = [];
  let rows = 0;
  reader.struct((id, type) => {
    if (id === 1) {
      reader.structs(type, () => chunks.push(readChunk(reader)));
      return true;
    }
    const value = id === 3 ? reader.i64(type) : null;
    rows = value ?? rows;
    return value !== null;
  });
  return { chunks, rows };
}

function readChunk(reader: ThriftReader): Chunk {
  let chunk: Chunk | null = null;
  reader.struct((id, type) => {
    if (id !== 3 || !isStruct(type)) return false;
    chunk = readColumn(reader);
    return true;
  });
  if (chunk === null) throw new Malformed('a column does not say where it is');
  return chunk;
}

function readColumn(reader: ThriftReader): Chunk {
  const found = new Map<number, number>();
  reader.struct((id, type) => {
    const value = id === 4 ? reader.i32(type) : [5, 9, 11].includes(id) ? reader.i64(type) : null;
    if (value !== null) found.set(id, value);
    return value !== null;
  });
  // Some writers say 0 where there is no dictionary.
  const dictionary = found.get(11) ?? noStart;
  const start = dictionary >= 4 ? dictionary : (found.get(9) ?? noStart);
  return { start, codec: found.get(4) ?? 0, values: found.get(5) ?? 0, rows: 0 };
}
