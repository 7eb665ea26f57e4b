// The sender: resolves, judges, dials the judged address, sends; every end is an outcome, nothing is thrown.
import { lookup } from 'node:dns/promises';
import { Pool } from 'undici';
import type { EgressDecision, EgressPolicy } from './egress/policy.ts';
import { judgeAddress, judgeUrl } from './egress/policy.ts';
import { readAddress } from './egress/address.ts';
import type { Outcome } from './outcome.ts';
import { createConnector } from './sender/connect.ts';
import { createExchange, type Exchange, type ReceivedResponse } from './sender/exchange.ts';
import { timeOut, toFailure } from './sender/failure.ts';

export interface OutgoingRequest {
  readonly method: 'POST' | 'GET' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly sslVerification: boolean;
}

/** Milliseconds of each phase; null where it was not reached or not needed (a kept connection). */
export interface SendTiming {
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly firstByteMs: number | null;
  readonly bodyMs: number | null;
}

export interface SendResult {
  readonly outcome: Outcome;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly timing: SendTiming;
  /** The address that was dialled. */
  readonly address: string | null;
  readonly response: ReceivedResponse | null;
  readonly egress: EgressDecision;
}

export interface SenderOptions {
  policy(): EgressPolicy;
  /** Over everything from name resolution to the last byte read; and until connected. Milliseconds. */
  limits(): { readonly totalMs: number; readonly connectMs: number };
  /** The addresses of a name, the preferred first; the system's resolver unless given. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Authorities beside the usual ones, PEM. */
  readonly ca?: string;
}

export interface Sender {
  send(request: OutgoingRequest): Promise<SendResult>;
  /** Closes kept connections, so that none outlives the policy that opened it. */
  policyChanged(): void;
  close(): Promise<void>;
}

interface Connected {
  readonly pool: Pool;
  usedAt: number;
  /** Of the newest connection; when it stood, by `performance.now()`. */
  connectedAt: number;
  connectMs: number;
  tlsMs: number | null;
  /** The attempts that wait for a connection: they are told when TLS begins. */
  readonly waiting: Set<Exchange>;
}

/** Shorter than the 5 s after which common servers close a kept connection, so that a request rarely meets one that is closing. */
const keepAliveMs = 4000;
const mostPools = 2000;

