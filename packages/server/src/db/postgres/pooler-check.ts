// Finds a pooler that gives one connection's statements to several sessions of the database, as PgBouncer in transaction mode.
import { Client } from 'pg';
import { StartError } from '../../base/start-error.ts';
import { connectMs, endConnection, keptAlive } from './patience.ts';

const refusal =
  'DATABASE_URL leads to a connection pooler that shares sessions between clients (PgBouncer: pool_mode = transaction or statement). ' +
  'Flowhook needs sessions of its own: name PostgreSQL itself, or a pool with pool_mode = session.';

/** How long an answer may wait for another client's transaction to end, before that one is what it waits for. */
const waitMs = 3000;

/** Throws `StartError` where sessions are shared: locks and announcements of a node would be lost, callbacks sent twice. */
export async function refuseSharedSessions(url: string): Promise<void> {
  await withClient(url, async (one) => {
    if (await isOwnSession(one)) return;
    await withClient(url, async (other) => {
      if (await isShared(one, other)) throw new StartError(refusal);
    });
  });
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectMs, ...keptAlive });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await endConnection(client);
  }
}

/** The process that the server named at the connection's start is the one that answers: nothing stands in between. */
async function isOwnSession(client: Client): Promise<boolean> {
  const { processID } = client as unknown as { processID: number | null };
  return (await readSession(client)) === processID;
}

/** While another client's transaction holds the session that answered last, a shared one is answered by another, or waits. */
async function isShared(one: Client, other: Client): Promise<boolean> {
  try {
    const before = await readSession(one);
    await other.query('begin');
    const held = await readSession(other);
    const reading = readSession(one);
    reading.catch(() => undefined);
    const after = await Promise.race([reading, lateAnswer()]);
    return held === before || after !== before;
  } catch (error) {
    // PgBouncer's answer to a transaction in its statement mode.
    if ((error as { code?: string }).code === '08P01') return true;
    throw error;
  }
}

async function readSession(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}

function lateAnswer(): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), waitMs).unref();
  });
}
