// What an engine's result means for its job: how it ends, which files it has, how its steps went.
import { basename, join } from 'node:path';
import { sql } from 'kysely';
import type { Tx } from '../db/database.ts';
import { insertMany, tableOf } from '../db/rows.ts';
import type { WriteResult, WrittenFile } from '../engine/engine.ts';
import { nothingWritten, type JobEnd } from './finish.ts';
import type { ClaimedJob } from './job-move.ts';
import { failureReasons } from './job-state.ts';
import type { PlannedFile } from '../flows/job-plan.ts';
import { formOfFile } from '../flows/places/place-form.ts';
import { foldPath } from '../flows/places/place-rule.ts';
import { noteForms, noteNewest } from './placing/place-turn.ts';
import { choosePath, findSet, listForms, listReplaced, type ToPublish } from './placing/publish.ts';
import type { Placed } from './placing/publisher.ts';

type Complete = Extract<WriteResult, { state: 'complete' }>;

/** A run that has its result, and may not put it in its place. */
export interface Barred {
  readonly state: 'barred';
  readonly message: string;
}

/** The end of a job by its engine's result. `gone` comes here only when it is not worth another attempt. */
export function describeResult(
  job: ClaimedJob,
  result: WriteResult | Barred,
  folder: string,
  placed: readonly Placed[] = [],
): JobEnd {
  const base = {
    ...nothingWritten,
    jobId: job.id,
    flowId: job.flowId,
    attempt: job.attempt,
  };
  if (result.state === 'complete')
    return { ...base, ...describeComplete(job, result, placed), event: 'complete', resultFolder: folder };
  if (result.state === 'canceled') return { ...base, event: 'stop' };
  if (result.state === 'failed') return { ...base, event: 'fail', error: describeFailure(result) };
  if (result.state === 'barred') {
    const message = `${result.message} ${failureReasons.place_taken}`;
    return { ...base, event: 'fail', error: { reason: 'place_taken', message, detail: null } };
  }
  return {
    ...base,
    event: 'fail',
    error: { reason: 'repeated', message: failureReasons.repeated, detail: null },
  };
}

function describeFailure({ failure }: Extract<WriteResult, { state: 'failed' }>): JobEnd['error'] {
  const { reason, message, hint, ...detail } = failure;
  return { reason, message: hint === null ? message : `${message} ${hint}`, detail };
}

function describeComplete(
  job: ClaimedJob,
  result: Complete,
  placed: readonly Placed[],
): Pick<JobEnd, 'rows' | 'bytes' | 'columns' | 'files' | 'warnings' | 'rejected' | 'outputColumns'> {
  const files = result.files.map((file, position) => {
    const path = publishedPathOf(job, file);
    return {
      name: basename(path),
      uri: path,
      format: plannedOf(job, file).plan.format,
      rows: file.rows,
      bytes: file.bytes,
      published: placed[position]?.state === 'placed',
      unpublishedReason: placed[position]?.reason ?? null,
    };
  });
  const bytes = result.files.reduce((sum, file) => sum + file.bytes, 0);
  const { rows, columns, warnings, rejects: rejected } = result;
  return { rows, bytes, columns: columns.length, files, warnings, rejected, outputColumns: columns };
}

function plannedOf(job: ClaimedJob, { id }: WrittenFile): PlannedFile {
  return job.plan.files.find(({ plan }) => plan.id === id)!;
}

/** Where a written file is published, below the outputs folder. */
function publishedPathOf(job: ClaimedJob, file: WrittenFile): string {
  const planned = plannedOf(job, file);
  const part = planned.plan.singleFile ? null : basename(file.path);
  return choosePath(planned.path, planned.action, job.id, part);
}

const fileColumns = {
  job_id: 'bigint',
  position: 'bigint',
  source_path: 'text',
  path: 'text',
  format: 'text',
  action: 'text',
  size_bytes: 'bigint',
  rows: 'bigint',
  published_at: 'bigint',
  given_up_at: 'bigint',
  fault: 'text',
} as const;

/** Where each file of a run is, and where it is to be, in the order of their positions. */
export function listPlaces(job: ClaimedJob, result: Complete, folder: string): ToPublish[] {
  return result.files.map((file) => ({
    jobId: job.id,
    source: join(folder, file.path),
    path: publishedPathOf(job, file),
    action: plannedOf(job, file).action,
    place: foldPath(plannedOf(job, file).path),
    form: formOfFile(plannedOf(job, file)),
    isRepeated: job.attempt > 1,
    set: findSet(
      publishedPathOf(job, file),
      plannedOf(job, file).action,
      !plannedOf(job, file).plan.singleFile,
    ),
  }));
}

/** Stores files, profile and steps in the transaction that ends the job. `placed` is what came of each file's way to its place. */
export async function storeResult(
  tx: Tx,
  ended: { readonly job: ClaimedJob; readonly result: Complete; readonly at: number },
  placed: readonly Placed[],
): Promise<void> {
  const { job, result, at } = ended;
  const rows = result.files.map((file, position) => ({
    job_id: job.id,
    position,
    source_path: file.path,
    path: publishedPathOf(job, file),
    format: plannedOf(job, file).plan.format,
    action: plannedOf(job, file).action,
    size_bytes: file.bytes,
    rows: file.rows,
    published_at: placed[position]?.state === 'placed' ? at : null,
    given_up_at: placed[position]?.state === 'given_up' ? at : null,
    fault: placed[position]?.reason ?? null,
  }));
  await insertMany(tx, { table: 'job_files', columns: fileColumns, rows });
  const inPlace = listPlaces(job, result, '').filter((_, position) => placed[position]?.state === 'placed');
  await noteNewest(tx, listReplaced(inPlace), job.id);
  await noteForms(tx, listForms(inPlace));
  if (result.profile !== null) {
    await tx
      .insertInto('job_profiles')
      .values({ job_id: job.id, profile: JSON.stringify(result.profile) })
      .execute();
  }
  if ((result.rejects?.rows ?? 0) > 0)
    await tx
      .insertInto('job_rejects')
      .values({ job_id: job.id, kept: JSON.stringify(result.rejects!.kept) })
      .execute();
  await storeStepTimes(tx, job.id, result);
}

async function storeStepTimes(tx: Tx, jobId: number, result: Complete): Promise<void> {
  const columns = { kind: 'text', started_at: 'bigint', finished_at: 'bigint', bytes: 'bigint' } as const;
  const written = result.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = result.steps.map(({ step, startedAt, finishedAt }) => ({
    kind: step,
    started_at: Math.round(startedAt),
    finished_at: Math.round(finishedAt),
    bytes: step === 'filewriter' ? written : null,
  }));
  if (rows.length === 0) return;
  await sql`
    update job_steps set started_at = given.started_at, finished_at = given.finished_at, bytes = given.bytes, rows = ${result.rows}
    from ${tableOf(tx, 'given', columns, rows)}
    where job_steps.job_id = ${jobId} and job_steps.kind = given.kind`.execute(tx);
}
