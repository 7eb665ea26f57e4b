// The beginning of a file that is too large to be sent with each change of an option: whole lines of a text.

/** What is sent whole. The server takes 16 MiB. */
const maxWhole = 4 * 2 ** 20;
const maxBeginning = 2 ** 20;
const lineFeed = 0x0a;
const quote = 0x22;

export interface Beginning {
  readonly file: File;
  readonly isCut: boolean;
}

/** Null for what can't be cut: packed, Parquet, one JSON value. */
export async function takeBeginning(file: File, encoding?: string): Promise<Beginning | null> {
  if (file.size <= maxWhole) return { file, isCut: false };
  const bytes = new Uint8Array(await file.slice(0, maxBeginning).arrayBuffer());
  if (!isLines(bytes)) return null;
  const end = findEnd(bytes, widthOf(bytes, encoding));
  if (end === 0) return null;
  return { file: new File([bytes.subarray(0, end)], file.name), isCut: true };
}

function isLines(bytes: Uint8Array): boolean {
  const magic = String.fromCodePoint(...bytes.subarray(0, 4));
  const isPacked = magic.startsWith('\u001F\u008B') || magic === '(\u00B5/\u00FD' || magic === 'PAR1';
  return !isPacked && bytes[0] !== '['.codePointAt(0);
}

/** Bytes of a character in UTF-16, by its mark or by what was told. */
function widthOf([first, second]: Uint8Array, encoding = ''): 1 | 2 {
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMarked || encoding.toLowerCase().startsWith('utf-16') ? 2 : 1;
}

/** Behind the last line that ends outside of quotes; behind the last one where quotes are not kept in pairs. */
export function findEnd(bytes: Uint8Array, width: 1 | 2): number {
  let last = 0;
  let lastOutside = 0;
  let isQuoted = false;
  for (const [at, byte] of bytes.entries()) {
    if (byte === quote) isQuoted = !isQuoted;
    if (byte !== lineFeed) continue;
    last = at + 1;
    if (!isQuoted) lastOutside = at + 1;
  }
  const end = lastOutside > bytes.length / 2 ? lastOutside : last;
  return width === 1 ? end : end + (end % 2);
}
