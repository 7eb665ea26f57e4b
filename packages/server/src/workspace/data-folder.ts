// The data folder: made for its owner alone; on PostgreSQL, proven to be the one that all nodes see.
import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StartError } from '../base/start-error.ts';
import type { Database } from '../db/database.ts';
import { readStored, storeOnce } from './stored-value.ts';

const markerName = 'folder-id';
/** Below this, uploads and results are about to fail. */
const leastFreeBytes = 100 * 1024 * 1024;

/** Makes the folder if it is missing and gives its absolute path. */
export async function openDataFolder(path: string): Promise<string> {
  const folder = resolve(path);
  // Whatever is made from now on, the database and results included, is its owner's alone.
  process.umask(0o077);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `The data folder ${folder} can't be used: ${(error as Error).message}. Set FLOWHOOK_DATA_DIR to a folder that this user may write to.`,
      error,
    );
  }
  return folder;
}

/** Throws where the database belongs to another folder than this one. */
export async function checkSharedFolder(db: Database, folder: string): Promise<void> {
  const known = (await readStored(db.read, 'dataFolder')) as Marker | undefined;
  // A folder without a marker is the right one only where the database has never had one.
  const id = (await readMarker(folder)) ?? (known === undefined ? await writeMarker(folder) : null);
  const first = known ?? ((await storeOnce(db, 'dataFolder', { id, path: folder })) as Marker);
  if (id === first.id) return;
  throw new StartError(
    `The data folder ${folder} is not the one that this database belongs to (first used as ${first.path}): ` +
      `${id === null ? 'it has no marker' : `its marker is ${id}`}, expected is ${first.id}. ` +
      `All servers on one database need the same folder: mount it here, or set FLOWHOOK_DATA_DIR. ` +
      `If its files were moved here on purpose, write ${first.id} to ${join(folder, markerName)}.`,
  );
}

interface Marker {
  readonly id: string;
  readonly path: string;
}

async function readMarker(folder: string): Promise<string | null> {
  const text = await readFile(join(folder, markerName), 'utf8').catch(() => null);
  return text === null || text.trim() === '' ? null : text.trim();
}

/** Of two nodes at their first start, the marker of the first stays. */
async function writeMarker(folder: string): Promise<string | null> {
  const options = { flag: 'wx', mode: 0o600 };
  await writeFile(join(folder, markerName), `${randomUUID()}\n`, options).catch(() => undefined);
  return readMarker(folder);
}

/** Bytes. */
async function readFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What is not there yet is made when it is needed. */
async function requireWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw new Error(`${folder} can't be written to (${error.code})`);
  });
}

/** Bytes that the smallest changes take. */
const leastWritten = 1024 * 1024;

/** For readiness, where the database lies in the folder: a change of few bytes may still fit where nothing more does. */
export async function requireRoomForDatabase(folder: string): Promise<void> {
  if ((await readFree(folder)) < leastWritten) throw new Error('its disk is full: nothing can be kept');
}

/** Each may be a disk of its own. */
const written = ['.', 'jobs', 'outputs', 'datasets', 'ends', 'scratch'];

/** For readiness: the folder, and what lies in it, can be written to and has room. */
export async function checkDisk(folder: string): Promise<string> {
  for (const name of written) await requireWritable(join(folder, name));
  const free = await readFree(folder);
  const words = `${Math.round(free / 1024 / 1024)} MiB free`;
  if (free < leastFreeBytes) throw new Error(`only ${words} in ${folder}`);
  return words;
}
