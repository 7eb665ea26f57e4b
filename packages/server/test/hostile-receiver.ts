// Receivers that do a sender harm, each as one function over a socket, with the outcome that it must get.
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { listenTcp, type Listening } from './listen.ts';

export interface HostileReceiver {
  readonly name: string;
  /** Called when the first bytes of a request are there. */
  serve(socket: Socket): void;
  /** A status, or the reason of a failure with what its detail must say. */
  readonly outcome: number | readonly [reason: string, detail: RegExp];
  /** The note on the body. */
  readonly note?: string;
  /** It runs into the time limit. */
  readonly isSlow?: true;
}

const head = (lines: string) => `HTTP/1.1 ${lines}\r\n\r\n`;
const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
const megabyte = Buffer.alloc(1024 * 1024, 'x');

/** Writes for as long as it is read. */
function pour(socket: Socket, chunk: Buffer | string, max = Number.POSITIVE_INFINITY): void {
  let poured = 0;
  const more = () => {
    while (!socket.destroyed && poured < max) {
      poured += chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** A byte every 20 ms. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length]!), 20);
  socket.on('close', () => clearInterval(timer));
}

const chunked = head('200 OK\r\ntransfer-encoding: chunked');
const late: Pick<HostileReceiver, 'isSlow'> = { isSlow: true };

