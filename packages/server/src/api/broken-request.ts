// Answers what is no HTTP request that can be read: no route, not even a hook, ever sees it.
import type { FastifyServerOptions } from 'fastify';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { describeCode, Problem } from '../base/error.ts';
import { writeProblem } from './problem.ts';

type ClientErrorHandler = NonNullable<FastifyServerOptions['clientErrorHandler']>;

/** Node reads at most 16 KiB of a request's first line and headers. */
export const answerBrokenRequest: ClientErrorHandler = (error, socket) => {
  // The other side has gone.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const problem = toProblem(error.code);
  const { status } = describeCode(problem.code);
  const requestId = randomUUID();
  const body = writeProblem(problem, requestId);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    `x-trifacta-request-id: ${requestId}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};

function toProblem(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(
      'too_large',
      'The address with its query, and the headers, have more than 16 KiB together: put long values into a body.',
    );
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('too_slow', 'The head of the request came too slowly: send the whole of it at once.');
  return new Problem('validation_failed', 'The request is no HTTP that can be read.');
}
