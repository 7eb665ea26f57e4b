// Requests that no route takes: a page of the web interface, a wrong method, or nothing at all.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Method } from '@flowhook/contract/endpoint';
import { Problem } from '../base/error.ts';
import type { Route } from './route.ts';

export type FindRoute = (request: FastifyRequest, reply: FastifyReply) => Problem;

interface Pattern {
  readonly method: Method;
  readonly pattern: RegExp;
  readonly params: number;
}

/** Tells a path that exists with other methods from one that does not; sets Allow for the former. */
export function createMissingRoute(routes: readonly Route[]): FindRoute {
  const patterns = routes.map(toPattern);
  return ({ method, url }, reply) => {
    const path = url.split('?')[0]!;
    const methods = listMethods(patterns, path);
    if (methods.length === 0) {
      const advice = adviseOriginal(path) ?? 'GET /v4/open-api-spec lists all routes.';
      return new Problem('route_not_found', `There is no ${method} ${path}. ${advice}`);
    }
    const allowed = methods.join(', ');
    void reply.header('allow', allowed);
    return new Problem('method_not_allowed', `${path} takes ${allowed}, not ${method}.`);
  };
}

/**
 * Paths without a method that a wider path takes in their place: `DELETE /v4/flows/count` would reach the route of
 * `/v4/flows/:id`, and say that "count" is no number.
 */
export function listShadowed(routes: readonly Route[]): { readonly method: Method; readonly path: string }[] {
  const patterns = routes.map(toPattern);
  const paths = [...new Set(routes.map(({ endpoint }) => endpoint.path))];
  return paths.flatMap((path) => {
    const own = listMethods(patterns, path);
    const taking = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(taking)].filter((method) => !own.includes(method)).map((method) => ({ method, path }));
  });
}

/** The methods of a path. `/v4/flows/count` is no flow, though a flow's path would fit: the one with fewest parameters counts. */
function listMethods(patterns: readonly Pattern[], path: string): Method[] {
  const found = patterns.filter(({ pattern }) => pattern.test(path));
  const fewest = Math.min(...found.map(({ params }) => params));
  return [...new Set(found.filter(({ params }) => params === fewest).map(({ method }) => method))];
}

function toPattern({ endpoint: { method, path } }: Route): Pattern {
  const pattern = new RegExp(`^${path.replaceAll(/:\w+/gu, '[^/]+')}/?$`, 'u');
  return { method, pattern, params: path.split(':').length - 1 };
}

/** Routes of the original that have no counterpart here, each with what does instead. */
const originals: readonly (readonly [RegExp, (id: string) => string])[] = [
  [
    /^\/v4\/jobGroups\/(\d+)\/pdfResults\/?$/iu,
    (id) =>
      `Profiles are not written as PDF here: GET /v4/jobGroups/${id}/profile has the same as JSON, and /jobs/${id} shows it.`,
  ],
];

function adviseOriginal(path: string): string | null {
  for (const [pattern, advise] of originals) {
    const [, id] = pattern.exec(path) ?? [];
    if (id !== undefined) return advise(id);
  }
  return null;
}
