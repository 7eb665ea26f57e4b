// Which ends somebody asked for are being recorded, in a file that outlives the process: what ends it is known afterwards.
import { openSync, writeSync } from 'node:fs';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { maxCrashesInRow } from '../base/max-crashes.ts';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { Database, Read, Tx } from '../db/database.ts';
import { isCrashOf } from '../db/node-end.ts';
import { tableOf } from '../db/rows.ts';

/**
 * A note in the database would be one commit more for each end that is reported. The kernel keeps what was written to a file
 * though the process is killed, and all nodes see the data folder.
 */
export interface EndNotes {
  /** The ends of these jobs are recorded in this transaction: noted until it is over. */
  note(tx: Tx, jobIds: readonly number[]): void;
  /** Counts, for each end that was noted by a process that is gone, that it may be what ended that process. */
  collect(): Promise<void>;
  /** Nothing is recorded any more. */
  close(): Promise<void>;
}

const lookEveryMs = 2000;

type NodeEnds = Pick<Database, 'nodeId' | 'read' | 'transaction' | 'findGoneNodes'>;
type Afterwards = Pick<Database, 'afterCommit' | 'afterRollback'>;

export async function openEndNotes(db: NodeEnds & Afterwards, dataDir: string): Promise<EndNotes> {
  const folder = join(dataDir, 'ends');
  const path = join(folder, String(db.nodeId));
  const underWay = new Map<symbol, readonly number[]>();
  const collect = () => collectNotes(db, folder);
  await mkdir(folder, { recursive: true });
  await collect();
  const write = openNote(path);
  const show = () => write([...underWay.values()].flat());
  return {
    note(tx, jobIds) {
      const key = Symbol('transaction');
      const over = () => {
        underWay.delete(key);
        show();
      };
      db.afterCommit(tx, over);
      db.afterRollback(tx, over);
      underWay.set(key, jobIds);
      show();
    },
    collect,
    close: () => rm(path, { force: true }),
  };
}

/** Other nodes may end while this one runs. */
export function createNoteWatch(
  { collect }: EndNotes,
  now: () => number,
  onError: (error: unknown) => void,
): WorkLoop {
  const round = async () => {
    await collect();
    return false;
  };
  return createWorkLoop({ round, pollMs: lookEveryMs, onError, now });
}

/** The first line counts. On a disk that takes nothing ends are recorded without a note. */
function openNote(path: string): (jobIds: readonly number[]) => void {
  let file: number | undefined;
  return (jobIds) => {
    try {
      file ??= openSync(path, 'w', 0o600);
      writeSync(file, `${jobIds.join(',')}\n`, 0);
    } catch {
      file = undefined;
    }
  };
}

async function collectNotes(db: NodeEnds, folder: string): Promise<void> {
  const names = await readdir(folder);
  const nodes = names.map(Number).filter((id) => Number.isSafeInteger(id) && id !== db.nodeId);
  if (nodes.length === 0) return;
  for (const node of await db.findGoneNodes(nodes)) {
    const path = join(folder, String(node));
    const [line = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    if (line !== '') await count(db, node, line.split(',').map(Number));
    await rm(path, { force: true });
  }
}

/** The end of a process that was told to end blames nobody; of nodes that look at once, one counts. */
async function count(db: NodeEnds, node: number, jobIds: readonly number[]): Promise<void> {
  const ids = jobIds.map((id) => ({ id }));
  await db.transaction(async (tx) => {
    await forgetEnded(tx);
    await sql`
      insert into event_suspects (key, node_id, crash_count)
      select 'end:' || j.id, n.id, 1 from ${tableOf(tx, 'given', { id: 'bigint' }, ids)}
      join jobs j on j.id = given.id join nodes n on n.id = ${node}
      where j.state in ('queued', 'running') and ${isCrashOf('n.id')} = 1
      on conflict (key) do update set node_id = excluded.node_id, crash_count = event_suspects.crash_count + 1
      where event_suspects.node_id <> excluded.node_id`.execute(tx);
  });
}

/** What has ended since is suspected no longer. */
async function forgetEnded(tx: Tx): Promise<void> {
  const suspects = await tx
    .selectFrom('event_suspects')
    .select('key')
    .where('key', 'like', 'end:%')
    .execute();
  const idOf = ({ key }: { readonly key: string }) => Number(key.slice('end:'.length));
  if (suspects.length === 0) return;
  const open = await tx
    .selectFrom('jobs')
    .select('id')
    .where('id', 'in', suspects.map(idOf))
    .where('state', 'in', ['queued', 'running'])
    .execute();
  const isOpen = new Set(open.map(({ id }) => id));
  const ended = suspects.filter((suspect) => !isOpen.has(idOf(suspect))).map(({ key }) => key);
  if (ended.length > 0) await tx.deleteFrom('event_suspects').where('key', 'in', ended).execute();
}

/** How often the recording of a job's end may have ended a process, as SQL: `j` is the job. */
export const endCrashes = sql<number>`coalesce((select s.crash_count from event_suspects s where s.key = 'end:' || j.id), 0)`;

/** Of these jobs, those whose end is to be recorded without asking a webhook task. */
export async function findSetAside(db: Read, jobIds: readonly number[]): Promise<ReadonlySet<number>> {
  if (jobIds.length === 0) return new Set();
  const { rows } = await sql<{ id: number }>`
    select j.id from jobs j where j.id in (${sql.join([...jobIds])}) and ${endCrashes} >= ${maxCrashesInRow}`.execute(
    db,
  );
  return new Set(rows.map(({ id }) => id));
}
