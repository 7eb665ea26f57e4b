// The numbers of jobs that are not over, read at each scrape.
import { sql } from 'kysely';
import type { Metrics } from '../base/metrics.ts';
import type { Database } from '../db/database.ts';

/** What is counted up to here: a scrape must not hold a large backlog up. */
const maxCounted = 100_000;

export function addJobMetrics(metrics: Metrics, db: Database): void {
  const count = (where: string) => async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (select 1 from jobs where ${sql.raw(where)} limit ${sql.lit(maxCounted)}) as j`.execute(
      db.read,
    );
    return rows[0]!.count;
  };
  metrics.gauge(
    'flowhook_jobs_queued',
    'Jobs that wait for a runner, up to 100000.',
    count(`state = 'queued'`),
  );
  // By the lease, which has an index: jobs that are reported from outside have none.
  metrics.gauge(
    'flowhook_jobs_running',
    'Jobs that run on any node, up to 100000.',
    count('lease_until is not null'),
  );
}
