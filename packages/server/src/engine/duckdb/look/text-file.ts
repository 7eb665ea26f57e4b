// A text file as pieces of text: unpacked and decoded on the way, its first bytes looked at once.
import type { Compression } from '../../dataset.ts';
import { decode, findEncoding, NotInEncoding, readMark } from './encoding.ts';
import { encodingHint, LookFault } from './fault.ts';
import { readUnpacked } from './unpacked.ts';

/** What the dialect is found in. */
const headBytes = 256 * 1024;

export interface TextFile {
  path: string;
  compression: Compression;
  /** Told by a person. */
  encoding?: string | undefined;
}

/** The first bytes, unpacked. */
export async function readHeadBytes({ path, compression }: TextFile): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readUnpacked(path, compression)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= headBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, headBytes);
}

/** The text in pieces, without a byte order mark and without zeros. Throws `LookFault` where it is in another encoding. */
export async function* readText(file: TextFile, head: Uint8Array): AsyncGenerator<string> {
  const encoding = findEncoding(head, file.encoding);
  try {
    for await (const piece of decode(readUnpacked(file.path, file.compression), encoding))
      if (piece !== '') yield piece.includes('\0') ? piece.replaceAll('\0', '') : piece;
  } catch (error) {
    if (!(error instanceof NotInEncoding)) throw error;
    throw new LookFault(describeTries(head, file.encoding, encoding), encodingHint);
  }
}

function describeTries(head: Uint8Array, told: string | undefined, encoding: string): string {
  if (told !== undefined) return `its text is not in the encoding ${encoding} that was given for it`;
  const mark = readMark(head);
  if (mark !== null) return `its text is not in the encoding ${encoding}, though its byte order mark says so`;
  return `its text is in no encoding that was tried: it has no byte order mark, and it is neither UTF-8 nor UTF-16`;
}

/** The beginning of a text as one piece, and all of it. */
export interface OpenText {
  start: string;
  /** Nothing follows. */
  isWhole: boolean;
  /** The beginning first, as far as nobody takes it twice. */
  pieces: AsyncGenerator<string>;
}

export async function openText(file: TextFile, head: Uint8Array): Promise<OpenText> {
  const source = readText(file, head);
  let start = '';
  let isWhole = false;
  while (start.length < headBytes && !isWhole) {
    const { value, done } = await source.next();
    if (done === true) isWhole = true;
    else start += value;
  }
  async function* pieces(): AsyncGenerator<string> {
    try {
      yield start;
      if (!isWhole) yield* source;
    } finally {
      await source.return(undefined);
    }
  }
  return { start, isWhole, pieces: pieces() };
}
