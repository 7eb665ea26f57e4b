// Publishing after the commit, and again at start: the same files in the same places, however often it is done.
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { nowText } from '../db/dialect.ts';
import { readUnpublished } from './job-store.ts';
import { publishFile } from './publish.ts';

export interface Publisher {
  /** The files of one job. */
  publish(jobId: number): Promise<void>;
  /** What an earlier process did not come to. */
  publishRest(): Promise<void>;
}

export function createPublisher(db: Database, outputsDir: string): Publisher {
  async function publish(jobId?: number): Promise<void> {
    for (const file of await readUnpublished(db.read, jobId)) {
      if (file.result_folder === null) continue;
      await publishFile(outputsDir, {
        jobId: file.job_id,
        source: join(file.result_folder, file.source_path),
        path: file.path,
      });
      const now = sql<number>`${sql.raw(nowText(db.engine))}`;
      await db.transaction((tx) =>
        tx.updateTable('job_files').set({ published_at: now }).where('id', '=', file.id).execute(),
      );
    }
  }
  return { publish, publishRest: () => publish() };
}
