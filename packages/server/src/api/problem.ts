// The one place where an error becomes an answer.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeCode, Problem, type ProblemCode } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import { isDatabaseAway } from '../db/database-away.ts';
import { tookTooLong } from '../db/took-too-long.ts';

/** Fastify's own errors, by their codes. */
const fastifyCodes: Readonly<Record<string, [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media_type_unsupported', 'Send the body as application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'validation_failed',
    'The body is shorter or longer than its Content-Length says.',
  ],
  FST_ERR_MAX_PARAM_LENGTH: ['validation_failed', 'A part of the path is longer than any id or name.'],
  FST_ERR_BAD_URL: ['validation_failed', 'The path has a broken percent-encoding.'],
  // PostgreSQL: a text with the character NUL, wherever it came from.
  '22021': ['validation_failed', 'Texts must not have the character NUL in them.'],
  FST_ERR_ASYNC_CONSTRAINT: ['validation_failed', 'The request can’t be read.'],
};

/** A restart or a failover of a database takes some seconds. */
const retryAfterSeconds = 5;

/** The problem that an error is to its caller. What is nobody's fault there is logged with its cause and answered without detail. */
export function toProblem(error: unknown, log: Log, requestId: string): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = fastifyCodes[code];
  if (known !== undefined) return new Problem(...known);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500 && error instanceof Error)
    return new Problem(status === 413 ? 'too_large' : 'validation_failed', error.message);
  if (tookTooLong(error))
    return new Problem(
      'unavailable',
      'It takes too long to read so many rows: ask for less, by a flow, a state or a time, or leave out filter, sort, offset and count.',
    );
  if (isDatabaseAway(error)) {
    log.error({ err: error, requestId }, 'the database can’t be used');
    return new Problem('unavailable', 'The database can’t be used at the moment. Try again soon.', [], {
      headers: { 'retry-after': String(retryAfterSeconds) },
    });
  }
  log.error({ err: error, requestId }, 'request failed');
  return new Problem(
    'internal',
    `It has been logged under the request id ${requestId}: tell an administrator.`,
  );
}

/** Answers with a problem document. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status } = describeCode(problem.code);
  for (const [name, value] of Object.entries(headersOf(problem))) void reply.header(name, value);
  if (status === 401 && request.headers['x-requested-with'] === undefined)
    void reply.header('www-authenticate', 'Bearer, Basic realm="Flowhook", charset="UTF-8"');
  return reply.status(status).type('application/problem+json').send(writeProblem(problem, request.id));
}

/** The document of a problem, as JSON. */
export function writeProblem(problem: Problem, requestId: string): string {
  const { status, title, exception } = describeCode(problem.code);
  const { headers: _, ...more } = problem.more;
  return JSON.stringify({
    type: `urn:flowhook:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    errors: problem.errors,
    exception: { name: exception, message: title, details: problem.message },
    requestId,
    ...more,
  });
}

function headersOf(problem: Problem): Record<string, string> {
  return (problem.more['headers'] as Record<string, string> | undefined) ?? {};
}
