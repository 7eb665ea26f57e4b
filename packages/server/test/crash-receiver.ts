// The judge of a crash: a receiver that is a little slow, fails one time in ten, and writes down all that it sees.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './wait.ts';

/** How long the receiver waits for what is still missing after the last kill. */
const patienceMs = 90_000;

export async function startCrashReceiver() {
  /** Jobs answered with 200. */
  const delivered = new Set<number>();
  const answered = new Map<string, number>();
  const open = new Map<ServerResponse, string>();
  /** Deliveries that were open at a kill and have not been sent again since, with the victim's uptime at that kill. */
  const waiting = new Map<string, number>();
  const uptime = createUptime();
  let duplicates = 0;
  let onRequest: (() => void)[] = [];
  let slowest = 0;
  let cutOff = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const delivery = String(request.headers['x-webhook-delivery']);
    const chunks: Buffer[] = [];
    open.set(response, delivery);
    response.on('close', () => open.delete(response));
    noteResume(delivery);
    for (const tell of onRequest.splice(0)) tell();
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40));
    if (response.destroyed) return;
    if (Math.random() < 0.1) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200).end('ok');
    if (answered.has(delivery)) duplicates += 1;
    answered.set(delivery, (answered.get(delivery) ?? 0) + 1);
    delivered.add((JSON.parse(Buffer.concat(chunks).toString()) as { job: number }).job);
  }

  function noteResume(delivery: string): void {
    const since = waiting.get(delivery);
    if (since === undefined) return;
    waiting.delete(delivery);
    cutOff += 1;
    slowest = Math.max(slowest, uptime.now() - since);
  }

  const server = createServer(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    delivered,
    open: () => open.size,
    restarts: () => uptime.restarts(),
    nextRequest: () =>
      new Promise<void>((resolve) => {
        onRequest = [...onRequest, resolve];
      }),
    /** The requests that are open now are about to be cut off. */
    cut() {
      uptime.stop();
      for (const delivery of open.values()) if (!waiting.has(delivery)) waiting.set(delivery, uptime.now());
    },
    noteRestart: () => uptime.start(),
    async waitFor(ids: readonly number[]) {
      const all = () => ids.every((id) => delivered.has(id));
      await until(all, 'every job was told of', patienceMs).catch(() => undefined);
    },
    count: () => ({
      duplicates,
      cutOff,
      // One that was answered at the last moment may have been written down as well: it need not come again.
      slowestResumeMs: [...waiting.keys()].every((delivery) => answered.has(delivery))
        ? Math.round(slowest)
        : Number.POSITIVE_INFINITY,
    }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A clock that stands still while the victim is down: a delivery may meet more than one kill before it is sent again. */
function createUptime() {
  let past = 0;
  let upSince: number | null = performance.now();
  let restarts = 0;
  return {
    now: () => past + (upSince === null ? 0 : performance.now() - upSince),
    restarts: () => restarts,
    stop() {
      past += upSince === null ? 0 : performance.now() - upSince;
      upSince = null;
    },
    start() {
      restarts += 1;
      upSince = performance.now();
    },
  };
}
