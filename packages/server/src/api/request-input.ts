// What a request asks, checked by its endpoint's schemas; every field at fault is named at once.
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { maxHeaderLength, type AnyEndpoint } from '@flowhook/contract/endpoint';
import { describeIssues } from '@flowhook/contract/problem';
import { invalidFields, Problem, type FieldError } from '../base/error.ts';

export interface RequestInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

type Parse = (value: unknown, errors: FieldError[]) => unknown;
const nothing: Parse = () => ({});

/** Prepares the reading of an endpoint's requests. What it gives throws `validation_failed`. */
export function prepareInput(endpoint: AnyEndpoint): (request: FastifyRequest) => RequestInput {
  const readParams = endpoint.path.includes(':') ? parseBy(endpoint.params, '') : nothing;
  const readQuery = isEmptyObject(endpoint.query) ? nothing : parseBy(endpoint.query, '');
  const readBody = prepareBody(endpoint);
  const headerNames = Object.keys(endpoint.headers ?? {}).filter((name) => name !== 'If-Match');
  return (request) => {
    refuseNul(request);
    const errors = headerNames.flatMap((name) => findLongHeader(name, request.headers[name.toLowerCase()]));
    const params = readParams(request.params, errors);
    const query = readQuery(request.query, errors);
    const body = readBody(request, errors);
    if (errors.length > 0) throw invalidFields(errors);
    return { params, query, body };
  };
}

/** A header that is too long to be kept would not be found again: refused rather than ignored. */
function findLongHeader(field: string, value: string | string[] | undefined): FieldError[] {
  if (value === undefined || value.length <= maxHeaderLength) return [];
  return [{ field, detail: `must have at most ${maxHeaderLength} characters.` }];
}

function parseBy(schema: z.ZodType, root: string): Parse {
  return (value, errors) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { field, detail } of describeIssues(parsed.error))
      errors.push({ field: field === '' ? root : field, detail });
    return undefined;
  };
}

function isEmptyObject(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && Object.keys(schema.shape).length === 0;
}

/** A route that takes no body ignores one; one that needs members says which where there is none. */
function prepareBody(endpoint: AnyEndpoint): (request: FastifyRequest, errors: FieldError[]) => unknown {
  const { body: schema, method, requestType } = endpoint;
  const takesNone = schema instanceof z.ZodUndefined || method === 'GET' || method === 'DELETE';
  if (takesNone || requestType !== undefined) return () => undefined;
  const parse = parseBy(schema, 'body');
  const ofNone = schema.safeParse(undefined).success ? undefined : {};
  return (request, errors) => {
    if (request.isMultipart())
      throw new Problem('media_type_unsupported', 'Send the body as application/json.');
    // JSON's null is a body, and the wrong one.
    return parse(request.body === undefined ? ofNone : request.body, errors);
  };
}

/** PostgreSQL can't hold the character, and nobody means it. */
function refuseNul({ url }: FastifyRequest): void {
  if (url.includes('%00')) throw new Problem('validation_failed', 'The address has a NUL character (%00).');
}
