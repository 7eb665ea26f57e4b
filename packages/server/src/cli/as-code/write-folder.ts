// Writes flows as folders of files: each file whole or not at all, never through a link, and nothing that is not ours.
import { lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../base/start-error.ts';
import type { FolderFiles } from './write-form.ts';

/** Makes the folder where it is not there; `stale` are files of recipes that are no more. Throws `StartError` where it can't be written. */
export function writeFlowFolder(
  root: string,
  { folder, files, stale }: { folder: string; files: FolderFiles; stale: readonly string[] },
): void {
  try {
    mkdirSync(root, { recursive: true });
    const path = join(root, folder);
    if (!isThere(path)) mkdirSync(path);
    else if (!lstatSync(path).isDirectory()) throw new Error(`${folder} is no folder`);
    for (const [name, text] of files) writeWhole(join(path, name), text);
    for (const name of stale) if (!files.has(name)) rmSync(join(path, name), { force: true });
  } catch (error) {
    throw new StartError(`The folder can't be written: ${(error as Error).message}`);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A rename takes the place of a link, and does not follow it. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
