// How many files wait for their places, and for how long: for metrics and readiness.
import { sql } from 'kysely';
import type { Metrics } from '../../base/metrics.ts';
import type { Database, Read } from '../../db/database.ts';

/** What is counted up to here: a scrape must not hold a large backlog up. */
const maxCounted = 100_000;

interface Waiting {
  readonly count: number;
  /** Seconds since the end of its job. */
  readonly oldest: number;
}

async function readWaiting(db: Read): Promise<Waiting> {
  const { rows } = await sql<{ count: number; since: number | null; now: number }>`
    select count(*) as count, min(j.finished_at) as since, ${db.now} as now
    from (select job_id from job_files where published_at is null and given_up_at is null
      order by job_id limit ${sql.lit(maxCounted)}) as f
    join jobs j on j.id = f.job_id`.execute(db);
  const { count, since, now } = rows[0]!;
  return { count, oldest: since === null ? 0 : Math.max(0, (now - since) / 1000) };
}

export function addPlacingMetrics(metrics: Metrics, db: Database): void {
  metrics.gauge(
    'flowhook_files_waiting',
    'Files of ended jobs that could not be put in their places yet, up to 100000.',
    async () => (await readWaiting(db.read)).count,
  );
  metrics.gauge(
    'flowhook_files_waiting_oldest_seconds',
    'How long the oldest of them has waited.',
    async () => (await readWaiting(db.read)).oldest,
  );
}

/** Throws where files wait: the process goes on all the same. */
export async function checkWaiting(db: Read): Promise<string> {
  const { count, oldest } = await readWaiting(db);
  if (count === 0) return 'no file waits for its place';
  throw new Error(
    `${count} ${count === 1 ? 'file waits' : 'files wait'} for a place, the oldest for ${Math.round(oldest)} s: each job says why`,
  );
}
