// Publishing: what a finished job wrote in its own folder appears under the name that people asked for.
import { appendFile, copyFile, link, lstat, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path/posix';
import { occupiedCode } from './fault.ts';
import type { PlannedFile } from '../../flows/job-plan.ts';
import { foldPath, isWithin, type WriteAction } from '../../flows/places/place-rule.ts';

export interface ToPublish {
  readonly jobId: number;
  /** The file in the job's own folder, absolute. */
  readonly source: string;
  /** Below `outputsDir`. */
  readonly path: string;
  readonly action: WriteAction;
  /** The key of its place. */
  readonly place: string;
  /** True where it may have been tried before. */
  readonly isRepeated: boolean;
}

export interface Folders {
  readonly outputsDir: string;
  readonly jobsDir: string;
}

/**
 * The path under which a file is published. create: `orders-41.csv` beside earlier results; overwrite: `orders.csv`;
 * append: a part named after the job in the folder `orders.csv`. A part of a split output keeps its name in a folder.
 */
export function choosePath(path: string, action: WriteAction, jobId: number, part: string | null): string {
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

/** The key of the place that a published file of the job belongs to; that of its own path where the plan has none. */
export function findPlace(files: readonly PlannedFile[], jobId: number, published: string): string {
  const planned = files.find(({ path, action }) => {
    const whole = action === 'append' ? path : choosePath(path, action, jobId, null);
    return published === whole || isWithin(published, whole);
  });
  return foldPath(planned?.path ?? published);
}

/** The places of those that are put in the place of what was. */
export function listReplaced(files: readonly Pick<ToPublish, 'place' | 'action'>[]): string[] {
  return files.filter(({ action }) => action === 'overwrite').map(({ place }) => place);
}

/**
 * The first half: the file stands beside its place, whole. Nobody else's is touched, so that whatever takes long or fails
 * here needs no turn. `by` is nobody else's. Returns its name there.
 */
export async function bringNear({ outputsDir }: Folders, by: string, file: ToPublish): Promise<string> {
  const target = join(outputsDir, file.path);
  const temporary = `${target}.job-${file.jobId}-${by}.tmp`;
  await mkdir(dirname(target), { recursive: true });
  await rm(temporary, { force: true });
  try {
    // A second name costs nothing; on a file system without links, or across two, it is copied.
    await link(file.source, temporary).catch(() => copyFile(file.source, temporary));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  return temporary;
}

/**
 * The second half, in the place's turn: it is there, whole; doing it again changes nothing. The job's own copy stays. Only
 * `overwrite` takes the place of what others have put there: else it throws.
 */
export async function putInPlace(
  { outputsDir, jobsDir }: Folders,
  temporary: string,
  { jobId, path, action }: ToPublish,
): Promise<void> {
  const target = join(outputsDir, path);
  const list = join(jobsDir, String(jobId), 'placed');
  if (action === 'overwrite' || (await hasPlaced(list, path))) await rename(temporary, target);
  else await placeNew(temporary, target, list, path);
}

/** Removes what processes that were cut off have left beside the place. */
export async function removeLeft({ outputsDir }: Folders, { jobId, path }: ToPublish): Promise<void> {
  const { dir, base } = parse(join(outputsDir, path));
  const isLeft = (name: string) =>
    name.startsWith(`${base}.job-${jobId}`) &&
    /^(?:-[\d-]+)?\.tmp$/u.test(name.slice(`${base}.job-${jobId}`.length));
  for (const name of (await readdir(dir)).filter(isLeft)) await rm(join(dir, name), { force: true });
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
    Object.assign(new Error(`Another file stands at ${path}, which this job did not write: move it away.`), {
      code: occupiedCode,
    });
  try {
    await link(temporary, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw occupied();
    // A file system without links.
    if ((await lstat(target).catch(() => null)) !== null) throw occupied();
    await rename(temporary, target);
  }
}
