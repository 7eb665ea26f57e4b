// An uploaded file on its way to the disk: streamed, synced, and in its place only when it is whole.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../base/error.ts';
import { syncPath } from '../../base/sync-path.ts';

/** A whole file that is not yet in its place: keep it or drop it. */
export interface ReceivedFile {
  /** The name of its folder, random. */
  readonly key: string;
  readonly fileName: string;
  readonly path: string;
  readonly bytes: number;
}

/** The folder below the uploads that holds what is still arriving. */
export const incomingName = '.incoming';

/** Writes the stream to the disk at flat memory. Whatever goes wrong, nothing is left. */
export async function receiveFile(
  uploadsDir: string,
  fileName: string,
  source: Readable,
  limitBytes: number,
): Promise<ReceivedFile> {
  const key = randomUUID();
  const folder = join(uploadsDir, incomingName, key);
  const path = join(folder, cleanFileName(fileName));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    // Whole and durable before anything says so: `flush` syncs before the file is closed. Read-only, as an engine gets it.
    const target = createWriteStream(path, { flags: 'wx', mode: 0o400, flush: true });
    await pipeline(source, stopAt(limitBytes), target);
    if (target.bytesWritten === 0) throw unreadable('The file is empty: choose one that has rows.');
    return { key, fileName: basename(path), path, bytes: target.bytesWritten };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw isNoSpace(error) ? noSpace() : error;
  }
}

function stopAt(limitBytes: number) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > limitBytes)
        throw new Problem(
          'too_large',
          `The file is larger than ${limitBytes} bytes: an administrator sets the limit.`,
        );
      yield chunk;
    }
  };
}

/** Puts the file into its place; gives the path it has there. */
export async function keepFile(uploadsDir: string, { key, fileName }: ReceivedFile): Promise<string> {
  await rename(join(uploadsDir, incomingName, key), join(uploadsDir, key));
  await syncPath(uploadsDir);
  return join(uploadsDir, key, fileName);
}

export async function dropFile(uploadsDir: string, { key }: ReceivedFile): Promise<void> {
  for (const folder of [join(uploadsDir, incomingName, key), join(uploadsDir, key)])
    await rm(folder, { recursive: true, force: true });
}

/** Characters; one takes up to four bytes, a file name 255. */
const longestStem = 50;

/** A plain name of letters, digits, `.`, `_`, `-` and spaces that keeps its endings. */
export function cleanFileName(given: string): string {
  const last = given.split(/[/\\]/u).at(-1) ?? '';
  const plain = last.replaceAll(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^[.\s]+/u, '');
  const stem = stripEndings(plain);
  const ending = Array.from(plain.slice(stem.length)).slice(-20).join('');
  const short = Array.from(stem).slice(0, longestStem).join('');
  return `${short}${ending}` || 'file';
}

/** What a dataset is called after its file: the name without the endings that say format and compression. */
export function stripEndings(fileName: string): string {
  return fileName
    .replace(/\.(gz|gzip|zst|zstd)$/iu, '')
    .replace(/(?<=.)\.(csv|tsv|tab|txt|json|ndjson|jsonl|parquet|pqt|pq)$/iu, '');
}

function unreadable(detail: string): Problem {
  return new Problem('file_unreadable', detail, [{ field: 'file', detail }]);
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function noSpace(): Problem {
  return new Problem('unavailable', 'The disk of the server is full: tell an administrator.');
}
