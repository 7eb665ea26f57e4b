// Pure: the answer of a receiver: its status decides, and of its head and body a bounded part is kept.
import type { Outcome } from './outcome.ts';
import { isNotHttp, readCode } from './failure.ts';

/** Header names in lower case, as the receiver sent them; a list where one came several times. */
export type AnswerHeaders = Readonly<Record<string, string | string[]>>;

/** What came back. Of a body at most 1 MiB is read and 16 KiB kept, of its headers 16 KiB. */
export interface ReceivedResponse {
  readonly statusCode: number;
  readonly headers: AnswerHeaders;
  /** As it came: what is compressed stays so. */
  readonly body: Buffer;
  /** Bytes of the body that were read. */
  readonly bodyBytes: number;
  /** Why the body is not whole; null where it is. */
  readonly note: BodyNote | null;
}

/** Why a body is not whole; none of these changes the outcome. */
export const bodyNotes = {
  large: 'cut at 1 MiB',
  slow: 'cut at the time limit',
  closed: 'closed early',
  reset: 'connection reset',
  broken: 'broken transfer encoding',
  stopped: 'cut because the server stops',
} as const;
export type BodyNote = (typeof bodyNotes)[keyof typeof bodyNotes];

const keptBytes = 16 * 1024;
const maxBodyBytes = 1024 * 1024;
export const maxHeadBytes = 64 * 1024;
/** Chunk headers and their extensions are no body, but they are read all the same. */
export const maxAnswerBytes = maxHeadBytes + 2 * maxBodyBytes;

export interface Answer {
  readonly outcome: Outcome;
  /** Takes a piece of the body; false where it is one too many. */
  add(chunk: Buffer): boolean;
  show(note: BodyNote | null): ReceivedResponse;
}

export function startAnswer(statusCode: number, headers: AnswerHeaders): Answer {
  const kept: Buffer[] = [];
  let bodyBytes = 0;
  return {
    outcome: judgeStatus(statusCode, headers['location']),
    add(chunk) {
      // A copy: the chunk is a view into everything that was read at once.
      if (bodyBytes < keptBytes) kept.push(Buffer.from(chunk.subarray(0, keptBytes - bodyBytes)));
      bodyBytes += chunk.length;
      if (bodyBytes <= maxBodyBytes) return true;
      bodyBytes = maxBodyBytes;
      return false;
    },
    show(note) {
      const body = kept.length === 1 ? kept[0]! : Buffer.concat(kept);
      return { statusCode, headers: boundHeaders(headers), body, bodyBytes, note };
    },
  };
}

/** 3xx is a redirect, which is not followed; every other status is an answer. */
function judgeStatus(statusCode: number, location: string | string[] | undefined): Outcome {
  if (statusCode < 300 || statusCode > 399) return { kind: 'response', statusCode };
  const detail = `The receiver redirects${showLocation(location)}; redirects are not followed. Give the task the final URL.`;
  return { kind: 'failure', reason: 'redirect', statusCode, detail };
}

/** The origin alone: the rest may repeat what is secret in our own URL. */
function showLocation(location: string | string[] | undefined): string {
  if (location === undefined) return '';
  const url = typeof location === 'string' ? URL.parse(location) : null;
  if (url === null) return ' within its own host';
  return ` to ${url.protocol}//${url.host}`.slice(0, 300);
}

function boundHeaders(headers: AnswerHeaders): AnswerHeaders {
  let left = keptBytes;
  let isWhole = true;
  const bounded: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name]!;
    left -= name.length + (typeof value === 'string' ? value.length : value.join().length);
    if (left >= 0) bounded[name] = value;
    else isWhole = false;
  }
  return isWhole ? headers : bounded;
}

/** The note for what broke off a body. */
export function noteBreak(error: unknown): BodyNote {
  const code = readCode(error);
  if (code === 'ECONNRESET') return bodyNotes.reset;
  const isBroken = isNotHttp(error) || code === 'UND_ERR_HEADERS_OVERFLOW';
  return isBroken ? bodyNotes.broken : bodyNotes.closed;
}
