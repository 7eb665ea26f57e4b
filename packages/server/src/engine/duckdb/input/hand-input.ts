// Opened inputs on their way into a child's folder: bound, linked to a descriptor, or copied where the child could not read them.
import { constants } from 'node:fs';
import { chmod, copyFile, stat, symlink, writeFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { HandedFile } from '../protocol.ts';
import { identify, markOf, type OpenInput } from './open-input.ts';

export interface Handing {
  /** `bind`: the launcher binds paths into the child's view. `descriptor`: the child has the open files. */
  readonly by: 'bind' | 'descriptor';
  /** The child's user, where it has one of its own. */
  readonly user: number | null;
  /** Folders whose files are the server's own: they may be given to the child's user. */
  readonly ownFolders: readonly string[];
}

export interface Handed {
  /** Sources and names below the child's folder. */
  readonly binds: readonly { readonly source: string; readonly name: string }[];
  /** In the order of the child's descriptors from `firstDescriptor` on. */
  readonly descriptors: readonly number[];
  /** Copies by their names: other files than those that were opened. */
  readonly copies: ReadonlyMap<string, Copy>;
}

export interface Copy {
  readonly identity: string;
  /** That of the file it was made of. */
  readonly mark: string;
}

/** The first that is free in a child: input, output, errors, channel and news of the launcher stand before. */
export const firstDescriptor = 5;

/** Each bind costs more than the one before it: 100 take 0.1 s, 1,000 took 6 s. What is beyond is copied. */
const maxBound = 300;

/** Puts every input into `in/` of the folder, which is there. */
export async function handInputs(
  folder: string,
  inputs: readonly OpenInput[],
  how: Handing,
): Promise<Handed> {
  const binds: { source: string; name: string }[] = [];
  const descriptors: number[] = [];
  const copies = new Map<string, Copy>();
  for (const input of inputs) {
    const target = join(folder, input.name);
    if (!(await mayOpen(input, how)) || (how.by === 'bind' && binds.length >= maxBound))
      copies.set(input.name, await copy(input, target));
    else if (how.by === 'descriptor')
      await symlink(`/dev/fd/${firstDescriptor + descriptors.push(input.handle.fd) - 1}`, target);
    else {
      // What is bound over must be there.
      await writeFile(target, '');
      binds.push({ source: input.path, name: input.name });
    }
  }
  return { binds, descriptors, copies };
}

/** Whether the child's user can read it; a file of our own is given to it, where nothing but a read-only view shows it. */
async function mayOpen({ handle, path }: OpenInput, { by, user, ownFolders }: Handing): Promise<boolean> {
  if (user === null) return true;
  const { mode, uid } = await handle.stat();
  if ((mode & 0o004) !== 0 || uid === user) return true;
  if (by !== 'bind' || !ownFolders.some((folder) => path.startsWith(`${folder}/`))) return false;
  return handle.chown(user, -1).then(
    () => true,
    () => false,
  );
}

/** From the open file, so that nothing else can take its place; gives what tells the copy, or nothing's name where it changed meanwhile. */
async function copy({ handle, path }: OpenInput, target: string): Promise<Copy> {
  const source = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path;
  const before = await handle.stat({ bigint: true });
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  // When it was written may be asked of it.
  await utimes(target, new Date(), before.mtime);
  await chmod(target, 0o444);
  const after = await handle.stat({ bigint: true });
  const mark = markOf(before);
  if (mark !== markOf(after)) return { identity: 'changed', mark };
  return { identity: identify(await stat(target, { bigint: true })), mark };
}

/** What the child is told, with copies in place of what they were made of. */
export function tellCopies(
  handed: readonly (readonly HandedFile[])[],
  copies: ReadonlyMap<string, Copy>,
): HandedFile[][] {
  return handed.map((row) =>
    row.map((file) => {
      const copied = 'name' in file ? copies.get(file.name) : undefined;
      return copied === undefined || !('name' in file) ? file : { ...file, ...copied };
    }),
  );
}
