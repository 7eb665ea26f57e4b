// External jobs that promised a heartbeat and fell silent: found, forgiven, failed.
import { sql } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';
import { finishJobs, type FinishContext } from '../finish.ts';
import { failureReasons } from '../job-state.ts';

/** Ends that are committed together at most. */
export const maxTogether = 100;

/** Every job that promised a heartbeat has the whole of its time again. */
export async function forgiveSilence(tx: Tx): Promise<void> {
  const { now } = tx;
  await sql`
    update jobs set heartbeat_due_at = ${now} + heartbeat_seconds * 1000
    where heartbeat_due_at is not null and state = 'running' and heartbeat_due_at < ${now} + heartbeat_seconds * 1000`.execute(
    tx,
  );
}

export function readSilent(db: Read) {
  return db
    .selectFrom('jobs')
    .select(['id', 'flow_id'])
    .where('heartbeat_due_at', '<=', db.now)
    .where('state', '=', 'running')
    .orderBy('heartbeat_due_at')
    .limit(maxTogether)
    .execute();
}

export async function failSilent(
  tx: Tx,
  finish: FinishContext,
  { jobId, setAside }: { readonly jobId: number | null; readonly setAside: boolean },
): Promise<number> {
  const silent = (await readSilent(tx)).filter(({ id }) => jobId === null || id === jobId);
  const error = { reason: 'lost', message: failureReasons.lost, detail: null };
  const none = { attempt: null, rows: null, bytes: null, columns: null, resultFolder: null, files: [] };
  const ended = await finishJobs(
    tx,
    finish,
    silent.map(({ id, flow_id }) => ({
      jobId: id,
      flowId: flow_id,
      event: 'fail' as const,
      error,
      setAside,
      ...none,
    })),
  );
  return ended.size;
}
