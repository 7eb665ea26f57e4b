// What a call can end with beside its answer: a refusal of the server, or no answer at all; one kind of error.
import type { ProblemDocument } from '@flowhook/contract/problem';

export interface FieldFault {
  /** Dotted path, such as `writeSettings[0].path`. */
  readonly field: string;
  /** What is wrong and what would do. */
  readonly detail: string;
}

export interface ProblemParts {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly faults?: readonly FieldFault[];
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly document?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Codes that are made here, where the server has not worded the problem itself. */
export type OwnCode = 'unreachable' | 'timeout' | 'unknown' | 'answered_otherwise' | 'unpromised';

export class Problem extends Error {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** A word from the server's closed list, or one of `OwnCode`. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The fields at fault, where the server named them. */
  readonly faults: readonly FieldFault[];
  /** By which administrators find the call in the server's log. */
  readonly requestId: string | undefined;
  /** How long the server asks to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The whole problem document (RFC 9457): some codes have members of their own. Empty where there was none. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(parts: ProblemParts) {
    super(parts.detail, parts.cause === undefined ? {} : { cause: parts.cause });
    this.name = 'Problem';
    this.status = parts.status;
    this.code = parts.code;
    this.title = parts.title;
    this.detail = parts.detail;
    this.faults = parts.faults ?? [];
    this.requestId = parts.requestId;
    this.retryAfterMs = parts.retryAfterMs;
    this.document = parts.document ?? {};
  }

  /** The first field at fault; undefined where the problem is about none. */
  get field(): string | undefined {
    return this.faults[0]?.field;
  }

  /** True where the same call may succeed later: no answer, an overload, a limit, the page of a proxy. */
  get isPassing(): boolean {
    const { status, code } = this;
    return status === 0 || status === 408 || status === 429 || status >= 500 || code === 'unknown';
  }
}

const refusals = {
  forbidden: { status: 403, title: 'You may not do this' },
  not_found: { status: 404, title: 'There is no such object' },
  conflict: { status: 409, title: 'The state of the object does not allow this' },
} as const;

/** What is refused here already, for what the server has told, with the server's words. */
export function refuse(code: keyof typeof refusals, detail: string): Problem {
  return new Problem({ ...refusals[code], code, detail });
}

/** A refusal, read from its status and text; what is no problem document (a proxy's page, say) is told by its status. */
export function readProblem(status: number, text: string, retryAfterMs?: number): Problem {
  const document = parseJson(text);
  if (!isProblem(document)) return unknownAnswer(status, retryAfterMs);
  const { code, title, detail, errors: faults, requestId } = document;
  return new Problem({ status, code, title, detail, faults, requestId, retryAfterMs, document });
}

type Read = Pick<ProblemDocument, 'code' | 'title' | 'detail' | 'errors' | 'requestId'> &
  Record<string, unknown>;

/** What is read of it, by hand: its schema would be a third of the first load of a sign-in page. */
function isProblem(value: unknown): value is Read {
  if (!hasTexts(value, ['code', 'title', 'detail'])) return false;
  const { errors, requestId } = value;
  const areFaults = Array.isArray(errors) && errors.every((each) => hasTexts(each, ['field', 'detail']));
  return areFaults && (requestId === undefined || typeof requestId === 'string');
}

function hasTexts(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Record<string, unknown>;
  return names.every((name) => typeof members[name] === 'string');
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function unknownAnswer(status: number, retryAfterMs?: number): Problem {
  return new Problem({
    status,
    code: 'unknown' satisfies OwnCode,
    title: 'The server answered with something else',
    detail: `The answer had the status ${status} and is not one of Flowhook's: something between may be at fault. Try again.`,
    retryAfterMs,
  });
}

/** `cause` is what fetch threw. */
export function unreachable(cause?: unknown): Problem {
  const reason = findReason(cause);
  return new Problem({
    status: 0,
    code: 'unreachable' satisfies OwnCode,
    title: 'The server can’t be reached',
    detail: `No answer came${reason === undefined ? '' : ` (${reason})`}. Check the connection and try again.`,
    cause,
  });
}

export function tooSlow(ms: number): Problem {
  return new Problem({
    status: 0,
    code: 'timeout' satisfies OwnCode,
    title: 'The server takes too long',
    detail: `No whole answer came within ${ms / 1000} s. Try again, or give it more time.`,
  });
}

/** Node hides the system's word (ECONNREFUSED) in a cause; browsers keep it to themselves. */
function findReason(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return findReason(error.cause);
  return error.message === '' || error.message.includes(code)
    ? error.message || code
    : `${code} ${error.message}`;
}
