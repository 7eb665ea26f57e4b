// The receiver of bench/sender.ts, a process of its own: answers each request with a short 200 as cheaply as can be.
import { createServer, type AddressInfo, type Socket } from 'node:net';

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok');
const contentLength = /\r\ncontent-length: (\d+)\r\n/iu;

const server = createServer({ noDelay: true }, (socket) => {
  let waiting: Buffer = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    waiting = answerWhole(socket, waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]));
  });
});

/** Answers each whole request and gives what is left. */
function answerWhole(socket: Socket, bytes: Buffer): Buffer {
  for (let rest = bytes; ;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return rest;
    const length = Number(contentLength.exec(rest.toString('latin1', 0, headEnd + 2))?.[1] ?? 0);
    if (rest.length < headEnd + 4 + length) return rest;
    socket.write(answer);
    rest = rest.subarray(headEnd + 4 + length);
  }
}

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
