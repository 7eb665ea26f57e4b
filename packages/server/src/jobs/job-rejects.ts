// The rows of its inputs that a job left out.
import type { Database } from '../db/database.ts';
import type { Reject } from '../engine/engine.ts';

export interface JobRejects {
  readonly rows: number;
  readonly data: readonly Reject[];
}

export async function readRejects(
  { read }: Database,
  job: { readonly id: number; readonly rejected_rows: number | null },
): Promise<JobRejects> {
  const row = await read
    .selectFrom('job_rejects')
    .select('kept')
    .where('job_id', '=', job.id)
    .executeTakeFirst();
  return { rows: job.rejected_rows ?? 0, data: row === undefined ? [] : (JSON.parse(row.kept) as Reject[]) };
}
