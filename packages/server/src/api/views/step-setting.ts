// What the steps of jobs wrote, as clients of the original ask for it: `embed=jobs.fileWriterJob.writeSetting`.
import { stepEmbeds } from '@flowhook/contract/job/job-list';
import type { Read } from '../../db/database.ts';
import type { JobPlan } from '../../flows/job-plan.ts';

interface Shown {
  readonly id: number;
  readonly jobs: { readonly data: { readonly id: number }[] };
}

/** The embeds with `jobs` among them, where a part of a step is asked for. */
export function withSteps(embed: ReadonlySet<string>): ReadonlySet<string> {
  return stepEmbeds.some((name) => embed.has(name)) ? new Set([...embed, 'jobs']) : embed;
}

/**
 * Gives the step that writes files `fileWriterJob` and `writeSetting`. A job here writes all of its files in one step: the
 * setting is that of the first, with the path at which its file lies, or will lie.
 */
export async function addWriteSettings(
  db: Read,
  shown: readonly Shown[],
  embed: ReadonlySet<string>,
): Promise<void> {
  if (shown.length === 0 || !stepEmbeds.some((name) => embed.has(name))) return;
  const ids = shown.map(({ id }) => id);
  const plans = await db.selectFrom('jobs').select(['id', 'plan']).where('id', 'in', ids).execute();
  const files = await db
    .selectFrom('job_files')
    .select(['job_id', 'path'])
    .where('job_id', 'in', ids)
    .where('position', '=', 0)
    .execute();
  const planOf = new Map(plans.map(({ id, plan }) => [id, JSON.parse(plan) as JobPlan | null]));
  const pathOf = new Map(files.map(({ job_id, path }) => [job_id, path]));
  for (const job of shown)
    for (const step of job.jobs.data) {
      if ((step as { jobType?: string }).jobType !== 'filewriter') continue;
      const writeSetting = toSetting(planOf.get(job.id) ?? null, pathOf.get(job.id));
      Object.assign(step, { fileWriterJob: { id: step.id }, writeSetting });
    }
}

function toSetting(plan: JobPlan | null, written: string | undefined) {
  const first = plan?.files[0];
  if (first === undefined) return null;
  const { format, compression, header, delimiter, quotes, nullText = '', singleFile } = first.plan;
  const zstd = compression === 'zstd';
  return {
    path: written ?? first.path,
    action: first.action,
    format,
    compression: zstd ? 'none' : compression,
    zstd,
    header,
    asSingleFile: singleFile,
    delim: delimiter,
    hasQuotes: quotes,
    nullText,
  };
}
