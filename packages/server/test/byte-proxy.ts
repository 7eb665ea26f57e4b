// A TCP proxy that ends every connection once so many bytes have gone to the server: at any byte of any request.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface ByteProxy {
  readonly url: string;
  /** Counts anew; what comes then is refused until this is called again. */
  cutAfter(bytes: number): void;
  close(): void;
}

/** Stands on a free port of 127.0.0.1 before the host and port of `target`. */
export async function startByteProxy(target: string): Promise<ByteProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let left = Infinity;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    for (const socket of [client, upstream]) keep(socket);
    client.on('data', (bytes) => {
      const some = bytes.subarray(0, Math.min(left, bytes.length));
      left -= bytes.length;
      // What has gone through is with the server, whatever becomes of the connection.
      upstream.write(some, () => left < 0 && cut());
    });
    upstream.on('data', (bytes) => client.write(bytes));
    client.once('close', () => upstream.end());
    upstream.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${own}`,
    cutAfter(bytes) {
      left = bytes;
    },
    close() {
      server.close();
      cut();
    },
  };
}
