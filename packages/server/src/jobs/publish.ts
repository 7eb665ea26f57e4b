// Publishing: what a finished job wrote in its own folder appears under the name that people asked for.
import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path/posix';

export interface ToPublish {
  readonly jobId: number;
  /** The file in the job's own folder, absolute. */
  readonly source: string;
  /** Below `outputsDir`. */
  readonly path: string;
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

/** Puts a file in its place, whole or not at all; doing it again changes nothing. The job's own copy stays. */
export async function publishFile(outputsDir: string, { jobId, source, path }: ToPublish): Promise<void> {
  const target = join(outputsDir, path);
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.job-${jobId}.tmp`;
  await rm(temporary, { force: true });
  // A second name costs nothing; on a file system without links, or across two, it is copied.
  await link(source, temporary).catch(() => copyFile(source, temporary));
  await rename(temporary, target);
}
