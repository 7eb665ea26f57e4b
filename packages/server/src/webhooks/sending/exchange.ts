// One request and what comes of it: the answer's head decides, the deadline ends it, nothing is thrown.
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { systemClock } from '../../base/clock.ts';
import { judgeAddress, type EgressDecision, type EgressPolicy } from './egress/policy.ts';
import type { Outcome } from './outcome.ts';
import type { OutgoingRequest, SendResult } from './send-result.ts';
import {
  bodyNotes,
  maxAnswerBytes,
  maxHeadBytes,
  noteBreak,
  startAnswer,
  type Answer,
  type AnswerHeaders,
  type BodyNote,
} from './answer.ts';
import { failExchange, failTooLarge, interrupt, timeOut, type Failure, type Phase } from './failure.ts';
import type { Target } from './target.ts';

export interface Limits {
  /** Milliseconds from the start to the last byte read. */
  readonly totalMs: number;
  /** Milliseconds of them until connected, TLS included. */
  readonly connectMs: number;
}

/** A connection that stands. Where a socket leads to can't change while it lives. */
export interface Connection {
  readonly socket: Socket;
  /** The socket's own remote address, literal; and with its port, as it is shown. */
  readonly address: string;
  readonly shown: string;
  /** By `performance.now()`. */
  readonly openedAt: number;
}

export interface ExchangeOptions {
  readonly request: OutgoingRequest;
  readonly target: Target;
  readonly limits: Limits;
  policy(): EgressPolicy;
}

/** A handler of undici's dispatch. A class, because it is made for every request: its methods are shared. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly request: OutgoingRequest;
  readonly target: Target;
  readonly limits: Limits;
  readonly startedAt = systemClock.now();
  readonly began = performance.now();
  readonly done: Promise<SendResult>;
  /** Told once when it is over; true where the connection may carry another request. */
  onOver: (isReusable: boolean) => void = () => undefined;
  phase: Phase = 'dns';
  isOver = false;
  egress: EgressDecision;
  dnsMs: number | null = null;
  connectMs: number | null = null;
  tlsMs: number | null = null;
  #settle!: (result: SendResult) => void;
  readonly #policy: () => EgressPolicy;
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | null = null;
  #isKept = false;
  #bytesBefore = 0;
  #sentAt = 0;
  #firstByteAt = 0;
  #answer: Answer | null = null;

  constructor({ request, target, limits, policy }: ExchangeOptions) {
    this.request = request;
    this.target = target;
    this.limits = limits;
    this.egress = target.written;
    this.#policy = policy;
    this.done = new Promise((resolve) => (this.#settle = resolve));
    // One timer of one length for all: Node keeps such timers in one list, setting and clearing costs 0.3 µs.
    this.#timer = setTimeout(expire, limits.totalMs, this);
  }

  /** The connection that it goes out on; kept, where an earlier request had opened it. */
  attach(connection: Connection, isKept: boolean): void {
    this.#connection = connection;
    this.#isKept = isKept;
    this.phase = 'send';
  }

  /** The connection is gone before anything was written: a new one is made. */
  detach(): void {
    this.#connection = null;
    this.#isKept = false;
  }

  /** Directly before its bytes are written: where the socket leads to, by the policy of now, decides. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isOver) return controller.abort(new Error('over'));
    const connection = this.#connection!;
    this.egress = judgeAddress(this.#policy(), this.target.href, connection.address);
    if (!this.egress.allowed) {
      this.fail(block(this.egress));
      return controller.abort(new Error('blocked'));
    }
    this.#bytesBefore = connection.socket.bytesRead;
    this.#sentAt = performance.now();
    return undefined;
  }

  onRequestSent(): void {
    this.#sentAt = performance.now();
  }

  /** The first byte of an answer, be it of 1xx. */
  onResponseStarted(): void {
    if (this.#firstByteAt === 0) this.#firstByteAt = performance.now();
    this.phase = 'head';
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: object): void {
    if (statusCode < 200 || this.isOver) return;
    this.phase = 'body';
    this.#answer = startAnswer(statusCode, headers as AnswerHeaders);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.isOver && !this.#answer!.add(chunk)) this.#finishByHead(bodyNotes.large, false);
  }

  onResponseEnd(): void {
    this.#finishByHead(null, true);
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.isOver) return;
    if (this.#answer !== null) return this.#finishByHead(noteBreak(error), false);
    this.fail(failExchange(error, { phase: this.#findPhase(), isKept: this.#isKept }));
  }

  /** After each read: what a parser does not count must have an end, too. */
  checkBytes(): void {
    if (this.isOver || this.#connection === null) return;
    const bytes = this.#connection.socket.bytesRead - this.#bytesBefore;
    if (this.#answer === null && bytes > maxHeadBytes) this.fail(failTooLarge());
    else if (bytes > maxAnswerBytes) this.#finishByHead(bodyNotes.large, false);
  }

  expire(): void {
    if (this.isOver) return;
    if (this.#answer !== null) return this.#finishByHead(bodyNotes.slow, false);
    this.fail(timeOut(this.#findPhase(), this.limits.totalMs));
  }

  /** Cuts it off from outside. What has its answer's head has its outcome. */
  stop(): void {
    if (this.isOver) return;
    if (this.#answer !== null) return this.#finishByHead(bodyNotes.stopped, false);
    this.fail(interrupt());
  }

  /** Ends it without an answer. */
  fail(failure: Failure): void {
    this.#finish(failure, null, false);
  }

  /** The head was read: its status decides, whatever becomes of the body. */
  #finishByHead(note: BodyNote | null, isReusable: boolean): void {
    this.#finish(this.#answer!.outcome, note, isReusable);
  }

  #finish(outcome: Outcome, note: BodyNote | null, isReusable: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#settle({
      outcome,
      startedAt: this.startedAt,
      durationMs: now - this.began,
      timing: {
        dnsMs: this.dnsMs,
        connectMs: this.connectMs,
        tlsMs: this.tlsMs,
        firstByteMs: this.#firstByteAt === 0 ? null : this.#firstByteAt - this.#sentAt,
        bodyMs: this.#answer === null ? null : now - this.#firstByteAt,
      },
      address: this.#connection?.shown ?? null,
      response: this.#answer?.show(note) ?? null,
      egress: this.egress,
    });
    this.onOver(isReusable);
  }

  /** Where it stands, by what the socket has taken and given. */
  #findPhase(): Phase {
    const socket = this.#connection?.socket;
    if (socket === undefined || this.phase !== 'send') return this.phase;
    if (socket.writableLength > 0) return 'send';
    return socket.bytesRead > this.#bytesBefore ? 'head' : 'answer';
  }
}

function expire(exchange: Exchange): void {
  exchange.expire();
}

export function block(decision: EgressDecision): Failure {
  return { kind: 'failure', reason: 'blocked', detail: `${decision.explanation} [${decision.rule}]` };
}
