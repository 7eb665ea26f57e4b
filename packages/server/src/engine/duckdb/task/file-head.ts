// The first bytes of a file: how it is compressed and what kind of text or table it looks like.
import { open } from 'node:fs/promises';
import type { Compression, Format } from '../../dataset.ts';
import { findEncoding } from '../look/encoding.ts';
import { parseJson } from '../look/json-value.ts';
import { findForeignKind } from '../look/magic.ts';
import { readHeadBytes } from '../look/text-file.ts';

export interface Head {
  compression: Compression;
  isParquet: boolean;
  /** What it is instead, by its first bytes, and the way out. */
  foreign: { what: string; way: string } | null;
  /** The beginning, unpacked and decoded, without a byte order mark. */
  text: string;
}

/** Reads the beginning of a file; throws where it can't be opened or unpacked. */
export async function readHead(path: string, encoding?: string): Promise<Head> {
  const magic = await readMagic(path);
  const compression = compressionOf(magic);
  const bytes = await readHeadBytes({ path, compression });
  const isParquet = magic.toString('latin1') === 'PAR1';
  return {
    compression,
    isParquet,
    foreign: isParquet ? null : findForeignKind(bytes),
    text: new TextDecoder(findEncoding(bytes, encoding)).decode(bytes).replaceAll('\0', ''),
  };
}

/** What is wrong where a file is not packed as its dataset says; null where it is. */
export async function findOtherPacking(path: string, compression: Compression): Promise<string | null> {
  if (compression === 'none') return null;
  const magic = await readMagic(path);
  return magic.length === 0 || compressionOf(magic) === compression
    ? null
    : `it is not compressed with ${compression}, as the dataset says`;
}

async function readMagic(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function compressionOf(magic: Buffer): Compression {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
  return magic.length === 4 && magic.readUInt32LE() === 0xfd2fb528 ? 'zstd' : 'none';
}

/** What the content is; the name decides only where both would do. */
export function detectFormat(head: Head, name: string): Format {
  if (head.isParquet) return 'parquet';
  const start = head.text.trimStart();
  const [line = ''] = start.split('\n');
  if (start.startsWith('{')) return isJson(line) ? 'ndjson' : 'json';
  if (start.startsWith('[') && !/\.(csv|tsv|tab)(\.|$)/i.test(name) && looksLikeJson(start))
    return formOfLists(start, line);
  if (start.startsWith('[') && /^\[\s*[{\]]/.test(start)) return 'json';
  if (/\.(ndjson|jsonl)(\.|$)/i.test(name)) return 'ndjson';
  if (/\.json(\.|$)/i.test(name)) return isJson(line) && start.trim().includes('\n') ? 'ndjson' : 'json';
  return /\.tsv(\.|$)/i.test(name) ? 'tsv' : 'csv';
}

/** A list whose first element is JSON, as far as it can be seen: a CSV may begin with `[` too. */
const looksLikeJson = (text: string): boolean =>
  /^\[\s*(?:[[{\]"]|-?\d|true\b|false\b|null\b|NaN\b)/.test(text);

/** One list of rows; or a list on each line. */
const formOfLists = (start: string, line: string): Format =>
  isJson(line) && /^\s*\[/.test(start.slice(line.length)) ? 'ndjson' : 'json';

function isJson(line: string): boolean {
  try {
    parseJson(line);
    return true;
  } catch {
    return false;
  }
}
