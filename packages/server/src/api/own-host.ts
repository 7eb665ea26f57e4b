// The names that a request may ask for this server by: what a page elsewhere makes a browser send here comes by another one.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { Problem } from '../base/error.ts';

export interface HostRule {
  /** The host of the base URL; null where none is set: then any name will do, since nobody said which are right. */
  readonly host: string | null;
  /** Names beside it, as an administrator gave them. */
  readonly names: readonly string[];
}

/** Probes ask by whatever name they have; what they get is no secret. */
const openPaths = /^\/(?:healthz|readyz)(?:[/?]|$)/u;

/** Refuses requests for other hosts. A name that leads here only for a moment (DNS rebinding) reaches nothing. */
export function addHostCheck(app: FastifyInstance, { host, names }: HostRule): void {
  if (host === null) return;
  const own = new Set([host, hostname(), ...names].map((name) => name.toLowerCase()));
  app.addHook('onRequest', (request, _, done) => {
    if (openPaths.test(request.url) || isOwnName(request, own)) return done();
    const detail = `This server does not go by the name ${JSON.stringify(request.hostname)}: ask it by the address of FLOWHOOK_BASE_URL, or add the name to FLOWHOOK_HOSTS.`;
    done(new Problem('host_unknown', detail));
  });
}

function isOwnName(request: FastifyRequest, own: ReadonlySet<string>): boolean {
  const name = readName(request);
  // A name without a dot belongs to nobody outside: a container's, a machine's in its own network.
  return own.has(name) || isThisMachine(name) || isIP(name) !== 0 || !name.includes('.');
}

/** Without port and the brackets of IPv6. */
function readName({ hostname: name }: FastifyRequest): string {
  return name
    .replace(/^\[(.*)\]$/u, '$1')
    .replace(/\.$/u, '')
    .toLowerCase();
}

function isThisMachine(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}
