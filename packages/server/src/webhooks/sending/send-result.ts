// What is sent and what comes of it: the shapes that the sender and its exchange share.
import type { EgressDecision } from './egress/policy.ts';
import type { Outcome } from './outcome.ts';
import type { ReceivedResponse } from './answer.ts';

/** One request as it is to be made, the body in UTF-8. */
export interface OutgoingRequest {
  readonly method: 'POST' | 'GET' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** As they are to be written, but for host, connection and content-length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly sslVerification: boolean;
}

/** Milliseconds of each phase; null where it was not reached or not needed (a kept connection). */
export interface SendTiming {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  /** From the last byte handed to the socket to the first byte of the answer. */
  readonly firstByteMs: number | null;
  /** From there to the end of the answer. */
  readonly bodyMs: number | null;
}

export interface SendResult {
  readonly outcome: Outcome;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly timing: SendTiming;
  /** The socket's remote address and port, as 203.0.113.7:443 or [2001:db8::7]:443; null where none was connected. */
  readonly address: string | null;
  readonly response: ReceivedResponse | null;
  /** The decision that let it pass or refused it: on the socket's address where there was one, else on the URL. */
  readonly egress: EgressDecision;
}
