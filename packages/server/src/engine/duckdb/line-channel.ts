// Lines of JSON over a socket between the server and a child. Node's own channel has no bounds, and takes commands of its own.
import type { Duplex } from 'node:stream';

/** The descriptor that the child has it on. */
export const channelDescriptor = 3;

export interface LineBounds {
  /** Of one line. */
  readonly maxBytes: number;
  /** At once, and a second from then on. */
  readonly burst: number;
  readonly perSecond: number;
}

export interface LineReader {
  onLine(line: string): void;
  /** It went beyond a bound, and nothing more of it is read. */
  onBreach(why: string): void;
}

export function writeLine(channel: Duplex, message: unknown): void {
  if (channel.writable) channel.write(`${JSON.stringify(message)}\n`);
}

/** Reads lines until the channel ends, or a bound is passed. `now` is a clock that never jumps, milliseconds. */
export function readLines(channel: Duplex, bounds: LineBounds, reader: LineReader, now: () => number): void {
  let parts: Buffer[] = [];
  let bytes = 0;
  const isTooMany = createRate(bounds, now);
  const stop = (why: string) => {
    channel.off('data', take).resume();
    parts = [];
    reader.onBreach(why);
  };
  function take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      if (bytes + end > bounds.maxBytes) return stop(`a message of more than ${bounds.maxBytes} bytes`);
      if (isTooMany()) return stop('more messages than there is anything to say');
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString();
      [parts, bytes] = [[], 0];
      rest = rest.subarray(end + 1);
      reader.onLine(line);
    }
    if (rest.length === 0) return;
    parts.push(rest);
    bytes += rest.length;
    if (bytes > bounds.maxBytes) stop(`a message of more than ${bounds.maxBytes} bytes`);
  }
  channel.on('data', take);
}

/** A bucket of `burst` that fills again by `perSecond`. */
function createRate({ burst, perSecond }: LineBounds, now: () => number): () => boolean {
  let left = burst;
  let filledAt = now();
  return () => {
    const at = now();
    left = Math.min(burst, left + ((at - filledAt) / 1000) * perSecond) - 1;
    filledAt = at;
    return left < 0;
  };
}
