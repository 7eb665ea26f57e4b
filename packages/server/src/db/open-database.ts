// Opens the database that the settings name, migrates it and registers this process as a node.
import { join } from 'node:path';
import { createAnnouncer, type Announcer, type Kept } from './announcer.ts';
import type { Database, Read, Tx } from './database.ts';
import { migrate } from './migrate.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { refuseSharedSessions } from './postgres/pooler-check.ts';
import { asidePatience, longPatience } from './postgres/patience.ts';
import { openSession } from './postgres/session.ts';
import { openPostgres } from './postgres.ts';
import { readMoment } from './moment.ts';
import { openAside } from './sqlite/aside.ts';
import { openSqlite } from './sqlite.ts';

export interface DatabaseOptions {
  /** A postgres:// URL, or null for SQLite in the data folder. */
  readonly url: string | null;
  /** Where `flowhook.db` lies; not used with PostgreSQL. */
  readonly dataDir: string;
  /** Of PostgreSQL, at most; 16 unless given. */
  readonly connections?: number;
  /** A name for people who look at the `nodes` table. */
  readonly nodeName: string;
  /** Gets what goes wrong in the background. */
  onError(error: unknown): void;
}

export const sqliteFileName = 'flowhook.db';

/** Of the connections, for reads aside. */
const maxAside = 4;
/** An audit of a million events takes some seconds. */
const longMs = 30 * 60_000;

/** Opens, migrates, registers. On SQLite it throws `AlreadyOwned` where another process has the database open. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url === null ? openOnSqlite(options) : openOnPostgres(options, options.url);
}

async function openOnSqlite({ dataDir, nodeName, onError }: DatabaseOptions): Promise<Database> {
  const path = join(dataDir, sqliteFileName);
  const lock = takeOwnerLock(`${path}.owner`);
  const file = openSqlite(path);
  const announcer = createAnnouncer(onError);
  await migrate(file.transaction);
  const nodeId = await file.transaction((tx) => registerNode(tx, nodeName));
  return {
    read: file.read,
    aside: file.aside,
    readLong: (work) => readLong(openLong(path), work),
    nodeId,
    transaction: tellAfter(file.transaction, announcer, () => undefined),
    announce: announcer.announce,
    afterCommit: announcer.afterCommit,
    afterRollback: announcer.afterRollback,
    listen: announcer.listen,
    // One process owns the database: every other node is gone.
    findGoneNodes: async (ids) => ids.filter((id) => id !== nodeId),
    findSilentNodes: async (ids) => ids.filter((id) => id !== nodeId),
    async close() {
      await file.transaction((tx) => stopNode(tx, nodeId));
      await file.close();
      lock.release();
    },
  };
}

function openLong(path: string) {
  const read = openAside(path, { threads: 1, statementMs: longMs });
  return { read, close: () => read.destroy() };
}

async function openOnPostgres(options: DatabaseOptions, url: string): Promise<Database> {
  const { nodeName, onError, connections = 16 } = options;
  await refuseSharedSessions(url);
  await migratePatiently(url, onError);
  const asideConnections = Math.min(maxAside, Math.ceil(connections / 4));
  const postgres = openPostgres(url, onError, { connections: Math.max(1, connections - asideConnections) });
  const aside = openPostgres(url, onError, { connections: asideConnections, patience: asidePatience });
  const announcer = createAnnouncer(onError);
  const nodeId = await postgres.transaction((tx) => registerNode(tx, nodeName));
  const onSilence = (isSilent: boolean) => {
    postgres.setSilent(isSilent);
    aside.setSilent(isSilent);
  };
  const session = await openSession({ url, nodeId, receive: announcer.tell, onSilence, onError });
  return {
    read: postgres.read,
    aside: aside.read,
    readLong: (work) =>
      readLong(openPostgres(url, onError, { connections: 1, patience: longPatience }), work),
    nodeId,
    transaction: tellAfter(postgres.transaction, announcer, session.send),
    announce: announcer.announce,
    afterCommit: announcer.afterCommit,
    afterRollback: announcer.afterRollback,
    listen: announcer.listen,
    findGoneNodes: session.findGoneNodes,
    findSilentNodes: session.findSilentNodes,
    async close() {
      await postgres.transaction((tx) => stopNode(tx, nodeId)).catch(onError);
      await session.close();
      await aside.close();
      await postgres.close();
    },
  };
}

/** On a connection of its own, which is closed after it. */
async function readLong<Result>(
  { read, close }: { readonly read: Read; close(): Promise<void> },
  work: (moment: Read) => Promise<Result>,
): Promise<Result> {
  try {
    return await readMoment(read, work);
  } finally {
    await close();
  }
}

/** On a connection of its own: a migration of a large table takes longer than any other statement may. */
async function migratePatiently(url: string, onError: (error: unknown) => void): Promise<void> {
  const { transaction, close } = openPostgres(url, onError, { connections: 1, patience: longPatience });
  try {
    await migrate(transaction);
  } finally {
    await close();
  }
}

type Transact = Database['transaction'];

function tellAfter(transaction: Transact, announcer: Announcer, send: Announcer['tell']): Transact {
  return async (work) => {
    const tries: Kept[] = [];
    // Every try but a last one that was committed came to nothing.
    const undo = (undone: readonly Kept[]) => undone.forEach((each) => announcer.act(each.undone));
    const value = await transaction(announcer.collect(work, tries)).catch((error: unknown) => {
      undo(tries);
      throw error;
    });
    undo(tries.slice(0, -1));
    const { told, acts } = tries.at(-1)!;
    announcer.act(acts);
    if (told.length > 0) {
      announcer.tell(told);
      send(told);
    }
    return value;
  };
}

async function registerNode(tx: Tx, name: string): Promise<number> {
  const row = { name, started_at: tx.now };
  const { id } = await tx.insertInto('nodes').values(row).returning('id').executeTakeFirstOrThrow();
  return id;
}

async function stopNode(tx: Tx, id: number): Promise<void> {
  await tx.updateTable('nodes').set({ stopped_at: tx.now }).where('id', '=', id).execute();
}

/** Whether the database takes changes: one on a file system without writes, or a replica, still answers reads. */
export async function probeDatabase(db: Database): Promise<void> {
  await db.transaction((tx) =>
    tx
      .updateTable('nodes')
      .set(({ ref }) => ({ started_at: ref('started_at') }))
      .where('id', '=', db.nodeId)
      .execute(),
  );
}

/** Whether the database answers. */
export async function pingDatabase(db: { read: Read }): Promise<void> {
  await db.read
    .selectFrom('schema_migrations' as 'nodes')
    .select(({ lit }) => lit(1).as('one'))
    .execute();
}
