// Removes uploaded files that nothing needs: replaced ones, those of deleted datasets, what a killed process left.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../../db/database.ts';
import { incomingName } from './upload.ts';

export interface FileSweep {
  /** Looks once; gives the keys of the folders that it removed. */
  run(): Promise<string[]>;
}

export interface FileSweepOptions {
  readonly db: Database;
  readonly uploadsDir: string;
  /** True where a job that has not ended reads the folder. */
  isPlanned(key: string): Promise<boolean>;
  now(): number;
  /** A folder goes only when it has been without use for so long: between a look and the commit that names it, it is not yet used. */
  readonly graceMs: number;
  /** An upload that has not grown for so long has lost its process. */
  readonly staleMs: number;
}

/** Every node of a shared data folder may sweep it. */
export function createFileSweep(options: FileSweepOptions): FileSweep {
  const { db, uploadsDir, now, graceMs, staleMs } = options;
  const unusedSince = new Map<string, number>();

  async function isDue(key: string): Promise<boolean> {
    if ((await isNamed(db, key)) || (await options.isPlanned(key))) {
      unusedSince.delete(key);
      return false;
    }
    const since = unusedSince.get(key) ?? now();
    unusedSince.set(key, since);
    return now() - since >= graceMs;
  }

  async function isStale(key: string): Promise<boolean> {
    const folder = join(uploadsDir, incomingName, key);
    const [name] = await listFolder(folder);
    const info = await stat(name === undefined ? folder : join(folder, name)).catch(() => null);
    return info !== null && now() - info.mtimeMs >= staleMs;
  }

  async function remove(folder: string, key: string): Promise<string> {
    await rm(join(folder, key), { recursive: true, force: true });
    unusedSince.delete(key);
    return key;
  }

  return {
    async run() {
      const removed = [];
      const incoming = join(uploadsDir, incomingName);
      for (const key of await listFolder(incoming))
        if (await isStale(key)) removed.push(await remove(incoming, key));
      for (const key of await listFolder(uploadsDir))
        if (key !== incomingName && (await isDue(key))) removed.push(await remove(uploadsDir, key));
      return removed;
    },
  };
}

async function listFolder(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

/** By a dataset that lives. */
async function isNamed({ read }: Database, key: string): Promise<boolean> {
  const { rows } = await sql<{ used: number }>`
    select 1 as used from datasets where deleted_at is null and uri like ${`upload://${key}/%`} limit 1`.execute(
    read,
  );
  return rows.length > 0;
}
