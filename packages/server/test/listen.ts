// Listeners on loopback that are no HTTP servers: one that hands over its connections, one that never takes any.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface Listening {
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host?: string;
  readonly port?: number;
}

/** Listens on loopback and hands over each connection. */
export async function listenTcp(
  onConnection: (socket: Socket) => void,
  { host = '127.0.0.1', port = 0 }: ListenOptions = {},
): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same URL, by way of a port of this machine. */
export function leadTo(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}

const deafThread = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:worker_threads').parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/** Listens but never accepts: a thread that stands still, and its queue is full. Connecting to it takes for ever. */
export async function listenDeaf(): Promise<{ port: number; close(): Promise<void> }> {
  const thread = new Worker(deafThread, { eval: true });
  const [port] = (await once(thread, 'message')) as [number];
  const callers: Socket[] = [];
  for (let isTaken = true; isTaken;) {
    const caller = connect(port, '127.0.0.1').on('error', () => undefined);
    callers.push(caller);
    isTaken = await isConnectedSoon(caller);
  }
  return {
    port,
    async close() {
      for (const caller of callers) caller.destroy();
      await thread.terminate();
    },
  };
}

function isConnectedSoon(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), 200);
  socket.once('connect', () => resolve(true));
  return promise.finally(() => clearTimeout(timer));
}
