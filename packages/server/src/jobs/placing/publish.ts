// Publishing: what a finished job wrote in its own folder appears under the name that people asked for.
import { appendFile, copyFile, link, lstat, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path/posix';

export interface ToPublish {
  readonly jobId: number;
  /** The file in the job's own folder, absolute. */
  readonly source: string;
  /** Below `outputsDir`. */
  readonly path: string;
  readonly action: 'create' | 'overwrite' | 'append';
}

export interface Folders {
  readonly outputsDir: string;
  readonly jobsDir: string;
}

/**
 * The path under which a file is published. create: `orders-41.csv` beside earlier results; overwrite: `orders.csv`;
 * append: a part named after the job in the folder `orders.csv`. A part of a split output keeps its name in a folder.
 */
export function choosePath(
  path: string,
  action: 'create' | 'overwrite' | 'append',
  jobId: number,
  part: string | null,
): string {
  const { dir, base } = parse(path);
  const at = base.indexOf('.', 1);
  const stem = at === -1 ? base : base.slice(0, at);
  const extension = at === -1 ? '' : base.slice(at);
  const within = (name: string) => join(dir, name);
  if (action === 'append')
    return within(join(base, `part-${jobId}${part === null ? extension : `-${part}`}`));
  const name = action === 'create' ? `${stem}-${jobId}${extension}` : base;
  return within(part === null ? name : join(name, part));
}

/**
 * Puts a file in its place, whole or not at all; doing it again changes nothing. The job's own copy stays. Only `overwrite`
 * takes the place of what others have put there: else it throws.
 */
export async function publishFile(
  { outputsDir, jobsDir }: Folders,
  { jobId, source, path, action }: ToPublish,
): Promise<void> {
  const target = join(outputsDir, path);
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.job-${jobId}.tmp`;
  await rm(temporary, { force: true });
  // A second name costs nothing; on a file system without links, or across two, it is copied.
  await link(source, temporary).catch(() => copyFile(source, temporary));
  const list = join(jobsDir, String(jobId), 'placed');
  try {
    if (action === 'overwrite' || (await hasPlaced(list, path))) await rename(temporary, target);
    else await placeNew(temporary, target, list, path);
  } finally {
    // Of two names of one file neither goes by a rename.
    await rm(temporary, { force: true });
  }
}

/** A name that a job has put there itself, in an attempt that was cut off, is its own. */
async function hasPlaced(list: string, path: string): Promise<boolean> {
  const text = await readFile(list, 'utf8').catch(() => '');
  return text.split('\n').includes(path);
}

/** Takes a name that is free; noted after it, so that what is noted is the job's own. */
async function placeNew(temporary: string, target: string, list: string, path: string): Promise<void> {
  if (!(await isSame(temporary, target))) await takeName(temporary, target, path);
  await appendFile(list, `${path}\n`);
}

/** As after an end of the process between the two. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [first, second] = [await lstat(one), await lstat(other).catch(() => null)];
  return first.ino === second?.ino && first.dev === second.dev;
}

async function takeName(temporary: string, target: string, path: string): Promise<void> {
  const occupied = () =>
    new Error(`Another file stands at ${path}, which this job did not write: move it away.`);
  try {
    await link(temporary, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw occupied();
    // A file system without links.
    if ((await lstat(target).catch(() => null)) !== null) throw occupied();
    await rename(temporary, target);
  }
}
