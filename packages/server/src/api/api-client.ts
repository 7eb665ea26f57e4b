// A client of the public API for the commands that are clients: one call, and what can become of it.
import { request } from 'undici';

/** The server could not be asked, or can't answer now: the same call may succeed later. */
export class Unreachable extends Error {}

/** The server has answered, and says no. */
export class Refused extends Error {
  readonly status: number;
  /** The problem document, where it sent one. */
  readonly problem: Answer;
  constructor(status: number, message: string, problem: Answer = {}) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

export interface ApiClientOptions {
  /** The server's address with its base path, without a `/` at its end. */
  readonly server: string;
  readonly token: string;
  /** How long a call may take; 15 s unless given. */
  readonly timeoutMs?: number;
}

export interface Asking {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Answer = Readonly<Record<string, unknown>>;
/** Throws `Unreachable` or `Refused`. An answer without a body is an empty object. */
export type Ask = (method: string, path: string, more?: Asking) => Promise<Answer>;

/** Longer than a report takes on a loaded server, and short enough to notice a dead connection. */
const usualTimeoutMs = 15_000;

export function createApiClient(options: ApiClientOptions): Ask {
  return (method, path, more = {}) => call(options, method, path, more);
}

/** The id that a text names; undefined where it is a name. */
export function readId(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/u.test(text) ? Number(text) : undefined;
}

/** A path of the contract with its `:id` filled. */
export function fillId(path: string, id: number): string {
  return path.replace(':id', String(id));
}

async function call(
  { server, token, timeoutMs = usualTimeoutMs }: ApiClientOptions,
  method: string,
  path: string,
  { query = {}, body, headers }: Asking,
): Promise<Answer> {
  const text = new URLSearchParams(query).toString();
  const { status, answer } = await send(`${server}${path}${text === '' ? '' : `?${text}`}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (status === 204) return {};
  const parsed = parse(answer);
  if (status >= 200 && status < 300 && parsed !== null) return parsed;
  const detail = typeof parsed?.['detail'] === 'string' ? parsed['detail'] : `status ${status}`;
  // A proxy's page, an overload, a limit: not this server's word about the call.
  if (status >= 500 || status === 408 || status === 429 || parsed === null) throw new Unreachable(detail);
  throw new Refused(status, detail, parsed);
}

async function send(
  url: string,
  options: NonNullable<Parameters<typeof request>[1]>,
): Promise<{ status: number; answer: string }> {
  try {
    const { statusCode, body } = await request(url, options);
    return { status: statusCode, answer: await body.text() };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Unreachable(code === undefined || message.includes(code) ? message : `${code} ${message}`);
  }
}

function parse(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer) : null;
  } catch {
    return null;
  }
}
