// The HTTP server: identifies the caller, checks the request against its endpoint, calls the route, renders what comes back.
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { describeIssues } from '@flowhook/contract/problem';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { Problem, invalidFields, type FieldError } from '../base/error.ts';
import type { Log } from '../base/log.ts';
import { requireRole, requireWhole, type Caller } from '../people/caller.ts';
import type { SignIn } from '../people/sign-in.ts';
import { readCredentials, requireOwnOrigin } from './credentials.ts';
import type { Idempotency } from './idempotency.ts';
import { sendProblem, toProblem } from './problem.ts';
import { alreadySent, type Route } from './route.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface ServerOptions {
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly signIn: SignIn;
  readonly limit: SignInLimit;
  readonly idempotency: Idempotency;
  readonly trustedProxies: readonly string[];
  /** Where the API hangs when a base path is set, as `/flowhook`; else empty. */
  readonly basePath: string;
  /** Origins that the web interface is reached by. */
  readonly origins: readonly string[];
  readonly uploadLimit: number;
}

const bodyLimit = 2 * 1024 * 1024;
const idPattern = /^[\w.:/+=-]{1,128}$/u;

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    bodyLimit,
    genReqId: chooseRequestId,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    forceCloseConnections: 'idle',
  });
  await app.register(cookie);
  await app.register(multipart, {
    limits: { fileSize: options.uploadLimit, files: 1, fields: 50, fieldSize: 64 * 1024 },
  });
  addBodyParsers(app);
  addAnswers(app, options);
  await app.register(async (scope) => addRoutes(scope, options), { prefix: options.basePath });
  return app;
}

function chooseRequestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && idPattern.test(given) ? given : randomUUID();
}

/** An empty body is no body, whatever Content-Type says. */
function addBodyParsers(app: FastifyInstance): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(
    /^(application|text)\/([\w.+-]+\+)?json\b/u,
    { parseAs: 'string' },
    (_, body, done) => {
      const text = body.toString();
      if (text.trim() === '') return done(null, undefined);
      try {
        return done(null, JSON.parse(text));
      } catch (error) {
        return done(
          new Problem('malformed_json', `The body is not valid JSON: ${(error as Error).message}.`),
          undefined,
        );
      }
    },
  );
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => {
    if (body.toString().trim() === '') done(null, undefined);
    else done(new Problem('media_type_unsupported', 'Send the body as application/json.'), undefined);
  });
}

const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

function addAnswers(app: FastifyInstance, { log }: ServerOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...securityHeaders, 'x-request-id': request.id, 'x-trifacta-request-id': request.id });
  });
  app.addHook('onResponse', async (request, reply) => logRequest(log, request, reply));
  app.setErrorHandler((error, request, reply) =>
    sendProblem(toProblem(error, log, request.id), request, reply),
  );
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}. GET /v4/open-api-spec lists all routes.`;
    return sendProblem(new Problem('route_not_found', detail), request, reply);
  });
}

/** The one canonical line of a request. */
function logRequest(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const line = {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? null,
    params: request.params,
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 100) / 100,
    personId: callers.get(request)?.personId ?? null,
    address: request.ip,
  };
  log.info(line, 'request');
}

const callers = new WeakMap<FastifyRequest, Caller>();

function addRoutes(app: FastifyInstance, options: ServerOptions): void {
  for (const route of options.routes) {
    const { method, path } = route.endpoint;
    app.route({ method, url: path, handler: (request, reply) => answer(route, options, request, reply) });
  }
}

async function answer(
  route: Route,
  options: ServerOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { endpoint } = route;
  const caller = await identify(endpoint, options, request);
  const input = {
    ...parseInput(endpoint, request),
    request,
    reply,
    get caller() {
      return requireCaller(caller);
    },
  };
  const run = () => route.handle(input);
  const { status, value } = await options.idempotency.run({
    endpoint,
    caller,
    request,
    body: input.body,
    run,
  });
  if (value === alreadySent) return reply;
  void reply.status(status);
  if (status === 204) return reply.send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
}

function requireCaller(caller: Caller | null): Caller {
  if (caller === null)
    throw new Problem(
      'not_signed_in',
      'Send an access token (Authorization: Bearer …), or email and password (Basic).',
    );
  return caller;
}

async function identify(
  endpoint: AnyEndpoint,
  options: ServerOptions,
  request: FastifyRequest,
): Promise<Caller | null> {
  const credentials = readCredentials(request);
  if (credentials === null || (endpoint.access === 'open' && credentials.kind !== 'session')) {
    if (endpoint.access !== 'open') requireCaller(null);
    return null;
  }
  if (credentials.kind === 'session') requireOwnOrigin(request, options.origins);
  const caller = await options.limit
    .guard(request.ip, credentials, () => options.signIn.identify(credentials))
    .catch((error: unknown) => {
      if (endpoint.access === 'open') return null;
      throw error;
    });
  if (caller === null) return null;
  callers.set(request, caller);
  allow(endpoint, caller);
  return caller;
}

function allow(endpoint: AnyEndpoint, caller: Caller): void {
  if (caller.readOnly && !endpoint.readOnly)
    throw new Problem('forbidden', 'This access token is read-only.');
  if (endpoint.access === 'author' || endpoint.access === 'administrator')
    requireRole(caller, endpoint.access);
  if (endpoint.access === 'administrator') requireWhole(caller);
}

function parseInput(endpoint: AnyEndpoint, request: FastifyRequest) {
  const errors: FieldError[] = [];
  const parse = (schema: AnyEndpoint['params'], value: unknown, root = '') => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) errors.push(...describeIssues(parsed.error, root));
    return parsed.data;
  };
  const hasBody =
    endpoint.requestType === undefined && request.method !== 'GET' && request.method !== 'DELETE';
  const params = parse(endpoint.params, request.params);
  const query = parse(endpoint.query, request.query);
  const body = hasBody ? parseBody(endpoint, request.body, parse) : undefined;
  if (errors.length > 0) throw invalidFields(errors);
  return { params, query, body };
}

/** A route that takes no body ignores one; one whose members are all optional takes an empty one. */
function parseBody(
  endpoint: AnyEndpoint,
  body: unknown,
  parse: (schema: AnyEndpoint['body'], value: unknown, root: string) => unknown,
): unknown {
  if (endpoint.body.safeParse(undefined).success)
    return body === undefined || body === null ? undefined : parse(endpoint.body, undefined, 'body');
  return parse(endpoint.body, body ?? {}, '');
}
