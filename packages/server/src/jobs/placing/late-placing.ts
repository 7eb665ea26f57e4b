// Files of jobs that have ended and are not in their places yet: tried again until they are, the newest job's first.
import { join } from 'node:path';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database, Tx } from '../../db/database.ts';
import { sql } from 'kysely';
import type { JobPlan } from '../../flows/job-plan.ts';
import { formOfFile } from '../../flows/places/place-form.ts';
import { foldPath } from '../../flows/places/place-rule.ts';
import { jobsChanged } from '../finish.ts';
import { noTurn } from './fault.ts';
import { findBarredPlaces } from './place-taking.ts';
import { endTurn, noteForms, noteNewest, reopenNewest, takeTurn, type Turn } from './place-turn.ts';
import { findPlanned, findSet, isPartOf, listForms, listReplaced, type ToPublish } from './publish.ts';
import type { Placed, Publisher } from './publisher.ts';

export interface LatePlacingOptions {
  readonly db: Database;
  readonly publisher: Publisher;
  now(): number;
  onError(error: unknown): void;
}

/** A full disk or a folder without permission is seldom mended sooner. */
const retryMs = 10_000;

export function createLatePlacing({ db, publisher, now, onError }: LatePlacingOptions): WorkLoop {
  const round = async () => {
    const jobs = Map.groupBy(await readWaiting(db), ({ job_id }) => job_id);
    // One that can't be written down holds up no other.
    for (const files of jobs.values()) await placeJob(db, publisher, files).catch(onError);
    return false;
  };
  return createWorkLoop({ round, pollMs: retryMs, onError, now });
}

interface WaitingFile {
  readonly id: number;
  readonly job_id: number;
  readonly flow_id: number;
  readonly recipe_id: number | null;
  readonly source_path: string;
  readonly path: string;
  readonly action: ToPublish['action'];
  readonly result_folder: string;
  readonly fault: string | null;
}

async function readWaiting({ read }: Database): Promise<WaitingFile[]> {
  const { rows } = await sql<WaitingFile>`
    select f.id, f.job_id, j.flow_id, j.recipe_id, f.source_path, f.path, f.action, j.result_folder, f.fault
    from job_files f join jobs j on j.id = f.job_id
    where f.published_at is null and f.given_up_at is null and j.result_folder is not null
    order by f.job_id desc, f.id`.execute(read);
  return rows;
}

async function placeJob(db: Database, publisher: Publisher, files: readonly WaitingFile[]): Promise<void> {
  const { job_id: jobId, flow_id: flowId, recipe_id: recipeId } = files[0]!;
  const plan = await readPlan(db, jobId);
  const toPlace = files.map((file) => toPublish(file, plan));
  const holder = { jobId, attempt: null, nodeId: db.nodeId };
  const keys = toPlace.map(({ place }) => place);
  let turn: Turn | null = null;
  const placed = await publisher.place(toPlace, async () => {
    turn = await db.transaction(async (tx) => {
      const barred = await findBarredPlaces(tx, { flowId, recipeId, plan });
      const standing = await takeTurn(tx, keys, holder);
      return standing === null ? null : { ...standing, barred };
    });
    return turn;
  });
  const outcomes = files.map((file, index) => ({ file, ...toPlace[index]!, ...placed[index]! }));
  if (turn === null && !outcomes.some(isNews)) return;
  await db.transaction(async (tx) => {
    const isMine = turn !== null && (await endTurn(tx, keys, holder));
    if (await writeOutcomes(tx, outcomes, isMine))
      db.announce(tx, { topic: jobsChanged, flowId, ids: [jobId] });
  });
}

function toPublish(
  { job_id: jobId, source_path, path, action, result_folder }: WaitingFile,
  { files }: JobPlan,
): ToPublish {
  const planned = findPlanned(files, jobId, path);
  return {
    jobId,
    source: join(result_folder, source_path),
    path,
    action,
    place: foldPath(planned?.path ?? path),
    form: planned === undefined ? null : formOfFile(planned),
    isRepeated: true,
    set: findSet(path, action, isPartOf(files, jobId, path)),
  };
}

async function readPlan({ read }: Database, jobId: number): Promise<JobPlan> {
  const row = read.selectFrom('jobs').select('plan').where('id', '=', jobId);
  return JSON.parse((await row.executeTakeFirstOrThrow()).plan) as JobPlan;
}

type Outcome = ToPublish & Placed & { readonly file: WaitingFile };

function isNews({ state, reason, file }: Outcome): boolean {
  // Whose turn it was is the moment's affair: what is told is what stands in the way.
  return state !== 'waits' || (reason !== noTurn && reason !== file.fault);
}

/** True where something may have changed; what another node has settled meanwhile stays. What was put there after the turn was over is not known to stand there. */
async function writeOutcomes(tx: Tx, outcomes: readonly Outcome[], isMine: boolean): Promise<boolean> {
  const renamed = outcomes.filter(({ state }) => state === 'placed');
  if (isMine) {
    await noteNewest(tx, listReplaced(renamed), outcomes[0]!.jobId);
    await noteForms(tx, listForms(renamed));
  } else await reopenNewest(tx, listReplaced(renamed));
  const news = outcomes.filter((each) => isNews(each) && (isMine || each.state !== 'placed'));
  for (const { file, state, reason } of news)
    await sql`
      update job_files set fault = ${reason},
        published_at = ${state === 'placed' ? tx.now : null}, given_up_at = ${state === 'given_up' ? tx.now : null}
      where id = ${file.id} and published_at is null and given_up_at is null`.execute(tx);
  return news.length > 0;
}
