// Name resolution that no slow name can hold up: the hosts file, then DNS, then the system's own ways.
import { lookup, Resolver } from 'node:dns/promises';
import { createHosts } from './hosts.ts';

/** The addresses of a name, the preferred first. Rejects with an error that has one of Node's DNS codes. */
export type Resolve = (name: string) => Promise<readonly { readonly address: string }[]>;

export interface ResolverOptions {
  /** Name servers, as 192.0.2.1 or 127.0.0.1:5353; those of the system unless given. */
  readonly servers?: readonly string[];
  /** How long each of two questions waits for a name server, in milliseconds; 2000 unless given. */
  readonly patienceMs?: number;
  readonly hostsPath?: string;
  /** Asked for a name that DNS does not know: search domains, mDNS and the like. The system's own unless given. */
  readonly fallback?: Resolve;
}

/** The second family's addresses are waited for no longer (RFC 8305, section 3). */
const otherFamilyMs = 50;
/** Name servers change while a server runs: they are read again after this. */
const rereadMs = 60_000;

/**
 * `dns.lookup` alone would not do: it takes one of two threads for as long as the name server likes, so that two names of
 * a silent server would stop every other name. This asks by sockets; only what DNS does not know goes to `lookup`, one at
 * a time. The same name asked for again while it is being resolved waits for the same answer.
 */
export function createResolver(options: ResolverOptions = {}): Resolve {
  const hosts = createHosts(options.hostsPath);
  const fallback = options.fallback ?? createSystemLookup();
  const dns = createDns(options);
  const underWay = new Map<string, Promise<readonly { address: string }[]>>();

  async function resolveAny(name: string): Promise<readonly { address: string }[]> {
    const listed = (await hosts.find(name)) ?? findLoopback(name);
    const addresses = listed ?? (await dns(name));
    return typeof addresses === 'string' ? fallback(name) : addresses.map((address) => ({ address }));
  }

  return (name) => {
    const known = name.toLowerCase().replace(/\.$/u, '');
    let resolving = underWay.get(known);
    if (resolving === undefined) {
      resolving = resolveAny(known).finally(() => underWay.delete(known));
      underWay.set(known, resolving);
    }
    return resolving;
  };
}

/** RFC 6761: this name never goes to a name server. */
function findLoopback(name: string): string[] | null {
  return name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1', '::1'] : null;
}

/** Returns addresses, IPv4 and IPv6 in turn, or `unknown` where DNS has none. Rejects where it could not be asked. */
function createDns({
  servers,
  patienceMs = 2000,
}: ResolverOptions): (name: string) => Promise<string[] | 'unknown'> {
  let resolver = open();
  let openedAt = performance.now();

  function open(): Resolver {
    const made = new Resolver({ timeout: patienceMs, tries: 2 });
    if (servers !== undefined) made.setServers(servers);
    return made;
  }

  return async (name) => {
    if (performance.now() - openedAt > rereadMs) {
      resolver = open();
      openedAt = performance.now();
    }
    return askBoth(resolver, name);
  };
}

async function askBoth(resolver: Resolver, name: string): Promise<string[] | 'unknown'> {
  const four = ask(resolver.resolve4(name));
  const six = ask(resolver.resolve6(name));
  const first = await Promise.race([four, six]);
  const hasSome = first.addresses.length > 0;
  const both = await Promise.all(hasSome ? [waitShortly(four), waitShortly(six)] : [four, six]);
  const addresses = interleave(both[0].addresses, both[1].addresses);
  if (addresses.length > 0) return addresses;
  const broken = both.find(({ error }) => error !== null && !unknown.has(error.code ?? ''));
  if (broken !== undefined) throw broken.error!;
  return 'unknown';
}

const unknown: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

interface Asked {
  readonly addresses: readonly string[];
  readonly error: NodeJS.ErrnoException | null;
}

const none: Asked = { addresses: [], error: null };

function ask(addresses: Promise<string[]>): Promise<Asked> {
  return addresses.then(
    (found) => ({ addresses: found, error: null }),
    (error: NodeJS.ErrnoException) => ({ addresses: [], error }),
  );
}

function waitShortly(asked: Promise<Asked>): Promise<Asked> {
  const { promise: late, resolve } = Promise.withResolvers<Asked>();
  const timer = setTimeout(() => resolve(none), otherFamilyMs);
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

/** IPv4 first: where one family is broken it is mostly the other. */
function interleave(four: readonly string[], six: readonly string[]): string[] {
  const length = Math.max(four.length, six.length);
  return Array.from({ length }, (_, at) => [four[at], six[at]])
    .flat()
    .filter((address) => address !== undefined);
}

function createSystemLookup(): Resolve {
  let last: Promise<unknown> = Promise.resolve();
  return (name) => {
    const asking = last.then(() => lookup(name, { all: true, order: 'ipv4first' }));
    last = asking.catch(() => undefined);
    return asking;
  };
}
