// Inputs opened by the server: what is judged is the file that was opened, whatever its name leads to a moment later.
import { constants } from 'node:fs';
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '../../dataset.ts';
import type { HandedFile } from '../protocol.ts';

/** Whether a file may be read that was asked for by one path and opened at another, both real. */
export type MayRead = (asked: string, opened: string) => boolean | Promise<boolean>;

/** A file that is open and may be read. */
export interface OpenInput {
  /** Below the child's working folder. */
  readonly name: string;
  /** Where it was when it was opened. */
  readonly path: string;
  readonly handle: FileHandle;
  /** Tells it from every other file. */
  readonly identity: string;
}

export interface OpenInputs {
  readonly open: readonly OpenInput[];
  /** For each dataset its files in order, as the child is told of them. */
  readonly handed: readonly (readonly HandedFile[])[];
  close: () => Promise<void>;
}

/** The path behind an absolute path or a `file://` address. */
const toPath = (uri: string): string => (uri.startsWith('file://') ? fileURLToPath(uri) : uri);

/** What tells a file from every other, from its `stat`. */
export const identify = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`;

/** What tells a file, and what it holds, from what it held before. */
export const markOf = (found: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): string =>
  `${identify(found)}:${found.size}:${found.mtimeNs}`;

/** Opens every file; one that is not there, or may not be read, is told by the child if the query needs it. */
export async function openInputs(
  datasets: readonly Pick<Dataset, 'files'>[],
  mayRead: MayRead,
): Promise<OpenInputs> {
  const opened: OpenInput[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ handle }) => handle.close().catch(() => undefined)));
  };
  try {
    const handed: HandedFile[][] = [];
    for (const [index, { files }] of datasets.entries()) {
      const row: HandedFile[] = [];
      for (const [place, { uri }] of files.entries()) {
        const found = await openInput(toPath(uri), `in/${index}-${place}`, mayRead);
        if (typeof found !== 'string') opened.push(found);
        row.push(
          typeof found === 'string' ? { fault: found } : { name: found.name, identity: found.identity },
        );
      }
      handed.push(row);
    }
    return { open: opened, handed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openInput(
  asked: string,
  name: string,
  mayRead: MayRead,
): Promise<OpenInput | 'missing' | 'outside'> {
  // Without waiting: a pipe under the name would hold us until somebody writes.
  const handle = await open(asked, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (handle === null) return 'missing';
  const judged = await judge(handle, asked, mayRead).catch(() => 'missing' as const);
  if (typeof judged === 'string') await handle.close();
  return typeof judged === 'string' ? judged : { ...judged, name, handle };
}

async function judge(handle: FileHandle, asked: string, mayRead: MayRead) {
  const found = await handle.stat({ bigint: true });
  if (!found.isFile()) return 'missing';
  const path = await findOpenedPath(handle, asked);
  if (!(await mayRead(asked, path))) return 'outside';
  return { path, identity: identify(found) };
}

/** Where the kernel knows the opened file to be. Other systems do not tell: there the name is followed once more. */
async function findOpenedPath(handle: FileHandle, asked: string): Promise<string> {
  return process.platform === 'linux' ? readlink(`/proc/self/fd/${handle.fd}`) : realpath(asked);
}
