// The rows of its inputs that a job left out, as a list and as a CSV file.
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

const names = ['dataset', 'file', 'line', 'row', 'column', 'value', 'reason'] as const;

/** A header and a line for each; nothing for null. */
export function writeRejects({ data }: JobRejects): string {
  const lines = data.map((reject) => names.map((name) => quoteCell(reject[name])).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

function quoteCell(value: string | number | null): string {
  if (value === null) return '';
  return typeof value === 'number' ? String(value) : `"${value.replaceAll('"', '""')}"`;
}
