// One operation of the OpenAPI document, from one endpoint.
import type { z } from 'zod';
import { listQuery } from '../convention.ts';
import { maxHeaderLength, showsVersion, takesIfMatch, type AnyEndpoint } from '../endpoint.ts';
import { takesIdempotencyKey } from '../idempotency.ts';
import { ifMatch } from './if-match.ts';
import { listProblemStatuses, referHeaders, referProblems } from './open-api-answer.ts';
import { examples } from './open-api-example.ts';
import type { JsonSchema, SchemaCollector } from './open-api-schema.ts';

/** `operationId` as in `flowList`; the schemas go to `schemas`. */
export function buildOperation(
  operationId: string,
  endpoint: AnyEndpoint,
  schemas: SchemaCollector,
): JsonSchema {
  const query = listParameters(endpoint.query, 'query', schemas);
  const body = isNothing(endpoint.body) ? null : buildBody(operationId, endpoint, schemas);
  const statuses = listProblemStatuses(endpoint, { body: body !== null, query: query.length > 0 });
  return {
    operationId,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: describeAccess(endpoint),
    security: chooseSecurity(endpoint),
    parameters: [...listParameters(endpoint.params, 'path', schemas), ...query, ...listHeaders(endpoint)],
    ...(body && { requestBody: body }),
    responses: {
      [endpoint.status]: buildAnswer(operationId, endpoint, schemas),
      ...buildOtherAnswers(endpoint, schemas),
      ...referProblems(statuses),
    },
  };
}

function takesFields({ query }: AnyEndpoint): boolean {
  return 'shape' in query && Object.hasOwn(query.shape as object, 'fields');
}

function isNothing(schema: z.core.$ZodType): boolean {
  return schema._zod.def.type === 'undefined' || schema._zod.def.type === 'void';
}

const roles = {
  open: 'Needs no sign-in.',
  viewer: 'For everyone who is signed in.',
  author: 'Needs the role author or administrator.',
  administrator: 'Needs the role administrator.',
} as const;

function describeAccess({ access, readOnly }: AnyEndpoint): string {
  if (access === 'open') return roles.open;
  return `${roles[access]} A read-only token ${readOnly ? 'may' : 'may not'} call it.`;
}

function chooseSecurity({ access }: AnyEndpoint): JsonSchema[] {
  return access === 'open' ? [] : [{ bearer: [] }, { basic: [] }, { session: [] }];
}

function listParameters(
  schema: AnyEndpoint['query'],
  place: 'path' | 'query',
  schemas: SchemaCollector,
): JsonSchema[] {
  const { properties = {}, required = [] } = schemas.collect(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => {
    const parameter = {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
    return schemas.shareParameter(parameter, Object.hasOwn(listQuery.shape, name) || name === 'id');
  });
}

function listHeaders(endpoint: AnyEndpoint): JsonSchema[] {
  const own = Object.entries(endpoint.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: name === ifMatch.name ? ifMatch.schema : { type: 'string', maxLength: maxHeaderLength },
  }));
  const shared = [
    ...(takesIdempotencyKey(endpoint) ? ['IdempotencyKey'] : []),
    ...(takesIfMatch(endpoint) ? ['IfMatch'] : []),
  ];
  return [...shared.map((name) => ({ $ref: `#/components/parameters/${name}` })), ...own];
}

function buildBody(operationId: string, endpoint: AnyEndpoint, schemas: SchemaCollector): JsonSchema {
  const type = endpoint.requestType ?? 'application/json';
  const example = examples[operationId]?.body;
  return {
    required: !endpoint.body.safeParse({}).success,
    content: {
      [type]: {
        schema: schemas.collect(endpoint.body, 'input'),
        ...(example === undefined ? {} : { example }),
      },
    },
  };
}

function buildAnswer(operationId: string, endpoint: AnyEndpoint, schemas: SchemaCollector): JsonSchema {
  const headers = referHeaders(showsVersion(endpoint) ? ['ETag'] : []);
  if (isNothing(endpoint.reply)) return { description: 'Done; there is nothing to answer.', headers };
  const example = examples[operationId]?.reply;
  const whole = schemas.collect(endpoint.reply, 'output');
  const content = {
    schema: takesFields(endpoint) ? schemas.choose(whole) : whole,
    ...(example === undefined ? {} : { example }),
  };
  return {
    description: endpoint.status === 201 ? 'Made.' : 'Done.',
    headers,
    content: { [endpoint.replyType ?? 'application/json']: content },
  };
}

// A status that is no problem has no body (304), or the same as success (503 of /readyz).
function buildOtherAnswers(endpoint: AnyEndpoint, schemas: SchemaCollector): JsonSchema {
  const others = Object.entries(endpoint.alsoAnswers ?? {});
  return Object.fromEntries(
    others.map(([status, description]) => [
      status,
      {
        description,
        headers: referHeaders(),
        ...(Number(status) < 400
          ? {}
          : { content: { 'application/json': { schema: schemas.collect(endpoint.reply, 'output') } } }),
      },
    ]),
  );
}
