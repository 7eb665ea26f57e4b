// Pure: what an error of the network means as an outcome, with a detail that tells its kin apart.
import type { Outcome, OutcomeReason } from '../outcome.ts';

/** The steps of an attempt, in their order. */
export type Phase =
  | 'name resolution'
  | 'connecting'
  | 'TLS handshake'
  | 'sending'
  | 'waiting for the answer'
  | 'reading the answer';

type Failure = Extract<Outcome, { kind: 'failure' }>;

const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself: its authority is unknown',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in an authority that is unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of the certificate is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of the certificate is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority of the certificate is unknown, or its chain is not whole',
  CERT_REVOKED: 'the certificate was revoked',
};

const connections: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: the connection was refused',
  ECONNRESET: 'the receiver reset the connection before it answered',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
  ETIMEDOUT: 'the host did not answer',
  EPIPE: 'the receiver closed the connection while the request was being sent',
  UND_ERR_SOCKET: 'the receiver closed the connection before it answered',
  UND_ERR_CLOSED: 'the connection was closed because the settings changed',
  UND_ERR_DESTROYED: 'the connection was closed because the settings changed',
};

const names: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'the name has no address',
  EAI_AGAIN: 'the name server does not answer',
};

/** The outcome of an error before an answer's head was read. */
export function toFailure(error: unknown): Failure {
  const code = readCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (Object.hasOwn(names, code)) return fail('dns', names[code]!, code);
  if (Object.hasOwn(certificates, code)) return fail('tls', certificates[code]!, code);
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW')
    return fail('too_large', 'the head of the answer has more than 64 KiB', code);
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError'))
    return fail('invalid', `what came back is not HTTP: ${message}`, code);
  if (/^(?:ERR_SSL_|ERR_TLS_|EPROTO)/u.test(code))
    return fail('tls', `the TLS handshake failed: ${message}`, code);
  return fail('connect', connections[code] ?? message, code);
}

/** Time is over, in this phase. */
export function timeOut(phase: Phase, limitMs: number): Failure {
  return {
    kind: 'failure',
    reason: 'timeout',
    detail: `${limitMs / 1000} s were over while ${phaseWords[phase]}.`,
  };
}

const phaseWords: Readonly<Record<Phase, string>> = {
  'name resolution': 'the name was being resolved',
  connecting: 'connecting',
  'TLS handshake': 'the TLS handshake was under way',
  sending: 'the request was being sent',
  'waiting for the answer': 'waiting for the answer',
  'reading the answer': 'reading the answer',
};

function fail(reason: OutcomeReason, detail: string, code: string): Failure {
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}`;
  return { kind: 'failure', reason, detail: code === '' ? `${sentence}.` : `${sentence} (${code}).` };
}

function readCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
