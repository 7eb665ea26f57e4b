// Publishing: as a job ends, and what fails then again until it works; the same files in the same places, however often it is done.
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import { createWorkLoop, type WorkLoop } from '../../base/work-loop.ts';
import type { Database } from '../../db/database.ts';
import { readUnpublished } from '../job-store.ts';
import { publishFile, type Folders, type ToPublish } from './publish.ts';

export interface Publisher {
  /** The files of a job that is about to end; gives the indexes of those that are in their places. What fails is logged and left to the loop. */
  place(files: readonly ToPublish[]): Promise<ReadonlySet<number>>;
  /** What of ended jobs is not in its place yet. */
  readonly loop: WorkLoop;
}

export interface PublisherOptions {
  readonly db: Database;
  readonly folders: Folders;
  readonly log: Log;
  now(): number;
}

type Unpublished = Awaited<ReturnType<typeof readUnpublished>>[number];

/** A full disk or a folder without permission is seldom mended sooner. */
const retryMs = 15_000;

export function createPublisher({ db, folders, log, now }: PublisherOptions): Publisher {
  /** What was logged of each file: said once, not at each round. */
  const said = new Map<string, string>();
  /** What was put in a place since something was left over, by path: its job, which may not have ended yet. */
  const recent = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: two at once would take each other's temporary file away. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  }

  /** False where it did not work, which is logged. */
  async function attempt(file: { readonly jobId: number; readonly path: string }, work: () => Promise<void>) {
    const { jobId, path } = file;
    const key = `${jobId} ${path}`;
    try {
      await work();
      said.delete(key);
      return true;
    } catch (error) {
      if (said.get(key) !== String(error))
        log.error({ err: error, jobId, path }, 'an output could not be put in its place');
      said.set(key, String(error));
      return false;
    }
  }

  async function place(files: readonly ToPublish[]): Promise<ReadonlySet<number>> {
    const placed = new Set<number>();
    for (const [index, file] of files.entries())
      if (await attempt(file, () => publishFile(folders, file))) {
        recent.set(file.path, file.jobId);
        placed.add(index);
      }
    return placed;
  }

  async function publishLeft(): Promise<void> {
    const left = await readUnpublished(db.read);
    if (left.length === 0) recent.clear();
    for (const file of left) {
      const { id, job_id: jobId, path, action, source_path: source, result_folder: folder } = file;
      if (folder === null) continue;
      await attempt({ jobId, path }, async () => {
        const newer = recent.get(path);
        if ((newer === undefined || newer === jobId) && !(await isSuperseded(db, file)))
          await publishFile(folders, { jobId, source: join(folder, source), path, action });
        await markPublished(db, id);
      });
    }
  }

  const round = async () => {
    await inTurn(publishLeft);
    return false;
  };
  const onError = (error: unknown) => log.error({ err: error }, 'publisher');
  return {
    place: (files) => inTurn(() => place(files)),
    loop: createWorkLoop({ round, pollMs: retryMs, onError, now }),
  };
}

/** A later job has written the same place meanwhile: the older file must not come over it. */
async function isSuperseded(db: Database, { id, path }: Unpublished): Promise<boolean> {
  const newer = await db.read
    .selectFrom('job_files')
    .select('id')
    .where('path', '=', path)
    .where('id', '>', id)
    .where('published_at', 'is not', null)
    .limit(1)
    .execute();
  return newer.length > 0;
}

async function markPublished(db: Database, fileId: number): Promise<void> {
  const now = db.read.now;
  await db.transaction((tx) =>
    tx.updateTable('job_files').set({ published_at: now }).where('id', '=', fileId).execute(),
  );
}
