// Statements that PostgreSQL keeps parsed and planned: the batched ones, which claim, settle and record.
import type { DatabaseConnection } from 'kysely';
import { CompiledQuery } from 'kysely';
import type { PoolClient } from 'pg';

/**
 * Reading rows given as parameters is what the batched statements have in common, and their text is the same for any
 * number of rows. Others keep a plan made for their own values.
 */
const batched = /\bunnest\(/u;
/** A text with a star is left out: a kept statement fails when a newer server's migration adds a column. */
const starred = /(?:select|returning)\s+(?:\w+\.)?\*|, \w+\.\*/iu;
const maxKept = 200;
/** A plan made while a table was small reads all of it, and would do so until the next autovacuum. */
const plansLastMs = 10_000;

/** The name under which a text is kept on every connection; undefined where it is not. */
export function createStatementNames(): (text: string) => string | undefined {
  const names = new Map<string, string | undefined>();
  return (text) => {
    if (!batched.test(text)) return undefined;
    if (names.has(text)) return names.get(text);
    if (names.size >= maxKept) return undefined;
    const name = starred.test(text) ? undefined : `flowhook_${names.size}`;
    names.set(text, name);
    return name;
  };
}

/**
 * A kept statement is planned for any number of rows, once. Left to choose, PostgreSQL plans it anew each time where few
 * rows are given: it takes an array of unknown length to have ten elements, which looks worse than a plan for the one that
 * there is. 2.9 ms of PostgreSQL's processor time for a call that ends a job and its delivery beside 4.3
 * (`bench/latency.ts`). Transactions find rows by their keys, and a plan that is made while a table is small must not read
 * all of it a second later: where an index leads to a row, it is taken. Lists, which are read outside of transactions,
 * have plans of their own.
 */
const beginText = [
  'begin',
  'set local plan_cache_mode = force_generic_plan',
  ...['seqscan', 'hashjoin', 'mergejoin'].map((way) => `set local enable_${way} = off`),
  // A way that is off is counted as ruinously dear, for which a plan would be compiled.
  'set local jit = off',
].join('; ');

/**
 * Returns what a client of the pool is asked its name, where it has one. Kept, the statements that end an external job, claim
 * its delivery and settle it cost PostgreSQL 0.79 ms of processor time; parsed and planned anew each time 1.25 (both at
 * once on one machine, `bench/end-and-settle.ts`, 24 together).
 */
export function keepStatements(client: PoolClient, nameOf: (text: string) => string | undefined): void {
  const ask = client.query.bind(client) as (...given: unknown[]) => unknown;
  const askKept = (text: unknown, values: unknown, ...rest: unknown[]) => {
    if (text === 'begin') return ask(beginText, undefined, ...rest);
    const name = typeof text === 'string' ? nameOf(text) : undefined;
    return name === undefined ? ask(text, values, ...rest) : ask({ name, text, values }, ...rest);
  };
  client.query = askKept as typeof client.query;
}

/** Has a connection plan anew what it keeps, when it is taken from the pool and its plans are old. */
export function createPlanRenewal(now: () => number): (connection: DatabaseConnection) => Promise<void> {
  const renewedAt = new WeakMap<DatabaseConnection, number>();
  return async (connection) => {
    const before = renewedAt.get(connection) ?? now();
    const isOld = now() - before >= plansLastMs;
    renewedAt.set(connection, isOld ? now() : before);
    if (isOld) await connection.executeQuery(CompiledQuery.raw('discard plans'));
  };
}
