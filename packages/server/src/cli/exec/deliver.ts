// Delivers a run from the spool as far as it can be: target, job, progress or end; each step is stored before the next.
import { Problem } from '@flowhook/client/problem';
import type { JobReport, ReportClient } from '@flowhook/client/report-client';
import type { Spool, SpooledRun } from './spool.ts';

/** What became of a run: still under way, told to the end, or ended otherwise on the server. */
export type Delivered =
  | { readonly state: 'open'; readonly run: SpooledRun }
  | { readonly state: 'done'; readonly jobId: number }
  | { readonly state: 'overtaken'; readonly jobId: number; readonly status: string };

/**
 * Tells the server what the spool knows; `progress` is what is known of a command that still runs.
 * Throws a Problem and may be called again: no call makes a second job or a second end.
 */
export async function deliverRun(
  client: ReportClient,
  spool: Pick<Spool, 'save'>,
  run: SpooledRun,
  progress: JobReport | null,
): Promise<Delivered> {
  const started = await ensureJob(client, spool, run);
  const { jobId, end } = started;
  const report: JobReport | null = end ?? progress;
  if (report === null) return { state: 'open', run: started };
  try {
    await client.report(jobId, report);
    return end === null ? { state: 'open', run: started } : { state: 'done', jobId };
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 409) throw error;
    return settleConflict(client, spool, started);
  }
}

type StartedRun = SpooledRun & { readonly jobId: number };

async function ensureJob(
  client: ReportClient,
  spool: Pick<Spool, 'save'>,
  run: SpooledRun,
): Promise<StartedRun> {
  if (run.jobId !== null) return { ...run, jobId: run.jobId };
  const target = run.target ?? (await client.findTarget(run.flow, run.output));
  const { lostJobs } = run;
  const late = lostJobs.length > 0;
  const jobId = await client.start(target, {
    // A new id for a new job, the same at every repetition.
    runId: late ? `${run.runId}/${lostJobs.length}` : run.runId,
    name: late ? `${run.name} (result of job ${lostJobs.at(-1)}, which was lost)`.slice(-255) : run.name,
    startedAt: run.startedAt,
    heartbeatSeconds: run.end === null ? run.heartbeatSeconds : null,
  });
  const started = { ...run, target, jobId };
  spool.save(started);
  return started;
}

/**
 * The job has ended otherwise. Given up as lost, for its reports did not come through: the result becomes a job of its
 * own, so that it is told. Anything else, such as a cancel, was somebody's decision and stands.
 */
async function settleConflict(
  client: ReportClient,
  spool: Pick<Spool, 'save'>,
  run: StartedRun,
): Promise<Delivered> {
  const { status, reason } = await client.read(run.jobId);
  if (reason !== 'lost') return { state: 'overtaken', jobId: run.jobId, status };
  if (run.end === null) return { state: 'open', run };
  const late = { ...run, jobId: null, lostJobs: [...run.lostJobs, run.jobId] };
  spool.save(late);
  return deliverRun(client, spool, late, null);
}
