// A server on a free port that answers by a script, and keeps what was asked: for what a healthy server never does.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `nth` is 1 for the first request. */
export type Script = (response: ServerResponse, asked: Asked, nth: number) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

export async function startScripted(script: Script): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readAsked(request).then((each) => {
      asked.push(each);
      script(response, each, asked.length);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const { method = '', url = '', headers } = request;
  return { method, url, headers, body: (await buffer(request)).toString('utf8') };
}

export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: object = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** A problem document as the server writes it. */
export function answerProblem(
  response: ServerResponse,
  status: number,
  code: string,
  headers: object = {},
): void {
  const exception = { name: 'ConflictException', message: 'No', details: 'Not now.' };
  const document = {
    type: `urn:flowhook:problem:${code}`,
    title: 'No',
    status,
    detail: 'Not now.',
    code,
    errors: [],
    exception,
  };
  answerJson(response, status, document, { ...headers, 'content-type': 'application/problem+json' });
}
