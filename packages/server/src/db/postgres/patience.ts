// How long a connection to PostgreSQL is waited for: limits that the database keeps, and a watch that destroys what is silent.
import type { Socket } from 'node:net';
import type { Client, ClientBase } from 'pg';
import { asideMs } from '../took-too-long.ts';

export interface Patience {
  /** Milliseconds that a statement may take; 0 for any time. */
  readonly statementMs: number;
  /** That it waits for a lock of others; 0 for any time. */
  readonly lockMs: number;
  /** That a transaction of a node that has gone silent holds its locks: others wait for it no longer. */
  readonly idleMs: number;
}

export const ordinaryPatience: Patience = { statementMs: 60_000, lockMs: 10_000, idleMs: 5000 };
/** For lists and counts: one that takes longer is read by nobody. */
export const asidePatience: Patience = { ...ordinaryPatience, statementMs: asideMs };
/** For what works through all there is, beside a server or before it: migrations, audits. */
export const longPatience: Patience = { statementMs: 0, lockMs: 0, idleMs: 30_000 };

/** For a connection to be made, or to become free where all are taken. */
export const connectMs = 5000;
/** Sent bytes that nobody acknowledged for so long end a connection; an unused one is asked after as long whether it lives. */
const networkMs = 10_000;
/** A database that has not answered the session's small question for so long is silent. */
export const silentMs = 8000;
const endMs = 1000;
const lookEveryMs = 1000;
/** Beyond the database's own limit, which ends the statement in order. */
const graceMs = 5000;

/** What every connection keeps: Node can't set the last three, the database does so on its side. */
export const keptAlive = { keepAlive: true, keepAliveInitialDelayMillis: networkMs } as const;

/** One statement, and not parameters of the connection's start: poolers refuse those that they do not know. */
export function patienceText({ statementMs, lockMs, idleMs }: Patience): string {
  const settings = {
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleMs,
    tcp_user_timeout: networkMs,
    tcp_keepalives_idle: networkMs / 1000,
    tcp_keepalives_interval: 5,
  };
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`);
  return `select ${calls.join(', ')}`;
}

/** Ends a connection at once, also where nothing comes back any more: what waits for its answer gets the reason. */
export function destroyConnection(client: ClientBase, reason: string): void {
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.destroy(new Error(reason));
}

/** Says that it ends, and waits a moment only for the other side to have heard it. */
export async function endConnection(client: Client): Promise<void> {
  const late = setTimeout(() => destroyConnection(client, 'closed'), endMs);
  await client.end().catch(() => undefined);
  clearTimeout(late);
}

export interface SilenceWatch {
  /** From now on no query of this client is waited for too long. */
  follow(client: ClientBase): void;
  /** The database does not answer the session: then an answer is waited for no longer than it was. */
  setSilent(isSilent: boolean): void;
  /** Ends every connection. */
  destroyAll(reason: string): void;
  stop(): void;
}

/** A client that it ends is not put back into the pool: its next query would wait behind the one without an answer. */
export function createSilenceWatch({ statementMs }: Patience): SilenceWatch {
  const waitingSince = new Map<ClientBase, number | null>();
  const max = statementMs === 0 ? Number.POSITIVE_INFINITY : statementMs + graceMs;
  let isSilent = false;

  function look(): void {
    const now = performance.now();
    for (const [client, since] of waitingSince) {
      const waitedMs = now - (since ?? now);
      if (waitedMs < (isSilent ? silentMs : max)) continue;
      waitingSince.delete(client);
      destroyConnection(
        client,
        `The database has not answered for ${Math.round(waitedMs / 1000)} s: the connection is given up.`,
      );
    }
  }

  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    follow(client) {
      waitingSince.set(client, null);
      client.once('end', () => waitingSince.delete(client));
      const ask = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
      const askWatched = (...given: unknown[]) => {
        waitingSince.set(client, performance.now());
        const answer = ask(...given);
        const note = () => void (waitingSince.has(client) && waitingSince.set(client, null));
        answer.then(note, note);
        return answer;
      };
      client.query = askWatched as typeof client.query;
    },
    setSilent(silent) {
      isSilent = silent;
      if (silent) look();
    },
    destroyAll(reason) {
      for (const client of waitingSince.keys()) destroyConnection(client, reason);
    },
    stop: () => clearInterval(timer),
  };
}
