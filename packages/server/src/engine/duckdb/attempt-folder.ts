// An attempt's folder: work goes on in `.work`, and whole files move up when all of them are done.
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the work of an attempt goes on; its `out/` holds what will be published. */
export const workFolder = (folder: string): string => join(folder, '.work');

/** A fresh working folder; what an earlier process left there is gone. */
export async function prepareFolder(folder: string): Promise<string> {
  const work = workFolder(folder);
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'out'), { recursive: true });
  return work;
}

/** Moves everything from `out/` up and takes the rest away. On return the names are on disk. */
export async function publishFolder(folder: string): Promise<void> {
  const out = join(workFolder(folder), 'out');
  for (const name of await readdir(out)) await rename(join(out, name), join(folder, name));
  await syncFolder(folder);
  await discardFolder(folder);
}

/** Takes the working folder away, with all that was half done. */
export async function discardFolder(folder: string): Promise<void> {
  await rm(workFolder(folder), { recursive: true, force: true });
}

/** Brings a file or a folder's names to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
