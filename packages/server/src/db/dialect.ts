// The few words in which the SQL of SQLite and PostgreSQL differs; what reads and what writes carries them.
import { sql, type QueryExecutorProvider, type RawBuilder } from 'kysely';
import { systemClock } from '../base/clock.ts';

export type Dialect = 'sqlite' | 'postgres';

export interface DialectWords {
  readonly dialect: Dialect;
  /** The database's own time in epoch milliseconds: due times and leases compare with it, never with a node's clock. */
  readonly now: RawBuilder<number>;
  /** Locks the rows that a select gives until the transaction ends. SQLite has one writer: there these are empty. */
  readonly forUpdate: RawBuilder<unknown>;
  /** A weaker lock, which lets others go on to refer to the row. */
  readonly forNoKeyUpdate: RawBuilder<unknown>;
  /** A lock that others may hold too, and that keeps the row from changes. */
  readonly forShare: RawBuilder<unknown>;
  /** Names the one table of a join whose rows the lock is for. */
  of(table: string): RawBuilder<unknown>;
  /** Leaves out what another has locked. */
  readonly skipLocked: RawBuilder<unknown>;
  /** A statement that waits until no other transaction has this turn, and keeps it until the transaction ends. */
  turn(number: number): RawBuilder<unknown>;
}

const nothing = sql.raw('');

let turnTime: number | undefined;

/**
 * The time of SQLite, whose own jumps with the machine's clock: ours, the same until whoever asks waits for something, so
 * that the columns of one statement agree. It is a parameter: a function would call back for each row.
 */
function readTurnTime(): number {
  if (turnTime === undefined) {
    turnTime = systemClock.now();
    queueMicrotask(() => {
      turnTime = undefined;
    });
  }
  return turnTime;
}

const words: Readonly<Record<Dialect, Omit<DialectWords, 'now'>>> = {
  sqlite: {
    dialect: 'sqlite',
    forUpdate: nothing,
    forNoKeyUpdate: nothing,
    forShare: nothing,
    of: () => nothing,
    skipLocked: nothing,
    // One writer: it is always its turn.
    turn: () => sql`select 1`,
  },
  postgres: {
    dialect: 'postgres',
    forUpdate: sql`for update`,
    forNoKeyUpdate: sql`for no key update`,
    forShare: sql`for share`,
    of: (table) => sql`of ${sql.raw(table)}`,
    skipLocked: sql`skip locked`,
    turn: (number) => sql`select pg_advisory_xact_lock(${sql.lit(number)})`,
  },
};

const postgresNow = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/** A number that is bound is a floating one to SQLite. */
const nows: Readonly<Record<Dialect, () => DialectWords['now']>> = {
  sqlite: () => sql`cast(${readTurnTime()} as integer)`,
  postgres: () => postgresNow,
};

/** Gives a connection or a transaction the words of its dialect. */
export function speak<Connection extends object>(
  connection: Connection,
  dialect: Dialect,
): Connection & DialectWords {
  const spoken = Object.assign(connection, words[dialect]);
  return Object.defineProperty(spoken, 'now', { get: nows[dialect] }) as Connection & DialectWords;
}

/** Waits until no other transaction holds the key, and holds it until this one ends. SQLite has one writer. */
export async function lockKey(db: QueryExecutorProvider & DialectWords, key: number): Promise<void> {
  if (db.dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(key)})`.execute(db);
}

/** Reads the database's time in epoch milliseconds. */
export async function readNow(db: QueryExecutorProvider & DialectWords): Promise<number> {
  if (db.dialect === 'sqlite') return readTurnTime();
  const { rows } = await sql<{ now: number }>`select ${db.now} as now`.execute(db);
  return rows[0]!.now;
}
