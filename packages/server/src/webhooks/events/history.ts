// What the jobs of an output came to before: read under the flow's lock, so that no job of it ends in between.
import { sql } from 'kysely';
import type { Read } from '../../db/database.ts';
import { tableOf } from '../../db/rows.ts';
import type { HistoryFacts } from '../messages/fact.ts';

/** Failures in a row are counted up to here: an output that always fails must not make each end slower than the last. */
const maxFailuresCounted = 10_000;

interface Row {
  series_key: string;
  job_id: number | null;
  finished_at: number | null;
  rows_written: number | null;
  columns_written: number | null;
  failures: number;
}

/**
 * Reads where each series stands before `beforeEventId` (now, where it is null). Three steps into one index for a series;
 * events of a flow are written under its lock, so that their ids are in the order of what happened.
 */
export async function readSeries(
  db: Read,
  seriesKeys: readonly string[],
  beforeEventId: number | null = null,
): Promise<Map<string, HistoryFacts>> {
  if (seriesKeys.length === 0) return new Map();
  const given = tableOf(db, 'given', { series_key: 'text' }, [...new Set(seriesKeys)].map(toRow));
  const before = sql.lit(beforeEventId ?? Number.MAX_SAFE_INTEGER);
  const { rows } = await sql<Row>`
    select given.series_key, s.job_id, j.finished_at, j.rows_written, j.columns_written,
      (select count(*) from (select 1 from events x where x.series_key = given.series_key and x.kind = 'job.failure'
        and x.id > coalesce(s.id, 0) and x.id < ${before} limit ${sql.lit(maxFailuresCounted)}) as failure) as failures
    from ${given}
    left join events s on s.id = (select max(e.id) from events e
      where e.series_key = given.series_key and e.kind = 'job.success' and e.id < ${before})
    left join jobs j on j.id = s.job_id`.execute(db);
  return new Map(rows.map((row) => [row.series_key, toState(row)]));
}

function toRow(series_key: string) {
  return { series_key };
}

function toState(row: Row): HistoryFacts {
  if (row.job_id === null || row.finished_at === null) return { previous: null, failuresInRow: row.failures };
  const finishedAt = new Date(row.finished_at).toISOString();
  const previous = {
    jobId: row.job_id,
    finishedAt,
    rows: row.rows_written,
    columns: row.columns_written,
  };
  return { previous, failuresInRow: row.failures };
}

/** Which tasks were told that a job runs too long, while it still ran. */
export async function readTold(db: Read, jobIds: readonly number[]): Promise<Map<number, number[]>> {
  const told = new Map<number, number[]>();
  if (jobIds.length === 0) return told;
  const rows = await db
    .selectFrom('events')
    .select(['job_id', 'about_task_id'])
    .where('job_id', 'in', [...jobIds])
    .where('kind', '=', 'job.slow')
    .execute();
  for (const { job_id, about_task_id } of rows)
    told.set(job_id!, [...(told.get(job_id!) ?? []), about_task_id!]);
  return told;
}
