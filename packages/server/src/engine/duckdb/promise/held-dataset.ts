// A dataset of a query as its files are: held against its promise, which may widen, with the rows that are left out.
import type { Column, Dataset } from '../../dataset.ts';
import type { Rejects } from '../../engine.ts';
import type { Session } from '../task/session.ts';
import { countPlain, findRejects, maxKept, type FoundRejects } from './reject.ts';
import type { InputState } from './part.ts';
import { holdFiles, type Promised, type Reading } from './read-promised.ts';
import { widen } from './widen.ts';

export interface HeldDataset extends Promised {
  /** As it is read. */
  readonly dataset: Dataset;
  /** All its columns where some had to widen. */
  readonly widened: readonly Column[] | null;
  /** Null where no row may go. */
  readonly rejects: FoundRejects | null;
  /** Not all rows are there: a preview of a large file. */
  readonly isCut?: boolean;
}

export async function readHeld(
  session: Session,
  dataset: Dataset,
  files: readonly InputState[],
  reading: Reading,
): Promise<HeldDataset> {
  const { whole } = reading;
  const promised = await holdFiles(session, dataset, files, reading);
  const widened = dataset.options.onMismatch === 'adapt' ? await widen(session, dataset, promised) : null;
  if (widened === null)
    return { ...promised, dataset, widened, rejects: await reject(session, dataset, promised, whole) };
  const wider: Dataset = { ...dataset, schema: widened };
  const again = await holdFiles(session, wider, files, reading);
  const warnings = [...again.warnings, ...tellWider(dataset, widened)];
  return { ...again, warnings, dataset: wider, widened, rejects: await reject(session, wider, again, whole) };
}

async function reject(
  session: Session,
  dataset: Dataset,
  promised: Promised,
  whole: boolean,
): Promise<FoundRejects | null> {
  const { onMismatch, raggedRows } = dataset.options;
  const lets = onMismatch === 'reject' || raggedRows === 'skip';
  return whole && lets ? findRejects(session, dataset, promised) : null;
}

function tellWider({ name: dataset, schema }: Dataset, widened: readonly Column[]): string[] {
  return widened.flatMap(({ name, type }, at) => {
    const before = schema[at]!.type;
    if (before === type) return [];
    return [
      `Column "${name}" of dataset "${dataset}" went from ${before} to ${type}: its files hold values that need it.`,
    ];
  });
}

/** Those of all datasets together. */
export async function joinRejects(session: Session, held: readonly HeldDataset[]): Promise<Rejects | null> {
  const all = held.flatMap(({ rejects }) => rejects ?? []);
  if (all.length === 0) return null;
  const rows = all.reduce((sum, each) => sum + each.rows, 0);
  let total = all.reduce((sum, each) => sum + each.total, 0);
  for (const { rejects, parts } of held)
    if (rows > 0 && rejects?.lacksPlain === true) total += await countPlain(session, parts);
  return { rows, total, kept: all.flatMap(({ kept }) => kept).slice(0, maxKept) };
}

const maxWarnings = 50;

/** What was assumed of the files or left out of them, in sentences for people. */
export function listWarnings(held: readonly HeldDataset[]): string[] {
  const rejected = held.flatMap(({ dataset, rejects }) => tellRejected(dataset.name, rejects?.rows ?? 0));
  return [...held.flatMap(({ warnings }) => warnings), ...rejected].slice(0, maxWarnings);
}

function tellRejected(dataset: string, rows: number): string[] {
  if (rows === 0) return [];
  return [
    `${rows === 1 ? '1 row' : `${rows} rows`} of dataset "${dataset}" ${rows === 1 ? 'was' : 'were'} rejected: the job's rejects say which and why.`,
  ];
}
