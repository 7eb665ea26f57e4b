// Calls endpoints of the contract: what is asked and answered has their types, what goes wrong is a Problem.
import type { AnyEndpoint, Endpoint } from '@flowhook/contract/endpoint';
import { checkAnswer, readAnswer, readDownload } from './answer.ts';
import type { AnswerOf, CallArguments, Download, InputOf, LooseInput } from './call-input.ts';
import type { Credentials } from './credentials.ts';
import { startLimit } from './limit.ts';
import { writeAddress } from './request.ts';
import { sendRepeatedly } from './repeat.ts';
import type { Server } from './sender.ts';

export interface CallerOptions {
  /** The server's address with its base path, as `https://flows.example.com`; in the server's own pages the path alone. */
  readonly server: string;
  /** Left out, the cookie of a browser's session is sent. */
  readonly credentials?: Credentials;
  /**
   * Milliseconds that a call may take with all its repeats until its answer is read; 60,000 unless given, 0 for ever.
   * Uploads have a limit only where their own call gives one.
   */
  readonly timeLimitMs?: number;
  /** How often a call is made again where that is safe; 2 unless given. */
  readonly retries?: number;
  /** True holds each answer against the contract; else it is taken as it comes. */
  readonly checkAnswers?: boolean;
  /** In the place of the global one, as for a proxy. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeLimitMs?: number | undefined;
  readonly retries?: number | undefined;
  /** For endpoints that take one: for a day the same key and body make one thing only. Made here unless given. */
  readonly idempotencyKey?: string | undefined;
  /** Is given the headers of the answer, as for its ETag. */
  readonly onHeaders?: (headers: Headers) => void;
}

export interface Caller {
  /** Throws a Problem; where the signal is aborted, its reason. */
  call<E extends Endpoint>(endpoint: E, ...rest: CallArguments<E, CallOptions>): Promise<AnswerOf<E>>;
  /** Any answer as a stream, also what `call` reads as text. Its time limit ends where the stream begins. */
  download<E extends Endpoint>(endpoint: E, ...rest: CallArguments<E, CallOptions>): Promise<Download>;
  /** Where an endpoint is, with parameters and query: for links. */
  addressOf<E extends Endpoint>(endpoint: E, input: InputOf<E>): string;
  /** Whom it calls, for what else is asked of it. */
  readonly server: Server;
}

const usualTimeLimitMs = 60_000;
const usualRetries = 2;

export function createCaller(options: CallerOptions): Caller {
  const server = readServer(options);

  function start(endpoint: AnyEndpoint, input: LooseInput, own: CallOptions) {
    const usualMs = endpoint.requestType === undefined ? (options.timeLimitMs ?? usualTimeLimitMs) : 0;
    const limit = startLimit(own.timeLimitMs ?? usualMs, own.signal);
    const retries = own.retries ?? options.retries ?? usualRetries;
    return { endpoint, input, limit, retries, idempotencyKey: own.idempotencyKey };
  }

  async function download(endpoint: AnyEndpoint, input: LooseInput, own: CallOptions): Promise<Download> {
    const sending = start(endpoint, input, own);
    try {
      return await sendRepeatedly(server, sending, async (response) => readDownload(response));
    } finally {
      sending.limit.endTime();
    }
  }

  async function call(endpoint: AnyEndpoint, input: LooseInput, own: CallOptions): Promise<unknown> {
    if (endpoint.reply.type === 'file') return download(endpoint, input, own);
    const sending = start(endpoint, input, own);
    try {
      const answer = await sendRepeatedly(server, sending, (response) => {
        own.onHeaders?.(response.headers);
        return readAnswer(endpoint, response);
      });
      return options.checkAnswers === true ? checkAnswer(endpoint, answer) : answer;
    } finally {
      sending.limit.stop();
    }
  }

  return {
    call: (endpoint, ...[input, own]) => call(endpoint, input ?? {}, own ?? {}) as never,
    download: (endpoint, ...[input, own]) => download(endpoint, input ?? {}, own ?? {}),
    addressOf: (endpoint, input) => writeAddress(server.address, endpoint, input),
    server,
  };
}

function readServer({ server, credentials, fetch }: CallerOptions): Server {
  return { address: server.replace(/\/+$/u, ''), credentials, fetch };
}
