// Publishing after the commit, and again until it works: the same files in the same places, however often it is done.
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Log } from '../base/log.ts';
import { createWorkLoop, type WorkLoop } from '../base/work-loop.ts';
import type { Database } from '../db/database.ts';
import { nowText } from '../db/dialect.ts';
import { readUnpublished } from './job-store.ts';
import { publishFile } from './publish.ts';

export interface Publisher {
  /** The files of one job, at once. What fails is logged and left to the loop. */
  publish(jobId: number): Promise<void>;
  /** What failed, and what an earlier process did not come to. */
  readonly loop: WorkLoop;
}

export interface PublisherOptions {
  readonly db: Database;
  readonly outputsDir: string;
  readonly log: Log;
  now(): number;
}

type Unpublished = Awaited<ReturnType<typeof readUnpublished>>[number];

/** A full disk or a folder without permission is seldom mended sooner. */
const retryMs = 15_000;

export function createPublisher({ db, outputsDir, log, now }: PublisherOptions): Publisher {
  /** What was logged of each file: said once, not at each round. */
  const said = new Map<number, string>();
  let last: Promise<void> = Promise.resolve();

  /** One after the other: two at once would take each other's temporary file away. */
  function publish(jobId?: number): Promise<void> {
    last = last.catch(() => undefined).then(() => publishAll(jobId));
    return last;
  }

  async function publishAll(jobId?: number): Promise<void> {
    for (const file of await readUnpublished(db.read, jobId)) {
      if (file.result_folder !== null) await publishOne(file);
    }
  }

  async function publishOne(file: Unpublished): Promise<void> {
    try {
      if (!(await isSuperseded(db, file))) await put(file);
      await markPublished(db, file.id);
      said.delete(file.id);
    } catch (error) {
      if (said.get(file.id) === String(error)) return;
      said.set(file.id, String(error));
      log.error(
        { err: error, jobId: file.job_id, path: file.path },
        'an output could not be put in its place',
      );
    }
  }

  const put = ({ job_id: jobId, result_folder: folder, source_path: source, path }: Unpublished) =>
    publishFile(outputsDir, { jobId, source: join(folder!, source), path });

  const round = async () => {
    await publish();
    return false;
  };
  const onError = (error: unknown) => log.error({ err: error }, 'publisher');
  return { publish, loop: createWorkLoop({ round, pollMs: retryMs, onError, now }) };
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
  const now = sql<number>`${sql.raw(nowText(db.engine))}`;
  await db.transaction((tx) =>
    tx.updateTable('job_files').set({ published_at: now }).where('id', '=', fileId).execute(),
  );
}
