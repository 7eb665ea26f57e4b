// In which encoding a text is: told by a person, by its mark, or by what its first bytes can't be otherwise.

/** Older names of options, and what the Encoding standard calls them. */
const synonyms: Readonly<Record<string, string>> = {
  'latin-1': 'windows-1252',
  latin1: 'windows-1252',
  'utf-16': 'utf-16le',
};

/** The standard's own name of an encoding that can be decoded; null for any other text. */
function nameEncoding(label: string): string | null {
  const given = label.trim().toLowerCase();
  try {
    const { encoding } = new TextDecoder(synonyms[given] ?? given, { fatal: true });
    return encoding === 'x-user-defined' || encoding === 'replacement' ? null : encoding;
  } catch {
    return null;
  }
}

/** Bytes of a byte order mark, and what it says. */
export function readMark(bytes: Uint8Array): { encoding: string; length: number } | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return null;
}

/**
 * The encoding of a file of which these are the first bytes. A mark is believed before a person, who says `utf-16` of
 * both its kinds. Without either it is UTF-8, or UTF-16 where every second byte is zero.
 */
export function findEncoding(bytes: Uint8Array, told: string | undefined): string {
  const named = told === undefined ? null : nameEncoding(told);
  const marked = readMark(bytes)?.encoding ?? null;
  if (marked !== null && (named === null || named.startsWith('utf-'))) return marked;
  return named ?? guessWide(bytes) ?? 'utf-8';
}

/** Latin letters in UTF-16 have a zero byte each. */
function guessWide(bytes: Uint8Array): string | null {
  const seen = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [at, byte] of seen.entries()) if (byte === 0) zeros[at % 2]! += 1;
  const [even = 0, odd = 0] = zeros;
  const half = seen.length / 2;
  if (half < 4) return null;
  if (odd > half * 0.4 && even < half * 0.05) return 'utf-16le';
  return even > half * 0.4 && odd < half * 0.05 ? 'utf-16be' : null;
}

export class NotInEncoding extends Error {
  readonly encoding: string;

  constructor(encoding: string) {
    super(`its text is not in the encoding ${encoding}`);
    this.encoding = encoding;
  }
}

/** Decodes a stream; throws `NotInEncoding`. A mark at the beginning is left out. */
export async function* decode(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const turn = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw new NotInEncoding(encoding);
    }
  };
  for await (const chunk of chunks) yield turn(chunk);
  yield turn();
}
