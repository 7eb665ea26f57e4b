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
  return pino(options, destination ?? pino.destination({ dest: 1, sync: false }));
}

/** For canonical lines, whose fields are named one by one: looking for secrets would cost 10 µs a line. */
export function createLineLog(log: Log): Log {
  return log.child({}, { redact: [] });
}
