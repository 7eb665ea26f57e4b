// A TCP proxy before PostgreSQL that loses the answer to one commit: it comes through, and the connection ends.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { leadTo } from './listen.ts';

export interface CommitProxy {
  /** The URL with this proxy in the place of its host and port. */
  through(url: string): string;
  /**
   * Cuts the first connection that sends something with all of these texts and then a commit: as soon as the commit was
   * passed on, or not before the database has carried it out. Resolves when that has happened.
   */
  cutCommit(texts: readonly string[], when: 'sent' | 'done'): Promise<void>;
  close(): void;
}

const commit = /commit\0/iu;

interface Watch {
  readonly texts: readonly string[];
  readonly when: 'sent' | 'done';
  cut(): void;
}

export async function startCommitProxy(target: string): Promise<CommitProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let watch: Watch | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    let followed: Watch | undefined;
    let isCommitted = false;
    for (const socket of [client, upstream]) keep(socket);
    const cut = () => {
      watch = undefined;
      client.destroy();
      followed!.cut();
    };
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (watch?.texts.every((part) => text.includes(part)) === true) followed = watch;
      const ends = followed !== undefined && commit.test(text);
      // What has been sent is carried out, though nobody hears of it.
      upstream.write(bytes);
      if (!ends) return;
      isCommitted = true;
      if (followed!.when === 'sent') cut();
    });
    upstream.on('data', (bytes) => {
      if (isCommitted && followed!.when === 'done') cut();
      if (!client.destroyed) client.write(bytes);
    });
    client.once('close', () => upstream.end());
    upstream.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return {
    through: (url) => leadTo(url, own),
    cutCommit: (texts, when) =>
      new Promise((resolve) => {
        watch = { texts, when, cut: resolve };
      }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
