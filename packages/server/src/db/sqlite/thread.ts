// The thread of reads aside: runs one statement after the other on a connection of its own, which can't write.
import { parentPort, workerData } from 'node:worker_threads';
import { keepStatements, openConnection } from './connection.ts';

export interface ThreadQuery {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

export type ThreadAnswer =
  | { readonly rows: readonly unknown[] }
  | { readonly fault: { readonly message: string; readonly code: string | undefined } };

const database = keepStatements(openConnection(workerData as string, true));

function answer({ text, parameters }: ThreadQuery): ThreadAnswer {
  try {
    const statement = database.prepare(text);
    if (statement.reader) return { rows: statement.all(parameters) };
    statement.run(parameters);
    return { rows: [] };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { fault: { message, code } };
  }
}

parentPort?.on('message', (query: ThreadQuery) => parentPort?.postMessage(answer(query), []));
