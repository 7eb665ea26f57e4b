// The folder that an attempt at a job writes to.
import { mkdir, rm } from 'node:fs/promises';
import type { Log } from '../../base/log.ts';
import type { Failure } from '../../engine/failure.ts';

/** What its disk refuses would be refused to every attempt, and ends no process: it is the job's failure. */
export async function makeFolder(folder: string, log: Log): Promise<Failure | null> {
  // Of an older copy of the database: what stands there is linked to from where it was published.
  await removeFolder(folder, log);
  try {
    await mkdir(folder, { recursive: true });
    return null;
  } catch (error) {
    log.error({ err: error, folder }, 'no folder for a job');
    return noFolder;
  }
}

const noFolder: Failure = {
  reason: 'output_failed',
  fileId: null,
  message: 'The server could make no folder for the results.',
  hint: 'Tell an administrator: the disk of the data folder is full or read-only.',
};

export async function removeFolder(folder: string, log: Log): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
    log.warn({ err: error, folder }, 'left behind'),
  );
}