export function createSender(options: SenderOptions): Sender {
  const pools = new Map<string, Connected>();
  const resolve = options.resolve ?? resolveName;

  async function send(request: OutgoingRequest): Promise<SendResult> {
    const began = performance.now();
    const startedAt = Date.now();
    const { totalMs } = options.limits();
    const end = (parts: Partial<SendResult> & Pick<SendResult, 'outcome' | 'egress'>): SendResult => ({
      startedAt,
      durationMs: performance.now() - began,
      timing: noTiming,
      address: null,
      response: null,
      ...parts,
    });
    const written = judgeUrl(options.policy(), request.url);
    if (!written.allowed) return end({ outcome: block(written), egress: written });
    const url = new URL(request.url);
    const found = await findAddress(url, totalMs);
    if ('outcome' in found) return end({ ...found, egress: found.egress ?? written });
    const leftMs = totalMs - (performance.now() - began);
    const { egress, address, dnsMs } = found;
    const exchanged = await exchange(request, url, address, leftMs, totalMs);
    return end({ ...exchanged, egress, address, timing: { ...exchanged.timing, dnsMs } });
  }

  type Found =
    | { address: string; egress: EgressDecision; dnsMs: number | null }
    | { outcome: Outcome; egress: EgressDecision | null };

  /** The first address that the policy allows; a literal one is not resolved. */
  async function findAddress(url: URL, limitMs: number): Promise<Found> {
    const literal = readAddress(url.hostname);
    if (literal !== null) {
      const address = url.hostname.replace(/^\[|\]$/gu, '');
      return { address, egress: { ...judgeAddress(options.policy(), url.href, address) }, dnsMs: null };
    }
    const began = performance.now();
    const addresses = await withLimit(resolve(url.hostname), limitMs).catch((error: unknown) =>
      toFailure(error),
    );
    if ('kind' in addresses) return { outcome: addresses, egress: null };
    const decisions = addresses.map((address) => judgeAddress(options.policy(), url.href, address));
    const allowed = decisions.find((decision) => decision.allowed);
    if (allowed !== undefined)
      return { address: allowed.address!, egress: allowed, dnsMs: performance.now() - began };
    const refused = decisions[0];
    if (refused === undefined)
      return {
        outcome: { kind: 'failure', reason: 'dns', detail: 'The name has no address.' },
        egress: null,
      };
    return { outcome: block(refused), egress: refused };
  }

  async function exchange(
    request: OutgoingRequest,
    url: URL,
    address: string,
    leftMs: number,
    totalMs: number,
  ) {
    const connected = takePool(request, url, address);
    const attempt = createExchange();
    const began = performance.now();
    connected.waiting.add(attempt);
    const timer = setTimeout(() => attempt.expire(totalMs), Math.max(1, leftMs));
    const { method, headers, body } = request;
    connected.pool.dispatch({ method, path: `${url.pathname}${url.search}`, headers, body }, attempt.handler);
    const result = await attempt.done;
    clearTimeout(timer);
    connected.waiting.delete(attempt);
    // A request that went out before any connection was opened for it went out on a kept one.
    const isNew =
      result.sentAt !== null && connected.connectedAt >= began && connected.connectedAt <= result.sentAt;
    const timing = {
      connectMs: isNew ? connected.connectMs : null,
      tlsMs: isNew ? connected.tlsMs : null,
      firstByteMs: result.firstByteMs,
      bodyMs: result.bodyMs,
    };
    return { outcome: result.outcome, response: result.response, timing };
  }

  /** Connections are kept by address and by profile: what was judged is what they lead to. */
  function takePool(request: OutgoingRequest, url: URL, address: string): Connected {
    const key = `${url.origin} ${address} ${request.sslVerification}`;
    const found = pools.get(key);
    if (found !== undefined) {
      found.usedAt = performance.now();
      return found;
    }
    if (pools.size >= mostPools) dropOldest();
    const made = openPool(request.sslVerification, url.origin, address);
    pools.set(key, made);
    return made;
  }

  function openPool(verify: boolean, origin: string, address: string): Connected {
    const waiting = new Set<Exchange>();
    const connect = createConnector({
      address,
      verify,
      ca: options.ca,
      limitMs: () => options.limits().connectMs,
      onTls() {
        for (const exchange of waiting) exchange.setPhase('TLS handshake');
      },
      onConnected(connectMs, tlsMs) {
        Object.assign(connected, { connectMs, tlsMs, connectedAt: performance.now() });
      },
    });
    const pool = new Pool(origin, {
      connect,
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
    });
    const connected: Connected = {
      pool,
      usedAt: performance.now(),
      connectedAt: 0,
      connectMs: 0,
      tlsMs: null,
      waiting,
    };
    return connected;
  }

  function dropOldest(): void {
    const oldest = [...pools].toSorted(([, a], [, b]) => a.usedAt - b.usedAt)[0]!;
    pools.delete(oldest[0]);
    void oldest[1].pool.close();
  }

  return {
    send,
    policyChanged() {
      // What is under way on them ends in peace; nothing new goes out on them.
      for (const { pool } of pools.values()) void pool.close();
      pools.clear();
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map(({ pool }) => pool.destroy()));
    },
  };
}

const noTiming: SendTiming = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, bodyMs: null };

function block(decision: EgressDecision): Outcome {
  return { kind: 'failure', reason: 'blocked', detail: `${decision.explanation} [${decision.rule}]` };
}

async function resolveName(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
}

/** A resolver can't be stopped, but nobody has to wait for it. */
async function withLimit(
  addresses: Promise<readonly string[]>,
  limitMs: number,
): Promise<readonly string[] | Extract<Outcome, { kind: 'failure' }>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Extract<Outcome, { kind: 'failure' }>>((resolve) => {
    timer = setTimeout(() => resolve(timeOut('name resolution', limitMs)), limitMs);
  });
  try {
    return await Promise.race([addresses, late]);
  } finally {
    clearTimeout(timer);
  }
}
