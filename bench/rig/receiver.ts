// The receiver of the benches, a process of its own: answers each request with a short 200 as cheaply as can be.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { ReceiverMessage } from './receiver-process.ts';

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok');
const contentLength = /\r\ncontent-length: (\d+)\r\n/iu;

let count = 0;
/** When each job's request was whole, by the clock that all processes of a machine share; null unless asked for. */
let arrivals: [job: number, ns: string][] | null = null;

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
    const end = headEnd + 4 + length;
    if (rest.length < end) return rest;
    socket.write(answer);
    count += 1;
    if (arrivals !== null) note(arrivals, rest.toString('utf8', headEnd + 4, end));
    rest = rest.subarray(end);
  }
}

function note(all: NonNullable<typeof arrivals>, body: string): void {
  const at = process.hrtime.bigint();
  const { job } = JSON.parse(body) as { job: number };
  all.push([job, String(at)]);
}

process.on('message', (message: ReceiverMessage) => {
  if (message === 'count') process.send?.(count);
  if (message === 'record') arrivals = [];
  if (message === 'arrivals') process.send?.(arrivals ?? []);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
