// The first bytes of a file: how it is compressed and what kind of text or table it looks like.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression, Format } from '../../dataset.ts';

const headBytes = 256 * 1024;

export interface Head {
  compression: Compression;
  isParquet: boolean;
  /** Begins with UTF-16's byte order mark. */
  isUtf16: boolean;
  /** The beginning, unpacked, without a byte order mark; zero bytes of UTF-16 are dropped. */
  text: string;
}

/** Reads the beginning of a file; throws where it can't be opened or unpacked. */
export async function readHead(path: string): Promise<Head> {
  const magic = await readMagic(path);
  const compression = compressionOf(magic);
  const bytes = await readUnpacked(path, compression);
  const text = bytes
    .toString('utf8')
    .replaceAll('\0', '')
    .replace(/^(\uFEFF|\uFFFD\uFFFD)/, '');
  const isUtf16 = ['fffe', 'feff'].includes(bytes.subarray(0, 2).toString('hex'));
  return { compression, isParquet: magic.toString('latin1') === 'PAR1', isUtf16, text };
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

async function readUnpacked(path: string, compression: Compression): Promise<Buffer> {
  const file = createReadStream(path, { end: 4 * headBytes });
  const unpack = { none: () => null, gzip: createGunzip, zstd: createZstdDecompress }[compression]();
  const stream = unpack === null ? file : file.pipe(unpack);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= headBytes) break;
    }
  } catch (error) {
    // Cut after what we wanted of it, a packed stream ends too early: that says nothing about the file.
    if (size === 0) throw error;
  } finally {
    file.destroy();
  }
  return Buffer.concat(chunks).subarray(0, headBytes);
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
