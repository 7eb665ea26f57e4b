// The first bytes of a file: how it is compressed and what kind of text or table it looks like.
import { open } from 'node:fs/promises';
import type { Compression, Format } from '../../dataset.ts';
import { findEncoding } from '../look/encoding.ts';
import { findForeignKind } from '../look/magic.ts';
import { readHeadBytes } from '../look/text-file.ts';

/** Rows that types are found from: far enough to see most surprises, still about 0.1 s. */
export const sampleRows = 100_000;

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

/** What the content is; the name decides only between comma and tab where both would do. */
export function detectFormat(head: Head, name: string): Format {
  if (head.isParquet) return 'parquet';
  const start = head.text.trimStart();
  if (start.startsWith('[') && looksLikeJson(start)) return 'json';
  if (start.startsWith('{')) return isJson(start.split('\n')[0] ?? '') ? 'ndjson' : 'json';
  return /\.tsv(\.|$)/i.test(name) ? 'tsv' : 'csv';
}

/** A list of objects, or an empty list: a CSV may begin with `[` too. */
const looksLikeJson = (text: string): boolean => /^\[\s*[{\]]/.test(text);

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
