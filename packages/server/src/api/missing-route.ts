// Requests that no route takes: a page of the web interface, a wrong method, or nothing at all.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../base/error.ts';
import type { Route } from './route.ts';

export type FindRoute = (request: FastifyRequest, reply: FastifyReply) => Problem;

/** Tells a path that exists with other methods from one that does not; sets Allow for the former. */
export function createMissingRoute(routes: readonly Route[]): FindRoute {
  const patterns = routes.map(({ endpoint: { method, path } }) => ({
    method,
    pattern: toPattern(path),
    params: path.split(':').length - 1,
  }));
  return ({ method, url }, reply) => {
    const path = url.split('?')[0]!;
    const found = patterns.filter(({ pattern }) => pattern.test(path));
    // `/v4/flows/count` is no flow, though a flow's path would fit.
    const fewest = Math.min(...found.map((each) => each.params));
    const methods = found.filter(({ params }) => params === fewest).map((each) => each.method);
    if (methods.length === 0) {
      const advice = adviseOriginal(path) ?? 'GET /v4/open-api-spec lists all routes.';
      return new Problem('route_not_found', `There is no ${method} ${path}. ${advice}`);
    }
    const allowed = [...new Set(methods)].join(', ');
    void reply.header('allow', allowed);
    return new Problem('method_not_allowed', `${path} takes ${allowed}, not ${method}.`);
  };
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

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/gu, '[^/]+')}/?$`, 'u');
}
