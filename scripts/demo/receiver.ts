// The demo's receiver: takes webhooks on a free port of this machine and says of each whether its signature is right.
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { verify, type Verdict } from '@flowhook/signature';

/** A request that came, with what the signature says about it. */
export interface Callback {
  readonly method: string;
  readonly path: string;
  readonly attempt: string;
  readonly signature: string;
  readonly body: string;
  readonly verdict: Verdict;
}

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  readonly origin: string;
  /** All that came so far, in order. */
  readonly callbacks: readonly Callback[];
  /** The first that came or comes. Rejects when the signal is aborted. */
  first(signal: AbortSignal): Promise<Callback>;
  stop(): Promise<void>;
}

export async function startReceiver(secret: string): Promise<Receiver> {
  const callbacks: Callback[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    void receive(secret, origin, request).then(
      (arrived) => {
        callbacks.push(arrived);
        response.writeHead(arrived.verdict.ok ? 204 : 401).end();
        arrivals.emit('callback');
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    callbacks,
    async first(signal) {
      if (callbacks[0] === undefined) await once(arrivals, 'callback', { signal });
      return callbacks[0]!;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function receive(secret: string, origin: string, request: IncomingMessage): Promise<Callback> {
  const { method = '', url = '', headers } = request;
  const body = await buffer(request);
  const verdict = await verify(secret, { method, url: origin + url, headers, body });
  return {
    method,
    path: url,
    attempt: String(headers['x-webhook-attempt'] ?? ''),
    signature: String(headers['x-webhook-signature'] ?? ''),
    body: body.toString('utf8'),
    verdict,
  };
}
