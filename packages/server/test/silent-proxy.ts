// A TCP proxy that can go silent: connections stand, new ones are taken, and nothing is carried in either direction.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { leadTo } from './listen.ts';

export interface SilentProxy {
  /** The URL with this proxy in the place of its host and port. */
  through(url: string): string;
  silence(): void;
  /** Carries again what comes, and what was held back. */
  resume(): void;
  /** Ends every connection at once; new ones are taken. */
  cut(): void;
  close(): void;
}

/** Stands on a free port of 127.0.0.1 before the host and port of `target`. */
export async function startSilentProxy(target: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    if (isSilent) socket.pause();
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    keep(client);
    keep(upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (bytes) => to.write(bytes));
      from.once('end', () => to.end()).once('close', () => isSilent || to.destroy());
    }
    // Listening to data lets it flow.
    if (isSilent) for (const socket of [client, upstream]) socket.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return {
    through: (url) => leadTo(url, own),
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      isSilent = false;
      for (const socket of sockets) socket.resume();
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
