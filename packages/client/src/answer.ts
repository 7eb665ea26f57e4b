// Reads what came back: the answer as its endpoint promises it, or the problem.
import type { AnyEndpoint, EndpointHead } from '@flowhook/contract/endpoint';
import type { Download } from './call-input.ts';
import { parseJson, Problem, readProblem, unknownAnswer, type OwnCode } from './problem.ts';

/** Throws a Problem where the endpoint does not promise such an answer. */
export async function requireSuccess(endpoint: EndpointHead, response: Response): Promise<void> {
  const { status, headers } = response;
  if (isPromised(endpoint, response)) return;
  const text = await response.text();
  const other = endpoint.alsoAnswers?.[status];
  if (other !== undefined && text === '') throw answeredOtherwise(status, other);
  if (isRedirect(response)) throw redirected(response);
  throw readProblem(status, text, readRetryAfter(headers.get('retry-after'), Date.now()));
}

function isPromised(endpoint: EndpointHead, response: Response): boolean {
  if (response.ok) return true;
  if (endpoint.status === 302) return isRedirect(response);
  // The same form with another status, as that of a server that is not ready.
  const isJson = /^application\/json\b/u.test(response.headers.get('content-type') ?? '');
  return endpoint.alsoAnswers?.[response.status] !== undefined && isJson;
}

/** Of one that is not followed browsers say no more than that. */
function isRedirect({ status, type }: Response): boolean {
  return type === 'opaqueredirect' || (status > 300 && status < 400 && status !== 304);
}

/** The parsed answer; undefined where there is none to read. */
export async function readAnswer(endpoint: EndpointHead, response: Response): Promise<unknown> {
  if (endpoint.status === 204 || endpoint.status === 302) {
    await response.body?.cancel();
    return undefined;
  }
  const text = await response.text();
  if (endpoint.replyType !== undefined) return text;
  const value = parseJson(text);
  if (value === undefined) throw unknownAnswer(response.status);
  return value;
}

export function readDownload(response: Response): Download {
  const { headers } = response;
  const size = headers.get('content-length');
  return {
    name: readFileName(headers.get('content-disposition') ?? ''),
    type: headers.get('content-type') ?? 'application/octet-stream',
    // Of a packed answer the header has the packed size.
    size: size === null || headers.has('content-encoding') ? null : Number(size),
    stream: response.body ?? new Blob([]).stream(),
    blob: () => response.blob(),
    text: () => response.text(),
  };
}

/** The answer by the contract's schema. Throws the problem `unpromised` where another version answers. */
export function checkAnswer(endpoint: AnyEndpoint, answer: unknown): unknown {
  const read = endpoint.reply.safeParse(answer);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Problem({
    status: 200,
    code: 'unpromised' satisfies OwnCode,
    title: 'The server answers in another form',
    detail: `The server answers ${endpoint.path} in another form (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}): use the client of its own version.`,
  });
}

function readFileName(disposition: string): string | null {
  const [, encoded] = /filename\*=UTF-8''([^;\s]+)/iu.exec(disposition) ?? [];
  if (encoded !== undefined) return decodeURIComponent(encoded);
  return /filename="([^"]*)"/iu.exec(disposition)?.[1] ?? null;
}

function answeredOtherwise(status: number, detail: string): Problem {
  return new Problem({
    status,
    code: 'answered_otherwise' satisfies OwnCode,
    title: 'The server answered otherwise',
    detail,
  });
}

function redirected(response: Response): Problem {
  const to = response.headers.get('location');
  return new Problem({
    status: response.status,
    code: 'unknown' satisfies OwnCode,
    title: 'The address leads elsewhere',
    detail: `The server sends calls on${to === null ? '' : ` to ${to}`}: give the client that address.`,
  });
}

/** Seconds, or a date, as milliseconds; undefined where it is neither. */
function readRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/u.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
