// The log: JSON lines, one canonical line for each request, job and attempt.
import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Never in the log, wherever a caller may have put them. */
const secretPaths = [
  'password',
  'token',
  'secretKey',
  'secrets',
  'authorization',
  'cookie',
  '*.password',
  '*.secretKey',
  '*.secrets',
  '*.token',
];

/** Makes the log; `level` is one of pino's. It writes to standard output, what waits together at once, unless a stream is given. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: '***' },
  };
  return pino(options, destination ?? openStandardOutput());
}

/** What can't be written, as on a full disk, waits in memory up to this, and is written once it can be; more is dropped. */
const maxWaitingBytes = 8 * 1024 * 1024;
let dropped = 0;

function openStandardOutput() {
  const output = pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: maxWaitingBytes });
  const flush = output.flushSync.bind(output);
  let isFull = false;
  // Without a listener a full disk under the log would end the process. The next line tries again.
  output.on('error', () => (isFull = true)).on('write', () => (isFull = false));
  // At the end of the process it would try for ever.
  output.flushSync = () => isFull || flush();
  // A line that is dropped tries nothing by itself: without this, no line would ever come again.
  output.on('drop', () => {
    dropped += 1;
    output.flush();
  });
  return output;
}

/** Lines that could not be written. */
export function countDroppedLines(): number {
  return dropped;
}

/** For canonical lines, whose fields are named one by one: looking for secrets would cost 10 µs a line. */
export function createLineLog(log: Log): Log {
  return log.child({}, { redact: [] });
}
