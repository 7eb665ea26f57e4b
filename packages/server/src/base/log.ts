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

/** Makes the log; `level` is one of pino's. It writes to standard output unless a stream is given. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: '***' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
