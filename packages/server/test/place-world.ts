// Jobs with a result and a place for it, straight in the database: for tests of how files come to their places.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../src/db/database.ts';
import type { JobPlan } from '../src/flows/job-plan.ts';
import type { WriteAction } from '../src/flows/places/place-rule.ts';
import { queueJobs } from '../src/jobs/job-move.ts';
import { choosePath } from '../src/jobs/placing/publish.ts';
import type { World } from './webhook-world.ts';

export interface Result {
  readonly jobId: number;
  /** Where its file is published. */
  readonly path: string;
}

/** A plan that writes one CSV file. */
export function planOf(path: string, action: WriteAction = 'overwrite', sql = 'select 1 as a'): JobPlan {
  const file = { format: 'csv', compression: 'none', header: true, delimiter: ',', quotes: false } as const;
  return {
    datasets: [],
    recipes: [{ name: 'r', sql, dialect: 'duckdb', primaryInput: null }],
    output: 'r',
    files: [{ plan: { id: '0', ...file, singleFile: true, fileName: 'part.csv' }, path, action }],
    profile: false,
    inputs: [],
    parameters: [],
    referenceAt: 1,
  };
}

export async function queuePlan({ db, flowId, personId }: World, plan: JobPlan): Promise<number> {
  const starter = { ranFrom: 'api', startedBy: 'person', startedByDelivery: null, hop: 0 } as const;
  const none = { recipeId: null, outputId: null, name: 'a job', description: null, executionId: null };
  const job = { flowId, creatorId: personId, kind: 'engine', ...starter, ...none, plan } as const;
  const rest = { profiler: false, warnings: [], heartbeatSeconds: null, startedAt: null };
  return (await db.transaction((tx) => queueJobs(tx, [{ ...job, ...rest }])))[0]!;
}

/** A job that has ended, whose file waits for its place. */
export async function addResult(
  world: World,
  dataDir: string,
  { path, text, action = 'overwrite' }: { path: string; text: string; action?: WriteAction },
): Promise<Result> {
  const jobId = await queuePlan(world, planOf(path, action));
  const folder = join(dataDir, 'jobs', String(jobId), '1');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'part.csv'), text);
  const published = choosePath(path, action, jobId, null);
  const file = {
    job_id: jobId,
    position: 0,
    source_path: 'part.csv',
    path: published,
    format: 'csv',
    action,
  };
  await world.db.transaction(async (tx) => {
    const ended = { state: 'complete', finished_at: 1, result_folder: folder } as const;
    await tx.updateTable('jobs').set(ended).where('id', '=', jobId).execute();
    await tx.insertInto('job_files').values(file).execute();
  });
  return { jobId, path: published };
}

export async function readFileRow({ read }: Database, jobId: number) {
  return read.selectFrom('job_files').selectAll().where('job_id', '=', jobId).executeTakeFirstOrThrow();
}
