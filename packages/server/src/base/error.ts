// Every way in which a caller can be at fault: the closed list of codes, and the error that carries one.

/** `exception` is the name that clients of the original's API read. */
const codes = {
  validation_failed: { status: 400, title: 'The request is not valid', exception: 'ApiValidationFailed' },
  malformed_json: { status: 400, title: 'The body is not valid JSON', exception: 'ApiValidationFailed' },
  sql_invalid: { status: 400, title: 'The SQL is not valid', exception: 'ApiValidationFailed' },
  url_refused: { status: 400, title: 'The egress policy refuses this URL', exception: 'ApiValidationFailed' },
  file_unreadable: { status: 400, title: 'The file could not be read', exception: 'ApiValidationFailed' },
  not_signed_in: { status: 401, title: 'Sign in first', exception: 'InvalidCredentials' },
  credentials_wrong: {
    status: 401,
    title: 'These credentials are not valid',
    exception: 'InvalidCredentials',
  },
  forbidden: { status: 403, title: 'You may not do this', exception: 'AccessControlException' },
  origin_refused: {
    status: 403,
    title: 'The request comes from another site',
    exception: 'AccessControlException',
  },
  dataset_withheld: {
    status: 403,
    title: 'The flow may not read this dataset',
    exception: 'AccessControlException',
  },
  not_found: { status: 404, title: 'There is no such object', exception: 'DataNotFoundException' },
  route_not_found: { status: 404, title: 'There is no such route', exception: 'RouteNotFoundException' },
  method_not_allowed: {
    status: 405,
    title: 'This route has no such method',
    exception: 'RouteNotFoundException',
  },
  too_slow: { status: 408, title: 'The request came too slowly', exception: 'ApiValidationFailed' },
  conflict: {
    status: 409,
    title: 'The state of the object does not allow this',
    exception: 'ConflictException',
  },
  idempotency_conflict: {
    status: 409,
    title: 'The Idempotency-Key was used with another request',
    exception: 'ConflictException',
  },
  limit_reached: { status: 409, title: 'A limit is reached', exception: 'ConflictException' },
  precondition_failed: {
    status: 412,
    title: 'The object is not the version that was asked for',
    exception: 'ConflictException',
  },
  gone: { status: 410, title: 'This is no longer kept', exception: 'GoneException' },
  too_large: { status: 413, title: 'The request is too large', exception: 'PayloadTooLarge' },
  media_type_unsupported: {
    status: 415,
    title: 'The body has a media type that is not read here',
    exception: 'ApiValidationFailed',
  },
  host_unknown: {
    status: 421,
    title: 'This server does not go by this name',
    exception: 'ApiValidationFailed',
  },
  too_many_requests: { status: 429, title: 'Too many requests', exception: 'TooManyRequestsException' },
  internal: { status: 500, title: 'Something went wrong here', exception: 'InternalServerError' },
  unavailable: { status: 503, title: 'The server is stopping or not ready', exception: 'ServiceUnavailable' },
} as const;

export type ProblemCode = keyof typeof codes;

/** One field at fault, as a dotted path (`writeSettings[0].path`), and what to do about it. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

/** The caller's fault. Everything else that is thrown is a bug or a broken world, and answered with 500. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  /** Members of the problem document beyond the usual ones, such as `position` of an SQL error. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    detail: string,
    errors: readonly FieldError[] = [],
    more: Record<string, unknown> = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.errors = errors;
    this.more = more;
  }
}

/** Status, title and the original's exception name of a code. */
export function describeCode(code: ProblemCode): { status: number; title: string; exception: string } {
  return codes[code];
}

export const problemCodes = Object.keys(codes) as ProblemCode[];

/** A fault in one field of the request. */
export function invalidField(field: string, detail: string): Problem {
  return new Problem('validation_failed', `${field}: ${detail}`, [{ field, detail }]);
}

/** Faults in several fields; the list must not be empty. */
export function invalidFields(errors: readonly FieldError[]): Problem {
  return new Problem(
    'validation_failed',
    errors.map(({ field, detail }) => `${field}: ${detail}`).join(' '),
    errors,
  );
}

/** An object that does not exist, or that the caller may not know to exist. */
export function notFound(kind: string, id: number | string): Problem {
  return new Problem('not_found', `There is no ${kind} ${id}, or you may not see it.`);
}
