// Pure: why a short request was not answered, in words.
import type { Failure } from '../../failure.ts';
import type { Request } from '../protocol.ts';

export const canceled: Failure = { reason: 'canceled', message: 'The request was canceled.', hint: null };
export const closing: Failure = {
  reason: 'canceled',
  message: 'The server is stopping.',
  hint: 'Ask again in a moment.',
};
export const busy: Failure = {
  reason: 'busy',
  message: 'Too many checks and previews are waiting already.',
  hint: 'Ask again when some of them are answered.',
};

export const tooSlow = (kind: Request['kind'], timeMs: number): Failure => ({
  reason: 'time_limit',
  message: `This took longer than ${timeMs / 1000} s and was ended.`,
  hint:
    kind === 'check'
      ? 'A check reads no rows: look for an expression of constants that computes something large.'
      : 'Run a job: it may take longer; or read fewer rows.',
});

export const notStarted = (error: unknown): Failure => ({
  reason: 'crashed',
  message: `The engine could not be started: ${error instanceof Error ? error.message : String(error)}.`,
  hint: 'Ask again; if it fails in the same way, tell an administrator.',
});
