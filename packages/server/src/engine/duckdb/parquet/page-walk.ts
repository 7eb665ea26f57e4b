// Whether a Parquet file's pages are what their headers say: DuckDB believes sizes that contradict each other, and writes past its memory.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { readFooter, type Chunk } from './footer.ts';
import { findPageFault, readPageHeader, type PageHeader } from './page-header.ts';
import { Malformed, Truncated } from './thrift-compact.ts';

/** A footer of more is read by nobody; a million columns and row groups take 100 MB. */
const longestFooter = 256 * 2 ** 20;
/** A header takes some 30 bytes, but may carry a column's longest values. */
const headerReads = [512, 64 * 1024, 16 * 2 ** 20];
/** About 15 s at 7 µs each; with pages of 1 MiB, the usual size, a file of 2 TB. */
const maxPages = 2_000_000;
const magic = 'PAR1';

/** Walks every page as the engine would; null where all fits, otherwise what is wrong, as the end of a sentence. */
export async function findPageDamage(path: string): Promise<string | null> {
  const file = openSync(path, 'r');
  try {
    await walk(file, fstatSync(file).size);
    return null;
  } catch (error) {
    if (error instanceof Truncated) return contradiction('a header has no end');
    if (error instanceof Malformed) return contradiction(error.message);
    throw error;
  } finally {
    closeSync(file);
  }
}

const contradiction = (what: string): string => `it contradicts itself: ${what}`;

async function walk(file: number, size: number): Promise<void> {
  const tail = read(file, size - 8, 8);
  // What is no Parquet file, or is encrypted as a whole, the engine refuses in its own words.
  if (tail.subarray(4).toString('latin1') !== magic) return;
  const length = tail.readUInt32LE(0);
  if (length > longestFooter) throw new Malformed('its footer is larger than 256 MiB');
  const end = size - 8 - length;
  if (end < magic.length) throw new Malformed('its footer is larger than the file');
  let pages = 0;
  for (const chunk of readFooter(read(file, end, length))) {
    pages += walkChunk(file, chunk, { end, max: maxPages - pages });
    // A parent that is gone or wants an end is heard between columns.
    await setImmediate();
  }
}

function walkChunk(file: number, chunk: Chunk, { end, max }: { end: number; max: number }): number {
  let at = chunk.start;
  let values = 0;
  let pages = 0;
  while (values < chunk.values) {
    if (pages >= max) throw new Malformed(`it has more than ${maxPages} pages: write it with larger ones`);
    const page = readHeaderAt(file, at, end);
    const fault = findPageFault(page, chunk.codec);
    if (fault !== null) throw new Malformed(`the page at byte ${at} ${fault}`);
    at += page.length + page.compressed;
    if (at > end) throw new Malformed(`the page before byte ${at} reaches into the footer`);
    values += page.values;
    pages += 1;
  }
  if (values > chunk.values)
    throw new Malformed(`the pages before byte ${at} have more values than their column`);
  return pages;
}

function readHeaderAt(file: number, at: number, end: number): PageHeader {
  for (const [index, max] of headerReads.entries()) {
    const bytes = read(file, at, Math.min(max, end - at));
    try {
      return readPageHeader(bytes);
    } catch (error) {
      if (!(error instanceof Truncated) || bytes.length < max || index === headerReads.length - 1)
        throw error;
    }
  }
  throw new Truncated();
}

function read(file: number, at: number, length: number): Buffer {
  if (at < 0 || length <= 0) return Buffer.alloc(0);
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, at));
}
