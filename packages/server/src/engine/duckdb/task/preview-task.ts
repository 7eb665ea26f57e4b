// A preview in a child of the pool: the first rows that come while a person waits; else those of a sample of the inputs.
import type { Cell, PreviewResult, Query } from '../../engine.ts';
import type { Failure } from '../../failure.ts';
import { bindQuery } from './bind.ts';
import { startPatience, type Patience } from './patience.ts';
import { takeInputs } from './input-use.ts';
import { listWarnings } from '../promise/held-dataset.ts';
import type { HandedFiles, PoolLimits } from '../protocol.ts';
import { openSession, wideFrom, widthOf, type Session } from './session.ts';

const longestCell = 2_000;
/** Of files that are read by a copy a preview takes the beginning. */
const maxCopied = 64 * 2 ** 20;
const maxCopiedOfSample = 4 * 2 ** 20;
/** Rows of each dataset: fewer where they still take too long, more where they give no row and there is time. */
const sampleRows = { first: 10_000, least: 100, most: 10_000_000 };
/** Of the time that is waited: the rest is for a sample. */
const shareOfWhole = 0.75;
const perColumnMs = 1;
/** A sample is given up no sooner. */
const leastMs = 50;

export interface PreviewAsk {
  readonly query: Query;
  readonly limit: number;
  readonly files: HandedFiles;
  readonly limits: PoolLimits;
  /** Milliseconds until it is answered with what there is; null to wait for all. */
  readonly waitMs: number | null;
}

/** Nothing is spilled. */
export async function runPreview(ask: PreviewAsk): Promise<PreviewResult> {
  const { waitMs, query } = ask;
  if (waitMs === null) return readAll(ask, {});
  // Very many columns take their time, however few the rows.
  const width = widthOf(query.datasets);
  const patienceMs = waitMs + (width > wideFrom ? width * perColumnMs : 0);
  const until = performance.now() + patienceMs;
  const ms = patienceMs * shareOfWhole;
  // What reads no file has nothing to take a sample of.
  if (query.datasets.length === 0) return readAll(ask, { ms });
  return (await read(ask, { ms, mayGiveUp: true })) ?? readSample(ask, until);
}

async function readSample(ask: PreviewAsk, until: number): Promise<PreviewResult> {
  const { first, least } = sampleRows;
  for (let maxRows = first; maxRows > least; maxRows /= 10) {
    const found = await read(ask, { maxRows, ms: shareOf(until), mayGiveUp: true });
    if (found === null) continue;
    return maxRows === first ? readMore(ask, found, until) : found;
  }
  return readAll(ask, { maxRows: least, ms: leastMs });
}

/** Rows that join may stand further down. */
async function readMore(ask: PreviewAsk, found: PreviewResult, until: number): Promise<PreviewResult> {
  let best = found;
  for (let maxRows = sampleRows.first * 10; maxRows <= sampleRows.most; maxRows *= 10) {
    if (!best.ok || best.rows.length > 0 || performance.now() > until) return best;
    best = (await read(ask, { maxRows, ms: shareOf(until), mayGiveUp: true })) ?? best;
  }
  return best;
}

const shareOf = (until: number): number => Math.max(leastMs, (until - performance.now()) / 2);

interface Bounds {
  /** Of each dataset; all unless given. */
  readonly maxRows?: number;
  /** After so long the rows that came are enough; all are waited for unless given. */
  readonly ms?: number;
  /** Whether it is given up where no row came until then, or where the memory is too small. */
  readonly mayGiveUp?: boolean;
}

/** Does not give up. */
async function readAll(ask: PreviewAsk, bounds: Omit<Bounds, 'mayGiveUp'>): Promise<PreviewResult> {
  return (await read(ask, bounds))!;
}

