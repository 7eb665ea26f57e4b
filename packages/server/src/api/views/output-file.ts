// The files that a job has written, as the API shows them.
import type { WriteFormat } from '@flowhook/contract/flow/write-setting';
import { basename } from 'node:path';
import type { Database } from '../../db/database.ts';

export function readFiles(db: Database, jobId: number) {
  return db.read
    .selectFrom('job_files')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('position')
    .execute();
}

type FileRow = Awaited<ReturnType<typeof readFiles>>[number];

export function showFile(file: FileRow) {
  return {
    id: file.id,
    uri: `/outputs/${file.path}`,
    name: basename(file.path),
    fileType: 'FILE' as const,
    isPrimaryOutput: file.position === 0,
    format: file.format as WriteFormat,
    size: file.size_bytes,
    rows: file.rows,
    published: file.published_at !== null,
    unpublishedReason: file.published_at === null ? file.fault : null,
    placing: showPlacing(file),
  };
}

function showPlacing({ published_at, given_up_at }: FileRow): 'placed' | 'waiting' | 'givenUp' {
  if (published_at !== null) return 'placed';
  return given_up_at === null ? 'waiting' : 'givenUp';
}
