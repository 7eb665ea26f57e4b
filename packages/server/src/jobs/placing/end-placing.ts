// Putting a job's files in their places as it is about to end: in its turn there, and only while the job is ours.
import { setTimeout } from 'node:timers/promises';
import type { Log } from '../../base/log.ts';
import type { Database } from '../../db/database.ts';
import type { WriteResult } from '../../engine/engine.ts';
import { renewLeases, whileLeased } from '../job-lease.ts';
import type { ClaimedJob } from '../job-move.ts';
import { listPlaces, type Barred } from '../result.ts';
import { keepPlaces } from './place-taking.ts';
import { reopenNewest, takeTurn, type Turn } from './place-turn.ts';
import { listReplaced, type ToPublish } from './publish.ts';
import type { Placed, Publisher } from './publisher.ts';

export interface EndPlacing {
  readonly db: Database;
  readonly log: Log;
  readonly place: Publisher['place'];
}

/** How often one looks whether the turn has come. */
const turnEveryMs = 100;
/** Longer than a lease lasts: whoever has the turn has put its files there by then, or is gone. */
const maxWaitMs = 60_000;

const nothingBarred: ReadonlyMap<string, string> = new Map();

/** Returns the result with what came of each of its files; what would go where another flow's result is has failed. */
export async function placeResult(
  options: EndPlacing,
  job: ClaimedJob,
  { result, folder }: { readonly result: WriteResult; readonly folder: string },
): Promise<{ readonly result: WriteResult | Barred; readonly placed: readonly Placed[] }> {
  if (result.state !== 'complete') return { result, placed: [] };
  const files = listPlaces(job, result, folder);
  let barred: Barred | null = null;
  const placed = await options.place(files, async () => {
    const answer = await waitForTurn(options, job, files);
    if (answer === null || !('state' in answer)) return answer;
    barred = answer;
    return null;
  });
  return { result: barred ?? result, placed };
}

/** Null where it did not come, or where the job is no longer ours. */
async function waitForTurn(
  { db, log }: EndPlacing,
  job: ClaimedJob,
  files: readonly ToPublish[],
): Promise<Turn | Barred | null> {
  const until = performance.now() + maxWaitMs;
  for (;;) {
    const answer = await whileLeased(log, job.id, () => ask(db, job, files));
    if (answer !== 'taken') return answer;
    if (performance.now() > until) return null;
    await setTimeout(turnEveryMs);
  }
}

/** What has lost its lease puts nothing in a place: another attempt, or a later job, may have been there. */
async function ask(
  db: Database,
  job: ClaimedJob,
  files: readonly ToPublish[],
): Promise<Turn | Barred | 'taken' | null> {
  return db.transaction(async (tx) => {
    const isOurs = (await renewLeases(tx, db.nodeId, [job.id])).has(job.id);
    if (!isOurs) return null;
    const barred = await keepPlaces(tx, job);
    if (barred !== null) return { state: 'barred', message: barred.message };
    const holder = { jobId: job.id, attempt: job.attempt, nodeId: db.nodeId };
    const keys = files.map(({ place }) => place);
    const standing = await takeTurn(tx, keys, holder);
    return standing === null ? 'taken' : { ...standing, barred: nothingBarred };
  });
}

/** The job is another's by now: what was put in the places may be older than what came there meanwhile. */
export async function undoPlacing(
  db: Database,
  files: readonly ToPublish[],
  placed: readonly Placed[],
): Promise<void> {
  const renamed = listReplaced(files.filter((_, index) => placed[index]?.state === 'placed'));
  if (renamed.length > 0) await db.transaction((tx) => reopenNewest(tx, renamed));
}