/** Null where it was given up. */
async function read(ask: PreviewAsk, bounds: Bounds): Promise<PreviewResult | null> {
  const { query, files, limits } = ask;
  const inputs = await takeInputs(query.datasets, files, { unpackWhole: false });
  const session = await openSession({
    ...limits,
    tempBytes: 0,
    readPaths: inputs.all,
    rowsAtOnce: true,
    width: widthOf(query.datasets),
  });
  const patience = startPatience(session.connection, bounds);
  try {
    const result = await readWith(session, ask, { inputs, bounds, patience });
    const isTooLarge = !result.ok && result.failure.reason === 'out_of_memory';
    return isTooLarge && bounds.mayGiveUp === true ? null : result;
  } catch (error) {
    if (patience.gaveUp()) return null;
    throw error;
  } finally {
    patience.end();
    session.close();
  }
}

interface Means {
  readonly inputs: Awaited<ReturnType<typeof takeInputs>>;
  readonly bounds: Bounds;
  readonly patience: Patience;
}

async function readWith(
  session: Session,
  { query, limit }: PreviewAsk,
  { inputs, bounds: { maxRows }, patience }: Means,
): Promise<PreviewResult> {
  const { columns, references, source, held, explain } = await bindQuery(session, query, {
    mode: 'preview',
    files: inputs.use,
    copies: {
      maxBytes: maxRows === undefined ? maxCopied : maxCopiedOfSample,
      mayCut: true,
      isLate: patience.isHalfOver,
    },
    maxRows,
  });
  const found = await firstRows(session, source, { count: limit + 1, patience }).catch((error: unknown) => {
    if (patience.gaveUp()) throw error;
    return explain(error);
  });
  if (!('rows' in found)) return { ok: false, failure: toPreview(found) };
  const isCut = held.some((each) => each.isCut === true);
  const sample = maxRows !== undefined || isCut ? { rows: maxRows ?? null } : null;
  return {
    ok: true,
    columns,
    references,
    rows: found.rows.slice(0, limit),
    truncated: sample !== null || found.isEnded || found.rows.length > limit,
    sample,
    warnings: [...listWarnings(held), ...(found.isEnded ? [tellEnded(found.rows.length)] : [])],
  };
}

const tellEnded = (rows: number): string =>
  `Only ${rows === 1 ? 'the first row is' : `the first ${rows} rows are`} shown: it would have taken too long to wait for more.`;

interface FirstRows {
  readonly rows: Cell[][];
  /** There may be more: they were not waited for. */
  readonly isEnded: boolean;
}

async function firstRows(
  session: Session,
  source: string,
  { count, patience }: { readonly count: number; readonly patience: Patience },
): Promise<FirstRows> {
  const rows: Cell[][] = [];
  try {
    const result = await session.connection.stream(`FROM ${source} LIMIT ${count}`);
    for await (const some of result.yieldRowsJson()) {
      rows.push(...some.map((row) => row.map((cell) => shorten(cell))));
      if (rows.length >= count) break;
      if (rows.length > 0 && patience.hasEnough()) return { rows, isEnded: true };
    }
  } catch (error) {
    if (rows.length > 0 && patience.gaveUp()) return { rows, isEnded: true };
    throw error;
  }
  // An interrupted stream may end without a complaint.
  const isEnded = rows.length < count && patience.gaveUp();
  if (isEnded && rows.length === 0) throw new Error('interrupted');
  return { rows, isEnded };
}

/** A preview has less room than a job: say so. */
function toPreview(failure: Failure): Failure {
  if (failure.reason !== 'out_of_memory') return failure;
  return {
    ...failure,
    message: 'The preview needs more memory than it may have.',
    hint: 'Run a job: it may take more.',
  };
}

function shorten(cell: Cell): Cell {
  if (typeof cell === 'string') return cell.length > longestCell ? `${cell.slice(0, longestCell)}…` : cell;
  if (cell === null || typeof cell !== 'object') return cell;
  const text = JSON.stringify(cell);
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : cell;
}
