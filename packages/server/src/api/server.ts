// The HTTP server: identifies the caller, checks the request against its endpoint, calls the route, renders what comes back.
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { Log } from '../base/log.ts';
import { createMetrics, type Metrics } from '../base/metrics.ts';
import type { Caller } from '../people/caller.ts';
import type { Idempotency } from './idempotency.ts';
import { identify, requireCaller, type Identification } from './identify.ts';
import { closeAfter, openBodyLimit, watchBody } from './body-wall.ts';
import { addCompression } from './compression.ts';
import { addBodyParsers } from './json-body.ts';
import { addHostCheck, type HostRule } from './own-host.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { createMissingRoute, listShadowed } from './missing-route.ts';
import { sendProblem, toProblem } from './problem.ts';
import { addRequestLog, addStreamLog, nameId, noteRequest, readCaller, type Note } from './request-log.ts';
import { prepareInput, type RequestInput } from './request-input.ts';
import { createListTurns, type ListTurns } from './list-turn.ts';
import { alreadySent, type Route, type RouteInput } from './route.ts';
import { addHeaders, writeHeaders } from './security-header.ts';
import { addWebFiles } from './web-files.ts';

export interface ServerOptions extends Identification {
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly idempotency: Idempotency;
  readonly trustedProxies: readonly string[];
  /** Unless given, any name will do. */
  readonly hosts?: HostRule;
  /** True where people reach the server by https. */
  readonly secure: boolean;
  /** Where the server hangs behind its proxy, as `/flowhook`; else empty. The proxy may cut it off or leave it. */
  readonly basePath: string;
  readonly uploadLimit: number;
  /** Bytes of the largest JSON body. */
  readonly bodyLimit?: number;
  /** Within which a request's head and its JSON body must have come. */
  readonly requestSeconds?: number;
  /** Connections at once; more are closed as they come. */
  readonly maxConnections?: number;
  /** The folder of the built web interface; without it a plain page is shown. */
  readonly webFolder?: string | null;
}

const usualConnections = 5000;
/** How often connections are looked at whose head does not come. */
const checkEveryMs = 1000;
const usualBodyLimit = 2 * 1024 * 1024;
const idPattern = /^[\w.:/+=-]{1,128}$/u;

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { trustedProxies, basePath, uploadLimit, log } = options;
  const sendError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    closeAfter(request, reply);
    return sendProblem(toProblem(error, log, request.id), request, reply);
  };
  const app = fastify({
    logger: false,
    clientErrorHandler: answerBrokenRequest,
    // What the router itself refuses passes no hook.
    frameworkErrors(error, request, reply) {
      writeHeaders(request, reply, options.secure);
      sendError(error, request, reply);
    },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: options.bodyLimit ?? usualBodyLimit,
    genReqId: chooseRequestId,
    rewriteUrl: ({ url = '/' }) => cutBasePath(url, basePath),
    // The original's router does not tell cases apart, and clients rely on it: /v4/jobgroups.
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 500 },
    forceCloseConnections: 'idle',
    http: { headersTimeout: readSeconds(options) * 1000, connectionsCheckingInterval: checkEveryMs },
  });
  app.server.maxConnections = options.maxConnections ?? usualConnections;
  await addCompression(app);
  await app.register(cookie);
  const limits = { fileSize: uploadLimit, files: 1, fields: 50, fieldSize: 64 * 1024 };
  await app.register(multipart, { limits });
  addHeaders(app, options.secure);
  addRequestLog(app, { log, metrics: options.metrics ?? createMetrics() });
  addStreamLog(app, log);
  addHostCheck(app, options.hosts ?? { host: null, names: [] });
  addBodyParsers(app);
  app.setErrorHandler(sendError);
  const turns = createListTurns();
  for (const route of options.routes) addRoute(app, route, options, turns);
  const sendWebFile = await addWebFiles(app, options.webFolder ?? null, basePath);
  const missing = createMissingRoute(options.routes);
  const sendMissing = (request: FastifyRequest, reply: FastifyReply) =>
    sendWebFile(request, reply) ?? sendError(missing(request, reply), request, reply);
  const refuse = async (request: FastifyRequest, reply: FastifyReply) => sendMissing(request, reply);
  for (const { method, path } of listShadowed(options.routes))
    app.route({ method, url: path, onRequest: refuse, handler: refuse });
  // What is sent to no route is not read either.
  app.addHook('onRequest', async (request, reply) =>
    request.is404 ? sendMissing(request, reply) : undefined,
  );
  app.setNotFoundHandler(sendMissing);
  return app;
}

function readSeconds({ requestSeconds = 30 }: Pick<ServerOptions, 'requestSeconds'>): number {
  return requestSeconds;
}

function chooseRequestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && idPattern.test(given) ? given : randomUUID();
}

function cutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  return rest === '' || rest.startsWith('?') ? `/${rest}` : rest.startsWith('/') ? rest : url;
}

function addRoute(app: FastifyInstance, route: Route, options: ServerOptions, turns: ListTurns): void {
  const { method, path } = route.endpoint;
  const readInput = prepareInput(route.endpoint);
  const idName = nameId(path);
  const seconds = readSeconds(options);
  const isUpload = route.endpoint.requestType !== undefined;
  /** Before a byte of the body is read: whoever may not call costs nothing. */
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const note: Note = { route: path, idName, caller: null };
    noteRequest(request, note);
    watchBody(request, reply, seconds, isUpload);
    note.caller = await identify(route.endpoint, options, request);
  };
  const handler = (request: FastifyRequest, reply: FastifyReply) =>
    answer({ route, readInput, options, turns }, request, reply);
  const largest = route.endpoint.access === 'open' ? openBodyLimit : route.endpoint.largestBody;
  const limit = largest === undefined ? {} : { bodyLimit: largest };
  app.route({ method, url: path, onRequest, handler, ...limit });
}

interface Answering {
  readonly route: Route;
  readonly options: ServerOptions;
  readInput(request: FastifyRequest): RequestInput;
  readonly turns: ListTurns;
}

async function answer(
  { route, readInput, options, turns }: Answering,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const caller = readCaller(request);
  const input = toRouteInput(readInput(request), caller, request, reply);
  const { status, value } = await turns.run(route.endpoint, caller?.personId ?? null, () =>
    options.idempotency.run(route, input, caller),
  );
  if (value === alreadySent) return reply;
  void reply.status(status);
  if (status === 204) return reply.send();
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
}

function toRouteInput(
  { params, query, body }: RequestInput,
  caller: Caller | null,
  request: FastifyRequest,
  reply: FastifyReply,
): RouteInput<never> {
  const input = {
    params,
    query,
    body,
    request,
    reply,
    held: <C>(context: C) => context,
    get caller() {
      return requireCaller(caller);
    },
  };
  return input as RouteInput<never>;
}
