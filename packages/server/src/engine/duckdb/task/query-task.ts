// Check and preview in a child of the pool: bind the query, say what it gives, show its first rows.
import type { Cell, CheckResult, PreviewResult, Query } from '../../engine.ts';
import type { Failure } from '../../failure.ts';
import { bindQuery } from './bind.ts';
import { takeInputs } from './input-use.ts';
import { listWarnings } from '../promise/held-dataset.ts';
import type { HandedFiles, PoolLimits } from '../protocol.ts';
import { openSession } from './session.ts';

const longestCell = 2_000;
/** Of files that are read by a copy a preview takes the beginning. */
const maxCopied = 64 * 2 ** 20;
const noCopies = { maxBytes: 0, mayCut: true };

/** Reads no file: datasets stand for their columns alone. */
export async function runCheck(query: Query, limits: PoolLimits): Promise<CheckResult> {
  const session = await openSession({ ...limits, tempBytes: 0, readPaths: [] });
  try {
    const { columns, references } = await bindQuery(session, query, {
      mode: 'check',
      files: async () => [],
      copies: noCopies,
    });
    return { ok: true, columns, references };
  } finally {
    session.close();
  }
}

/** The first rows. Nothing is spilled. */
export async function runPreview(
  query: Query,
  options: { limit: number; files: HandedFiles; limits: PoolLimits },
): Promise<PreviewResult> {
  const inputs = await takeInputs(query.datasets, options.files, { unpackWhole: false });
  const session = await openSession({ ...options.limits, tempBytes: 0, readPaths: inputs.all });
  try {
    const { columns, references, source, held, explain } = await bindQuery(session, query, {
      mode: 'preview',
      files: inputs.use,
      copies: { maxBytes: maxCopied, mayCut: true },
    });
    const found = await firstRows(session, source, options.limit + 1).catch(explain);
    if (!Array.isArray(found)) return { ok: false, failure: toPreview(found) };
    const rows = found.slice(0, options.limit);
    const warnings = listWarnings(held);
    const truncated = held.some(({ isCut }) => isCut === true) || found.length > options.limit;
    return { ok: true, columns, references, rows, truncated, warnings };
  } finally {
    session.close();
  }
}

async function firstRows(session: Awaited<ReturnType<typeof openSession>>, source: string, count: number) {
  const reader = await session.connection.runAndReadAll(`FROM ${source} LIMIT ${count}`);
  return reader.getRowsJson().map((row) => row.map((cell) => shorten(cell)));
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
