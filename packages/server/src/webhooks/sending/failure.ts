// Pure: what an error of the network means as an outcome, with a detail that tells its kin apart.
import type { Outcome, OutcomeReason } from './outcome.ts';

/** The steps of an attempt, in their order. */
export type Phase = 'dns' | 'connect' | 'tls' | 'send' | 'answer' | 'head' | 'body';

export type Failure = Extract<Outcome, { kind: 'failure' }>;

const phaseWords: Readonly<Record<Phase, string>> = {
  dns: 'the name was being resolved',
  connect: 'connecting',
  tls: 'the TLS handshake was under way',
  send: 'the request was being sent',
  answer: 'waiting for the answer',
  head: 'the head of the answer was being read',
  body: 'the body of the answer was being read',
};

const names: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  EAI_NONAME: 'the name does not exist',
  ENODATA: 'the name has no address',
  EAI_NODATA: 'the name has no address',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEOUT: 'the name server does not answer',
  ECONNREFUSED: 'no name server can be reached',
  ESERVFAIL: 'the name server reports a failure of its own',
  EREFUSED: 'the name server refuses to answer',
  EBADNAME: 'this is no name that can be resolved',
};

const connections: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was reset while connecting',
  EHOSTUNREACH: 'there is no route to this host',
  ENETUNREACH: 'there is no way to this network',
  EADDRNOTAVAIL: 'this machine has no address to call from',
  ETIMEDOUT: 'the host did not answer',
  EACCES: 'this machine does not allow the connection',
  EMFILE: 'this process has too many files and connections open',
};

const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  CERT_REJECTED: 'the certificate was rejected',
  CERT_UNTRUSTED: 'the certificate is not trusted for this use',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself: its authority is unknown',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in an authority that is unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of the certificate is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of the certificate is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority of the certificate is unknown, or its chain is not whole',
};

const handshakes: Readonly<Record<string, string>> = {
  ECONNRESET: 'the receiver closed the connection during the TLS handshake',
  EPIPE: 'the receiver closed the connection during the TLS handshake',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what came back is not TLS: the port may speak plain http',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what came back is not TLS: the port may speak plain http',
  ERR_SSL_HTTP_REQUEST: 'what came back is not TLS: the port speaks plain http',
};

/** No address of the name. */
export function failDns(error: unknown): Failure {
  const code = readCode(error);
  return fail('dns', names[code] ?? 'the name could not be resolved', code);
}

/** None of the addresses took the connection. */
export function failConnect(faults: readonly (readonly [string, unknown])[]): Failure {
  const codes = faults.map(([, error]) => readCode(error));
  const shown = faults.slice(0, 4).map(([address, error], at) => {
    const code = codes[at]!;
    return `${address}: ${connections[code] ?? readMessage(error)} (${code})`;
  });
  return { kind: 'failure', reason: 'connect', detail: `No connection to ${shown.join('; ')}.` };
}

/** The handshake failed, or the certificate is not what it has to be. */
export function failTls(error: unknown): Failure {
  const code = readCode(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const own = (readMember(error, 'cert') as { subjectaltname?: unknown } | undefined)?.subjectaltname;
    const shown = typeof own === 'string' ? `: ${own.slice(0, 200)}` : '';
    return fail('tls', `the certificate is for another name${shown}`, code);
  }
  const known = certificates[code] ?? handshakes[code];
  return fail('tls', known ?? `the TLS handshake failed: ${readMessage(error)}`, code);
}

/** Where the connection stood when the exchange broke off. */
export interface Standing {
  readonly phase: Phase;
  /** True for a connection that an earlier request had opened. */
  readonly isKept: boolean;
}

/** Two lengths, a length beside chunks; a status below 100 trips an assertion of undici. */
const contradictions: ReadonlySet<string> = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_ASSERTION']);

const unwritable: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/** What broke off an exchange before the answer's head was whole. */
export function failExchange(error: unknown, standing: Standing): Failure {
  const code = readCode(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return failTooLarge();
  if (isNotHttp(error)) return fail('invalid', `what came back is not HTTP: ${readReason(error)}`, code);
  if (contradictions.has(code)) return fail('invalid', 'the head of the answer contradicts itself', code);
  if (unwritable.has(code))
    return fail('invalid', `the request could not be written: ${readMessage(error)}`, code);
  // undici gives this one code to every end of a socket, and says by these words which it was.
  if (code === 'UND_ERR_SOCKET' && /^bad (?:response|upgrade)$/u.test(readMessage(error)))
    return fail('invalid', 'the receiver answered 100 or 101, which nobody had asked for', code);
  return fail('connect', describeBreak(code, error, standing), code);
}

/** The head of the answer has no end. */
export function failTooLarge(): Failure {
  return { kind: 'failure', reason: 'too_large', detail: 'The head of the answer has more than 64 KiB.' };
}

/** True for bytes that no parser of HTTP/1 takes; undici's error has a name and the parser's reason, but no code. */
export function isNotHttp(error: unknown): boolean {
  return isParserError(error) && !isEarlyEnd(error);
}

function isEarlyEnd(error: unknown): boolean {
  return isParserError(error) && readMessage(error).includes('EOF');
}

function isParserError(error: unknown): boolean {
  return readMember(error, 'name') === 'HTTPParserError';
}

/** The parser's own words, which stand in brackets; they are fixed and quote nothing. */
function readReason(error: unknown): string {
  const message = readMessage(error);
  return /\((.*)\)$/u.exec(message)?.[1] ?? message;
}

function describeBreak(code: string, error: unknown, { phase, isKept }: Standing): string {
  const isClose = code === 'UND_ERR_SOCKET' || isEarlyEnd(error);
  const how = isClose ? 'closed' : code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : null;
  if (how === null) return `the connection broke: ${readMessage(error)}`;
  const when =
    phase === 'head'
      ? 'in the middle of the head of its answer'
      : phase === 'send'
        ? 'while the request was being sent'
        : 'before it answered';
  return `the receiver ${how} ${isKept ? 'a kept connection' : 'the connection'} ${when}`;
}

/** Time is over, in this phase; `limitMs` is the limit that was reached. */
export function timeOut(phase: Phase, limitMs: number): Failure {
  return {
    kind: 'failure',
    reason: 'timeout',
    detail: `${limitMs / 1000} s passed while ${phaseWords[phase]}.`,
  };
}

/** Our own end cut it off. */
export function interrupt(): Failure {
  return {
    kind: 'failure',
    reason: 'interrupted',
    detail: 'The server ended the attempt because it was shutting down.',
  };
}

function fail(reason: OutcomeReason, detail: string, code: string): Failure {
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}`;
  return { kind: 'failure', reason, detail: code === '' ? `${sentence}.` : `${sentence} (${code}).` };
}

export function readCode(error: unknown): string {
  const code = readMember(error, 'code');
  return typeof code === 'string' ? code : '';
}

/** Bounded: a parser's or a library's message may quote what the receiver sent. */
function readMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
