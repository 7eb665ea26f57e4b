// The statuses that a route can answer, as responses of the OpenAPI document.
import { takesIfMatch, type AnyEndpoint } from '../endpoint.ts';
import { takesIdempotencyKey } from '../idempotency.ts';
import { exceptionNames, problem } from '../problem.ts';
import type { JsonSchema, SchemaCollector } from './open-api-schema.ts';

type Responses = Record<string, unknown>;

interface Fault {
  readonly name: string;
  readonly description: string;
  readonly code: string;
  readonly exception: (typeof exceptionNames)[number];
  readonly headers?: readonly string[];
}

/** Every status of a problem, with one code as the example. */
const faults: Readonly<Record<number, Fault>> = {
  400: {
    name: 'BadRequest',
    description: 'Something in the request is not valid; `errors` names each field.',
    code: 'validation_failed',
    exception: 'ApiValidationFailed',
  },
  401: {
    name: 'NotSignedIn',
    description: 'No credentials, or they are not valid.',
    code: 'credentials_wrong',
    exception: 'InvalidCredentials',
  },
  403: {
    name: 'Forbidden',
    description: 'The caller may not do this.',
    code: 'forbidden',
    exception: 'AccessControlException',
  },
  404: {
    name: 'NotFound',
    description: 'There is no such object, or the caller may not see it.',
    code: 'not_found',
    exception: 'DataNotFoundException',
  },
  408: {
    name: 'TooSlow',
    description: 'The body came too slowly.',
    code: 'too_slow',
    exception: 'ApiValidationFailed',
  },
  409: {
    name: 'Conflict',
    description:
      'The state of the object does not allow this, or the Idempotency-Key was used with another request.',
    code: 'conflict',
    exception: 'ConflictException',
  },
  410: {
    name: 'Gone',
    description: 'It is no longer kept.',
    code: 'gone',
    exception: 'GoneException',
  },
  412: {
    name: 'PreconditionFailed',
    description: 'The object was changed since the version that If-Match names: read it again.',
    code: 'precondition_failed',
    exception: 'ConflictException',
  },
  413: {
    name: 'TooLarge',
    description: 'The body, or the address with the headers, is larger than this route takes.',
    code: 'too_large',
    exception: 'PayloadTooLarge',
  },
  415: {
    name: 'MediaTypeUnsupported',
    description: 'The body has a media type that is not read here.',
    code: 'media_type_unsupported',
    exception: 'ApiValidationFailed',
  },
  421: {
    name: 'MisdirectedRequest',
    description: 'The server is asked for by a name that is not its own.',
    code: 'host_unknown',
    exception: 'ApiValidationFailed',
  },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests: wait as long as Retry-After says.',
    code: 'too_many_requests',
    exception: 'TooManyRequestsException',
    headers: [
      'Retry-After',
      'x-retry-after',
      'x-rate-limit-limit',
      'x-rate-limit-remaining',
      'x-rate-limit-reset',
    ],
  },
  500: {
    name: 'InternalError',
    description: 'A fault of the server; it is in its log under the request id.',
    code: 'internal',
    exception: 'InternalServerError',
  },
  503: {
    name: 'Unavailable',
    description: 'The server is stopping or not ready.',
    code: 'unavailable',
    exception: 'ServiceUnavailable',
  },
};

export const answerHeaders: Readonly<Record<string, JsonSchema>> = {
  'x-request-id': header('The id of this request in the log; taken over from the request where it had one.'),
  'x-trifacta-request-id': header('The same as x-request-id.'),
  ETag: header(
    'The version of the thing itself: another after each change of what it is, whoever makes it, and after nothing else. For If-Match.',
  ),
  'Retry-After': header('Seconds to wait.', 'integer'),
  'x-retry-after': header('The same as Retry-After.', 'integer'),
  'x-rate-limit-limit': header('Requests in one window.', 'integer'),
  'x-rate-limit-remaining': header('Requests left in this window.', 'integer'),
  'x-rate-limit-reset': header('When the window ends, in seconds since 1970.', 'integer'),
};

function header(description: string, type = 'string'): JsonSchema {
  return { description, schema: { type } };
}

/** References to the headers that come with an answer. */
export function referHeaders(more: readonly string[] = []): JsonSchema {
  const names = ['x-request-id', 'x-trifacta-request-id', ...more];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The statuses of problems that a route can answer: from what it takes, and what it names itself. */
export function listProblemStatuses(
  endpoint: AnyEndpoint,
  takes: { body: boolean; query: boolean },
): number[] {
  const path = endpoint.path.includes(':');
  const signedIn = endpoint.access !== 'open';
  const statuses = new Set([413, 421, 429, 500, ...(endpoint.problems ?? [])]);
  if (path || takes.query || takes.body) statuses.add(400);
  if (path) statuses.add(404);
  if (signedIn) statuses.add(401).add(403);
  if (takes.body) statuses.add(408).add(415);
  if (takesIdempotencyKey(endpoint)) statuses.add(409);
  if (takesIfMatch(endpoint)) statuses.add(412);
  if (endpoint.alsoAnswers?.[503] === undefined) statuses.add(503);
  return [...statuses].toSorted((a, b) => a - b);
}

/** References to the responses of problems. */
export function referProblems(statuses: readonly number[]): Responses {
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${findFault(status).name}` }]),
  );
}

/** All responses of problems, by name, for the components of the document. */
export function buildProblemResponses(schemas: SchemaCollector): Responses {
  const schema = schemas.collect(problem, 'output');
  return Object.fromEntries(
    Object.entries(faults).map(([status, fault]) => [
      fault.name,
      {
        description: fault.description,
        headers: referHeaders(fault.headers),
        content: { 'application/problem+json': { schema, example: showProblem(Number(status), fault) } },
      },
    ]),
  );
}

function findFault(status: number): Fault {
  const fault = faults[status];
  if (fault === undefined) throw new Error(`No response is described for the status ${status}.`);
  return fault;
}

function showProblem(status: number, { code, exception, description }: Fault): JsonSchema {
  const field = { field: 'method', detail: 'must be one of post, get, put, patch, delete.' };
  return {
    type: `urn:flowhook:problem:${code}`,
    title: description,
    status,
    detail: description,
    code,
    errors: status === 400 ? [field] : [],
    exception: { name: exception, message: description, details: description },
  };
}
