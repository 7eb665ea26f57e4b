// Walls before a body: who calls is known by the head alone, what is refused is not read on, what comes too slowly ends.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { Problem } from '../base/error.ts';

/** Bytes that an open route takes: email, password and the like. */
export const openBodyLimit = 16 * 1024;

/** Bytes a second that an upload must bring while the server takes what comes. */
const leastRate = 1024;

/** How long a connection goes on taking what a refused caller still sends, so that the refusal is read and not reset. */
const lingerMs = 1000;

/** Ends the connection after this answer where the request's body has not come whole: nothing more of it is kept. */
export function closeAfter({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete || reply.raw.headersSent) return;
  void reply.header('connection', 'close');
  linger(raw.socket);
}

/** Node ends both ways at once, and a caller that still sends is reset before it reads; so the way back is left for a moment. */
function linger(socket: Socket): void {
  const { destroySoon } = socket;
  socket.destroySoon = () => {
    socket.destroySoon = destroySoon;
    if (socket.destroyed) return;
    const timer = setTimeout(() => socket.resetAndDestroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
    socket.end();
  };
}

/**
 * Refuses a body that does not come whole within these seconds. An upload may take longer while it brings the least
 * rate; seconds in which the server has not yet taken what came are its own.
 */
export function watchBody(
  request: FastifyRequest,
  reply: FastifyReply,
  seconds: number,
  isUpload: boolean,
): void {
  const { raw } = request;
  if (raw.complete) return;
  const { socket } = raw;
  let before = socket.bytesRead;
  const timer = setInterval(() => {
    if (raw.complete || socket.destroyed) return clearInterval(timer);
    const brought = socket.bytesRead - before;
    before = socket.bytesRead;
    if (isUpload && (raw.readableLength > 0 || brought >= leastRate * seconds)) return;
    clearInterval(timer);
    refuse(request, reply);
  }, seconds * 1000);
  timer.unref();
  raw.once('close', () => clearInterval(timer));
}

/** The same socket may have answered already, to a request whose body nobody reads. */
function refuse(request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent) {
    request.raw.socket.destroy();
    return;
  }
  closeAfter(request, reply);
  void reply.send(
    new Problem('too_slow', 'The body came too slowly, or not at all: send the whole of it at once.'),
  );
}
