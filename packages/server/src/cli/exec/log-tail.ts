// Pure: the end of a command's output as text that is safe to store and to show.

/** Characters that the API takes. */
export const longestTail = 65_536;
/** Bytes that are kept: sequences that are taken out, and characters of several bytes, leave enough. */
const keptBytes = 2 * longestTail;

export interface LogTail {
  add(chunk: Buffer): void;
  /** What was added last, at most `longestTail` characters. */
  read(): string;
}

export function createLogTail(): LogTail {
  let chunks: Buffer[] = [];
  let length = 0;
  let isCut = false;
  return {
    add(chunk) {
      chunks.push(chunk);
      length += chunk.length;
      while (length - chunks[0]!.length >= keptBytes) {
        length -= chunks.shift()!.length;
        isCut = true;
      }
    },
    read() {
      const all = Buffer.concat(chunks);
      chunks = [all];
      return cleanLog(all.subarray(-keptBytes), isCut || all.length > keptBytes);
    },
  };
}

// Colours, movements of the cursor, titles of the window (ECMA-48: CSI, OSC, and other two-character sequences).
const sequences =
  // oxlint-disable-next-line no-control-regex
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[PX^_][^\u001B]*(?:\u001B\\)?|[ -/]*[0-~])/gu;
const controls = /(?![\n\t])\p{Cc}|[\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** Takes out what a terminal would obey; of a line that was written over with a carriage return, what was left to see. */
export function cleanLog(bytes: Buffer, isCut: boolean): string {
  const text = bytes
    .toString('utf8')
    .replaceAll(sequences, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\n]*\r(?=[^\n])/gu, '')
    .replaceAll('\r', '')
    .replaceAll(controls, '');
  const tail = text.slice(-longestTail).toWellFormed();
  const isShort = isCut || text.length > longestTail;
  // The first line of a cut text is a piece of one; a single line that fills all of it stays.
  const first = tail.indexOf('\n');
  return isShort && first !== -1 && first < tail.length - 1 ? tail.slice(first + 1) : tail;
}
