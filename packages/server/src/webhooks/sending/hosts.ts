// The hosts file: names that the machine's owner has given addresses; it goes before DNS, as everywhere else.
import { readFile } from 'node:fs/promises';

export interface Hosts {
  /** The addresses of a name in lower case; null where the file does not have it. */
  find(name: string): Promise<string[] | null>;
}

/** A change of the file is seen after this. */
const rereadMs = 5000;

export function createHosts(path = '/etc/hosts'): Hosts {
  let names: Promise<Map<string, string[]>> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    async find(name) {
      if (names === undefined || performance.now() - readAt > rereadMs) {
        readAt = performance.now();
        // A file that is not there, or can't be read, has no names.
        names = readFile(path, 'utf8').then(parseHosts, () => new Map());
      }
      return (await names).get(name) ?? null;
    },
  };
}

function parseHosts(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/u)) {
    const [address, ...own] = line.replace(/#.*$/u, '').trim().split(/\s+/u);
    for (const name of own) {
      const key = name.toLowerCase();
      names.set(key, [...(names.get(key) ?? []), address!]);
    }
  }
  return names;
}
