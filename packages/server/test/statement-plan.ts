// Which way SQLite goes through the statements of a transaction: what a batch costs shows there before it shows in time.
import { CompiledQuery } from 'kysely';
import type { Read, Tx } from '../src/db/database.ts';

/** Returns the transaction and keeps each statement that is written by hand and run in it. */
export function recordStatements(tx: Tx, statements: CompiledQuery[]): Tx {
  const executor = tx.getExecutor();
  const recorder = new Proxy(executor, {
    get: (target, name) =>
      name === 'executeQuery'
        ? (query: CompiledQuery) => {
            statements.push(query);
            return target.executeQuery(query);
          }
        : bindTo(target, name),
  });
  return new Proxy(tx, {
    get: (target, name) => (name === 'getExecutor' ? () => recorder : bindTo(target, name)),
  });
}

function bindTo(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

/** Returns the steps of the statement's plan, outermost first, on SQLite. */
export async function explainPlan(read: Read, { sql, parameters }: CompiledQuery): Promise<string[]> {
  const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
  const { rows } = await read.executeQuery<{ detail: string }>(explain);
  return rows.map(({ detail }) => detail);
}
