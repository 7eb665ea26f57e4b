// Reads of SQLite in threads of their own: one that goes through many rows would hold up everybody in the server's.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { Read } from '../database.ts';
import { speak } from '../dialect.ts';
import type { Schema } from '../schema.ts';
import { TookTooLong } from '../took-too-long.ts';
import type { ThreadAnswer, ThreadQuery } from './thread.ts';

export interface AsideOptions {
  /** Threads at most, each with its own connection; what comes then waits. */
  readonly threads: number;
  /** What one statement may take. A longer one is broken off, and throws `TookTooLong`. */
  readonly statementMs: number;
}

/** A thread that nobody needs keeps 15 MB. */
const idleMs = 30_000;

/** Reads the file beside its owner. `destroy` ends the threads. */
export function openAside(path: string, options: AsideOptions): Read {
  const dialect = {
    createAdapter: () => new ThreadedAdapter(),
    createDriver: () => createDriver(path, options),
    createIntrospector: (db: Kysely<never>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return speak(new Kysely<Schema>({ dialect }), 'sqlite');
}

/** Kysely's own holds a mutex around every connection: all reads would stand behind the slowest, for ever where one is refused. */
class ThreadedAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function createDriver(path: string, { threads, statementMs }: AsideOptions): Driver {
  const all = new Set<Thread>();
  const idle: Thread[] = [];
  const waiting = new Set<(thread: Thread) => void>();

  /** Its thread, or the next that becomes free; nobody waits longer than a statement may take. */
  function take(): Promise<Thread> {
    const free = idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (all.size < threads) return Promise.resolve(add());
    const { promise, resolve, reject } = Promise.withResolvers<Thread>();
    const giveUp = setTimeout(() => {
      waiting.delete(turn);
      reject(new TookTooLong(statementMs));
    }, statementMs);
    const turn = (thread: Thread) => {
      clearTimeout(giveUp);
      resolve(thread);
    };
    waiting.add(turn);
    return promise;
  }

  function add(): Thread {
    const thread = createThread(path, statementMs, () => {
      const at = idle.indexOf(thread);
      if (at !== -1) idle.splice(at, 1);
      all.delete(thread);
      const [next] = waiting;
      if (next !== undefined) hand(add(), next);
    });
    all.add(thread);
    return thread;
  }

  function hand(thread: Thread, turn: (thread: Thread) => void): void {
    waiting.delete(turn);
    turn(thread);
  }

  function giveBack(thread: Thread): void {
    if (thread.isEnding()) return;
    const [next] = waiting;
    if (next === undefined) idle.push(thread);
    else hand(thread, next);
  }

  return {
    init: () => Promise.resolve(),
    acquireConnection: take,
    releaseConnection: async (connection) => giveBack(connection as Thread),
    beginTransaction: (connection) => run(connection, 'begin'),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    destroy: async () => {
      await Promise.all([...all].map((thread) => thread.end()));
    },
  };
}

async function run(connection: DatabaseConnection, text: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(text));
}

interface Thread extends DatabaseConnection {
  isEnding(): boolean;
  end(): Promise<void>;
}

const threadFile = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Ends by itself when no statement has come for a while; `gone` is told once. */
function createThread(path: string, statementMs: number, gone: () => void): Thread {
  const worker = new Worker(threadFile, { workerData: path });
  const ended = once(worker, 'exit').then(gone);
  let isEnding = false;
  let idleTimer: NodeJS.Timeout | undefined;

  /** A statement that goes on is waited for: SQLite can't be interrupted from outside of its thread. */
  async function end(): Promise<void> {
    isEnding = true;
    clearTimeout(idleTimer);
    void worker.terminate();
    await ended;
  }

  function rest(): void {
    // A process that has nothing else to do ends.
    worker.unref();
    idleTimer = setTimeout(() => void end(), idleMs).unref();
  }

  async function ask(query: ThreadQuery): Promise<QueryResult<never>> {
    clearTimeout(idleTimer);
    worker.ref();
    const late = Promise.withResolvers<never>();
    const lateTimer = setTimeout(() => late.reject(new TookTooLong(statementMs)), statementMs);
    const broken = ended.then(() => Promise.reject(new Error('The thread of a read has ended.')));
    try {
      const answered = once(worker, 'message') as Promise<[ThreadAnswer]>;
      worker.postMessage(query, []);
      const [answer] = await Promise.race([answered, late.promise, broken]);
      return open(answer);
    } catch (error) {
      if (error instanceof TookTooLong) void end();
      throw error;
    } finally {
      clearTimeout(lateTimer);
      if (!isEnding) rest();
    }
  }

  rest();
  return {
    executeQuery: async ({ sql, parameters }: CompiledQuery) => await ask({ text: sql, parameters }),
    // eslint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error('A read aside gives its rows at once.');
    },
    isEnding: () => isEnding,
    end,
  };
}

function open(answer: ThreadAnswer): QueryResult<never> {
  if ('rows' in answer) return { rows: answer.rows as never[] };
  throw Object.assign(new Error(answer.fault.message), { code: answer.fault.code });
}