export const hostileReceivers: readonly HostileReceiver[] = [
  { name: 'never answers', serve: () => undefined, outcome: ['timeout', /waiting for the answer/u], ...late },
  {
    name: 'drips its head',
    serve: (socket) => drip(socket, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100)}`),
    outcome: ['timeout', /head of the answer/u],
    ...late,
  },
  {
    name: 'drips its body',
    serve: (socket) => {
      socket.write(head('201 Created\r\ncontent-length: 1000000'));
      drip(socket, 'x');
    },
    outcome: 201,
    note: 'cut at the time limit',
    ...late,
  },
  {
    name: 'answers 1 GB',
    serve: (socket) => {
      socket.write(head('200 OK\r\ncontent-length: 1073741824'));
      pour(socket, megabyte, 1024 * megabyte.length);
    },
    outcome: 200,
    note: 'cut at 1 MiB',
  },
  {
    name: 'answers without an end',
    serve: (socket) => {
      socket.write(chunked);
      pour(socket, Buffer.from(`1000\r\n${'x'.repeat(4096)}\r\n`));
    },
    outcome: 200,
    note: 'cut at 1 MiB',
  },
  {
    name: 'answers a chunk extension without an end',
    serve: (socket) => {
      socket.write(`${chunked}1;x=`);
      pour(socket, megabyte);
    },
    outcome: 200,
    note: 'cut at 1 MiB',
  },
  {
    name: 'answers trailers without an end',
    serve: (socket) => {
      socket.write(`${chunked}0\r\n`);
      pour(socket, `x: ${'y'.repeat(1000)}\r\n`);
    },
    outcome: 200,
    note: 'broken transfer encoding',
  },
  {
    name: 'closes half way',
    serve: (socket) => socket.end(`${head('200 OK\r\ncontent-length: 100')}half`),
    outcome: 200,
    note: 'closed early',
  },
  {
    name: 'closes half way after saying that it closes',
    serve: (socket) => socket.end(`${head('200 OK\r\nconnection: close\r\ncontent-length: 100')}half`),
    outcome: 200,
    note: 'closed early',
  },
  {
    name: 'closes before its last chunk',
    serve: (socket) => socket.end(`${chunked}4\r\nhalf\r\n`),
    outcome: 200,
    note: 'closed early',
  },
  {
    name: 'resets half way',
    serve: (socket) =>
      socket.write(`${head('200 OK\r\ncontent-length: 100')}half`, () =>
        setImmediate(() => socket.resetAndDestroy()),
      ),
    outcome: 200,
    note: 'connection reset',
  },
  {
    name: 'speaks a broken chunk',
    serve: (socket) => socket.write(`${chunked}zz\r\nnope`),
    outcome: 200,
    note: 'broken transfer encoding',
  },
  {
    name: 'redirects',
    serve: (socket) =>
      socket.write(head('302 Found\r\nlocation: http://127.0.0.1:1/secret\r\ncontent-length: 0')),
    outcome: ['redirect', /redirects to http:\/\/127\.0\.0\.1:1;/u],
  },
  {
    name: 'redirects to nowhere',
    serve: (socket) => socket.write(head('307 Temporary Redirect\r\ncontent-length: 0')),
    outcome: ['redirect', /^The receiver redirects;/u],
  },
  {
    name: 'says not modified',
    serve: (socket) => socket.write(head('304 Not Modified')),
    outcome: ['redirect', /not followed/u],
  },
  {
    name: 'sends garbage',
    serve: (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'),
    outcome: ['invalid', /not HTTP: Expected HTTP/u],
  },
  {
    name: 'sends random bytes',
    serve: (socket) => socket.write(Buffer.from(Array.from({ length: 256 }, (_, at) => (at * 167) % 256))),
    outcome: ['invalid', /not HTTP/u],
  },
  {
    name: 'speaks HTTP/2',
    serve: (socket) => socket.write(Buffer.from('000000040000000000', 'hex')),
    outcome: ['invalid', /not HTTP/u],
  },
  {
    name: 'gives two lengths',
    serve: (socket) => socket.write(`${head('200 OK\r\ncontent-length: 2\r\ncontent-length: 3')}ok`),
    outcome: ['invalid', /contradicts itself/u],
  },
  {
    name: 'gives a length and chunks',
    serve: (socket) => socket.write(head('200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked')),
    outcome: ['invalid', /contradicts itself/u],
  },
  {
    name: 'gives a status below 100',
    serve: (socket) => socket.write(head('099 What\r\ncontent-length: 0')),
    outcome: ['invalid', /contradicts itself/u],
  },
  {
    name: 'gives a status of 999',
    serve: (socket) => socket.write(head('999 What\r\ncontent-length: 0')),
    outcome: 999,
  },
  {
    name: 'sends a head of 100 KiB',
    serve: (socket) => socket.write(head(`200 OK\r\nx: ${'a'.repeat(100 * 1024)}`)),
    outcome: ['too_large', /64 KiB/u],
  },
  {
    name: 'sends headers without an end',
    serve: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      pour(socket, 'x: y\r\n'.repeat(1000));
    },
    outcome: ['too_large', /64 KiB/u],
  },
  {
    name: 'sends a status line without an end',
    serve: (socket) => {
      socket.write('HTTP/1.1 200 ');
      pour(socket, megabyte);
    },
    outcome: ['too_large', /64 KiB/u],
  },
  {
    name: 'sends 1xx without an end',
    serve: (socket) => pour(socket, head('102 Processing').repeat(100)),
    outcome: ['too_large', /64 KiB/u],
  },
  {
    name: 'sends 1xx and then an answer',
    serve: (socket) =>
      socket.write(`${head('102 Processing')}${head('103 Early Hints\r\nlink: </x>')}${head('204 No')}`),
    outcome: 204,
  },
  {
    name: 'sends 100 unasked',
    serve: (socket) => socket.write(`${head('100 Continue')}${head('204 No Content')}`),
    outcome: ['invalid', /100 or 101/u],
  },
  {
    name: 'changes the protocol unasked',
    serve: (socket) =>
      socket.write(head('101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket')),
    outcome: ['invalid', /100 or 101/u],
  },
  {
    name: 'closes without a word',
    serve: (socket) => socket.end(),
    outcome: ['connect', /closed the connection before it answered/u],
  },
  {
    name: 'resets without a word',
    serve: (socket) => socket.resetAndDestroy(),
    outcome: ['connect', /reset the connection before it answered/u],
  },
  {
    name: 'closes in its head',
    serve: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
    outcome: ['connect', /in the middle of the head/u],
  },
  {
    name: 'answers compressed zeros',
    serve: (socket) => {
      socket.write(head(`200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}`));
      socket.write(bomb);
    },
    outcome: 200,
  },
  {
    name: 'answers until it closes',
    serve: (socket) => socket.end(`${head('200 OK')}all of it`),
    outcome: 200,
  },
];

/** Listens as this receiver. */
export function startHostile({ serve }: HostileReceiver): Promise<Listening> {
  return listenTcp((socket) => socket.once('data', () => serve(socket.resume())));
}
