// Publishing: what a finished job wrote in its own folder appears under the name that people asked for.
import { appendFile, copyFile, link, lstat, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path/posix';
import { occupiedCode } from './fault.ts';
import type { PlannedFile } from '../../flows/job-plan.ts';
import type { PlaceForm } from '../../flows/places/place-form.ts';
import { isWithin, type WriteAction } from '../../flows/places/place-rule.ts';

export interface ToPublish {
  readonly jobId: number;
  /** The file in the job's own folder, absolute. */
  readonly source: string;
  /** Below `outputsDir`. */
  readonly path: string;
  readonly action: WriteAction;
  /** The key of its place. */
  readonly place: string;
  /** How it is written; null where nobody knows any more. */
  readonly form: PlaceForm | null;
  /** True where it may have been tried before. */
  readonly isRepeated: boolean;
  /** The folder that it is put in place with, together with all other parts; null for a file of its own. */
  readonly set: string | null;
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

/** What the plan says of a published file of the job; undefined where it has none. */
export function findPlanned(
  files: readonly PlannedFile[],
  jobId: number,
  published: string,
): PlannedFile | undefined {
  return files.find(({ path, action }) => {
    const whole = action === 'append' ? path : choosePath(path, action, jobId, null);
    return published === whole || isWithin(published, whole);
  });
}

/** Those whose action puts them where others stand, with their forms. */
export function listForms(
  files: readonly ToPublish[],
): { readonly place: string; readonly form: PlaceForm }[] {
  return files.flatMap(({ place, form }) =>
    form === null || form.action === 'create' ? [] : [{ place, form }],
  );
}

/** The folder of a part that takes the place of an earlier set; null for what is put in place by itself. */
export function findSet(path: string, action: WriteAction, isPart: boolean): string | null {
  return action === 'overwrite' && isPart ? dirname(path) : null;
}

/** Whether a published file is one of several that make an output. */
export function isPartOf(files: readonly PlannedFile[], jobId: number, published: string): boolean {
  return files.some(
    ({ plan, path, action }) =>
      !plan.singleFile && action !== 'append' && isWithin(published, choosePath(path, action, jobId, null)),
  );
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
  const near = join(outputsDir, `${file.set ?? file.path}.job-${file.jobId}-${by}.tmp`);
  const temporary = file.set === null ? near : join(near, basename(file.path));
  await mkdir(dirname(temporary), { recursive: true });
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
  if (action === 'overwrite') await replace(temporary, target, jobId);
  else if (await hasPlaced(list, path)) await rename(temporary, target);
  else await placeNew(temporary, target, list, path);
}

/**
 * The second half for all parts of a set, which stand in the folder `near`: whoever reads the place finds the set of before or
 * this one, never parts of both; between the two, for a moment, nothing.
 */
export async function putSetInPlace(
  { outputsDir }: Folders,
  near: string,
  { jobId, set }: ToPublish,
): Promise<void> {
  await replace(near, join(outputsDir, set!), jobId);
}

/** What stands there goes aside first where a folder is in play: only files take the place of each other at once. */
async function replace(temporary: string, target: string, jobId: number): Promise<void> {
  const [mine, old] = [await lstat(temporary), await lstat(target).catch(() => null)];
  if (old === null || (!mine.isDirectory() && !old.isDirectory())) return rename(temporary, target);
  if (old.isDirectory() && !(await isSetOfParts(target)))
    throw notOurs(target, mine.isDirectory() ? occupiedCode : 'EISDIR');
  const aside = `${target}.job-${jobId}-aside.tmp`;
  await rm(aside, { recursive: true, force: true });
  await rename(target, aside);
  await rename(temporary, target);
  await rm(aside, { recursive: true, force: true });
}

/** Nothing but parts that jobs have put there, or are about to. */
async function isSetOfParts(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.every((name) => name.startsWith('part-'));
}

const notOurs = (path: string, code: string): Error =>
  Object.assign(new Error(`Other files than parts stand in ${basename(path)}: move them away.`), { code });

/** Removes what processes that were cut off have left beside the place. */
export async function removeLeft({ outputsDir }: Folders, { jobId, path, set }: ToPublish): Promise<void> {
  const { dir, base } = parse(join(outputsDir, set ?? path));
  const isLeft = (name: string) =>
    name.startsWith(`${base}.job-${jobId}`) &&
    /^(?:-[\d-]+|-aside)?\.tmp$/u.test(name.slice(`${base}.job-${jobId}`.length));
  for (const name of (await readdir(dir)).filter(isLeft))
    await rm(join(dir, name), { recursive: true, force: true });
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
