// An attempt's folder: work goes on in `.work`, and whole files move up when all of them are done.
import { lchown, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath } from '../../base/sync-path.ts';
import type { FilePlan, WrittenFile } from '../engine.ts';

/** Where the work of an attempt goes on; its `out/` holds what will be published. */
const workFolder = (folder: string): string => join(folder, '.work');

/** A fresh working folder; what an earlier process left there is gone. */
export async function prepareFolder(folder: string): Promise<string> {
  const work = workFolder(folder);
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'out'), { recursive: true });
  return work;
}

/**
 * Moves the files of the plan from `out/` up and takes the rest away. On return the names are on disk. What stands there
 * was made by the child: nothing but ordinary files under the plan's names is taken, so that no link leads elsewhere.
 */
export async function publishFolder(
  folder: string,
  files: readonly FilePlan[],
  written: readonly WrittenFile[],
): Promise<WrittenFile[]> {
  const out = join(workFolder(folder), 'out');
  await requireFolder(out);
  const found: WrittenFile[] = [];
  for (const { id, path, rows } of written) {
    const plan = files.find((file) => file.id === id);
    if (plan === undefined || !isPlanned(plan, path))
      throw new Error(`the engine wrote a file that was not planned`);
    if (!plan.singleFile) await requireFolder(join(out, plan.fileName));
    found.push({ id, path, rows, bytes: await takeOver(join(out, path)) });
  }
  for (const { fileName, singleFile } of files)
    if (!singleFile && (await readdir(join(out, fileName))).length !== countParts(found, fileName))
      throw new Error('the engine wrote files that it does not tell of');
  for (const { fileName } of files) await rename(join(out, fileName), join(folder, fileName));
  await syncPath(folder);
  await discardFolder(folder);
  return found;
}

const countParts = (found: readonly WrittenFile[], fileName: string): number =>
  found.filter(({ path }) => path.startsWith(`${fileName}/`)).length;

/** A single file has the plan's name, a part a plain name in a folder of that name. */
function isPlanned({ singleFile, fileName }: FilePlan, path: string): boolean {
  if (singleFile) return path === fileName;
  return path.startsWith(`${fileName}/`) && /^part-\d{5,}\.[a-z.]+$/u.test(path.slice(fileName.length + 1));
}

async function requireFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) throw new Error('the engine wrote no folder where one belongs');
  await chownToUs(path);
}

/** An ordinary file that nothing else is linked to becomes ours; gives its size. */
async function takeOver(path: string): Promise<number> {
  const found = await lstat(path);
  if (!found.isFile() || found.nlink !== 1) throw new Error('the engine wrote something else than a file');
  await chownToUs(path);
  return found.size;
}

/** Where the child had a user of its own. */
async function chownToUs(path: string): Promise<void> {
  const us = process.getuid?.();
  if (us === 0) await lchown(path, us, process.getgid?.() ?? us);
}

/** Takes the working folder away, with all that was half done. */
export async function discardFolder(folder: string): Promise<void> {
  await rm(workFolder(folder), { recursive: true, force: true });
}
