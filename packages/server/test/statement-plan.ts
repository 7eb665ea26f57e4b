// Which way a database goes through the statements of a transaction: what a batch costs shows there before it shows in time.
import { CompiledQuery, sql } from 'kysely';
import type { Tx } from '../src/db/database.ts';

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

/** Returns the steps of the statement's plan, outermost first; on PostgreSQL of the one that is kept for any parameters. */
export async function explainPlan(tx: Tx, statement: CompiledQuery): Promise<string[]> {
  const { rows } = await (tx.dialect === 'sqlite'
    ? tx.executeQuery<Record<string, string>>(explainOnce(statement))
    : explainKept(tx, statement));
  return rows.map((row) => row['detail'] ?? row['QUERY PLAN'] ?? '');
}

function explainOnce({ sql: text, parameters }: CompiledQuery): CompiledQuery<Record<string, string>> {
  return CompiledQuery.raw(`explain query plan ${text}`, [...parameters]);
}

async function explainKept(tx: Tx, { sql: text, parameters }: CompiledQuery) {
  await sql.raw(`prepare kept as ${text}`).execute(tx);
  const given = parameters.length === 0 ? '' : `(${parameters.map(() => 'null').join(', ')})`;
  const steps = await sql.raw<Record<string, string>>(`explain execute kept${given}`).execute(tx);
  await sql.raw('deallocate kept').execute(tx);
  return steps;
}
