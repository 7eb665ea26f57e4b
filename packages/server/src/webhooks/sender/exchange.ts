// One request on one pool: the answer's head decides, its body is kept in part, and nothing is thrown.
import type { Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'node:http';
import type { Outcome } from '../outcome.ts';
import { ConnectTimeout } from './connect.ts';
import { timeOut, toFailure, type Phase } from './failure.ts';

/** What came back. Of a body at most 1 MiB is read and 16 KiB kept. */
export interface ReceivedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  /** Bytes that were read. */
  readonly bodyBytes: number;
  /** Why the body is not whole: cut, late or broken; null where it is. */
  readonly note: string | null;
}

export interface ExchangeResult {
  readonly outcome: Outcome;
  readonly response: ReceivedResponse | null;
  /** From the last byte sent to the answer's head, and from there to its end; milliseconds. */
  readonly firstByteMs: number | null;
  readonly bodyMs: number | null;
  /** When the request went to a connection, by `performance.now()`; null where it never did. */
  readonly sentAt: number | null;
}

export interface Exchange {
  readonly handler: Dispatcher.DispatchHandler;
  readonly done: Promise<ExchangeResult>;
  setPhase(phase: Phase): void;
  /** Ends it as a timeout of the present phase; after the head it only cuts the body. */
  expire(limitMs: number): void;
}

export const keptBytes = 16 * 1024;
export const readBytes = 1024 * 1024;

export function createExchange(): Exchange {
  let phase: Phase = 'connecting';
  let controller: Dispatcher.DispatchController | undefined;
  let isOver = false;
  let sentAt: number | null = null;
  let headAt: number | null = null;
  let head: { statusCode: number; headers: IncomingHttpHeaders } | undefined;
  let bodyBytes = 0;
  const kept: Buffer[] = [];
  let settle: (result: ExchangeResult) => void = () => undefined;
  const done = new Promise<ExchangeResult>((resolve) => {
    settle = resolve;
  });

  function finish(outcome: Outcome, note: string | null): void {
    if (isOver) return;
    isOver = true;
    const now = performance.now();
    const firstByteMs = headAt === null ? null : headAt - (sentAt ?? headAt);
    settle({
      outcome,
      response: showResponse(note),
      firstByteMs,
      bodyMs: headAt === null ? null : now - headAt,
      sentAt,
    });
  }

  function showResponse(note: string | null): ReceivedResponse | null {
    if (head === undefined) return null;
    const headers = head.headers as Record<string, string | string[]>;
    return {
      statusCode: head.statusCode,
      headers,
      body: Buffer.concat(kept).subarray(0, keptBytes),
      bodyBytes,
      note,
    };
  }

  /** The head was read: its status decides, whatever becomes of the body. */
  function finishByHead(note: string | null): void {
    finish(judgeStatus(head!.statusCode, head!.headers), note);
  }

  function cut(note: string): void {
    finishByHead(note);
    controller?.abort(new Error(note));
  }

  return {
    done,
    setPhase(next) {
      if (!isOver && head === undefined && sentAt === null) phase = next;
    },
    expire(limitMs) {
      if (isOver) return;
      if (head !== undefined) return cut(`The body was not whole after ${limitMs / 1000} s and was cut.`);
      finish(timeOut(phase, limitMs), null);
      controller?.abort(new Error('time is over'));
    },
    handler: {
      onRequestStart(given) {
        controller = given;
        // The answer was given up while a connection was being made: nothing is sent any more.
        if (isOver) return given.abort(new Error('time is over'));
        sentAt = performance.now();
        phase = 'waiting for the answer';
      },
      onResponseStart(_, statusCode, headers) {
        if (statusCode < 200) return;
        head = { statusCode, headers };
        headAt = performance.now();
        phase = 'reading the answer';
      },
      onResponseData(_, chunk) {
        if (bodyBytes < keptBytes) kept.push(Buffer.from(chunk.subarray(0, keptBytes - bodyBytes)));
        bodyBytes += chunk.length;
        if (bodyBytes >= readBytes) cut('The body has more than 1 MiB and was cut.');
      },
      onResponseEnd() {
        finishByHead(null);
      },
      onResponseError(_, error) {
        if (head !== undefined) return finishByHead(`The body broke off: ${error.message}.`);
        return finish(
          error instanceof ConnectTimeout ? timeOut(error.phase, 10_000) : toFailure(error),
          null,
        );
      },
    },
  };
}

/** 200 to 299 is success, 3xx a redirect that is not followed; every other status is an answer, too. */
function judgeStatus(statusCode: number, headers: IncomingHttpHeaders): Outcome {
  if (statusCode < 300 || statusCode > 399) return { kind: 'response', statusCode };
  const location = typeof headers.location === 'string' ? ` to ${headers.location.slice(0, 500)}` : '';
  return {
    kind: 'failure',
    reason: 'redirect',
    statusCode,
    detail: `The receiver redirects${location}; redirects are not followed. Give the final address.`,
  };
}
