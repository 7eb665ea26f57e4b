// Where this server is reached: known at start, or, with port 0, once it listens.
import { networkInterfaces } from 'node:os';
import type { Config } from '../base/config.ts';

export interface Place {
  /** The address by which people and receivers reach this server, with its base path, without `/` at its end. */
  readonly baseUrl: string;
  /** Where this process itself listens, with the base path. */
  readonly ownUrl: string;
  /** `/flowhook`, or empty. */
  readonly basePath: string;
  readonly origin: string;
  /** True where people reach the server by https. */
  readonly secure: boolean;
  /** The addresses of this machine at which this process listens. */
  addresses(): string[];
  /** The server listens on this port. */
  listens(port: number): void;
  /** Is told when the port is known. */
  onListen(told: () => void): void;
}

export function createPlace({ baseUrl, host, port }: Pick<Config, 'baseUrl' | 'host' | 'port'>): Place {
  const basePath = baseUrl === null ? '' : new URL(baseUrl).pathname.replace(/\/$/u, '');
  const waiting: (() => void)[] = [];
  let own = `http://${writeHost(host)}:${port}`;
  return {
    basePath,
    secure: baseUrl?.startsWith('https:') ?? false,
    get baseUrl() {
      return baseUrl ?? own;
    },
    get ownUrl() {
      return `${own}${basePath}`;
    },
    get origin() {
      return new URL(baseUrl ?? own).origin;
    },
    addresses: () => (isEveryAddress(host) ? listMachine() : [host]),
    listens(found) {
      own = `http://${writeHost(host)}:${found}`;
      for (const tell of waiting) tell();
    },
    onListen: (told) => waiting.push(told),
  };
}

/** A server that listens on every address is reached on this machine by the loopback one. */
function writeHost(host: string): string {
  const name = isEveryAddress(host) ? '127.0.0.1' : host;
  return name.includes(':') ? `[${name}]` : name;
}

const isEveryAddress = (host: string) => ['0.0.0.0', '::', ''].includes(host);

function listMachine(): string[] {
  return Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
}
