// Parts that are appended are read as one table: whether those of this job have the columns of those before.
import { sql } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Column } from '../../engine/dataset.ts';
import type { ClaimedJob } from '../job-move.ts';

/** What is to be told, a sentence for each place whose columns have changed. */
export async function warnOfAppended(
  { read }: Database,
  job: ClaimedJob,
  columns: readonly Column[],
): Promise<string[]> {
  const warnings: string[] = [];
  for (const { path, action } of job.plan.files) {
    if (action !== 'append') continue;
    const { rows } = await sql<{ output_columns: string }>`
      select j.output_columns from job_files f join jobs j on j.id = f.job_id
      where f.path > ${`${path}/`} and f.path < ${`${path}0`} and f.action = 'append' and f.job_id <> ${job.id}
        and f.given_up_at is null and j.output_columns is not null
      order by f.job_id desc limit 1`.execute(read);
    const before = rows[0] === undefined ? null : (JSON.parse(rows[0].output_columns) as Column[]);
    if (before !== null && write(before) !== write(columns))
      warnings.push(
        `The columns of ${path} have changed: its earlier parts have ${write(before)}, and this one has ${write(columns)}. Append to another path, or bring the columns back.`,
      );
  }
  return warnings;
}

const write = (columns: readonly Column[]): string =>
  columns.map(({ name, type }) => `${name} ${type}`).join(', ');
