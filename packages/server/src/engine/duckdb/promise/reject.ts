// Rows that are left out: which, why, and how many, with the first of them kept.
import { isSensitive, maskedValue, type Dataset } from '../../dataset.ts';
import type { Reject } from '../../engine.ts';
import { quoteText } from '../quote.ts';
import { Refused } from '../task/refusal.ts';
import type { Session } from '../task/session.ts';
import { findLines, findLinesAt } from './locate.ts';
import { keepsPromise, type InputPath, type Part } from './part.ts';
import type { Promised } from './read-promised.ts';

/** Of one job; the rest is counted. */
export const maxKept = 1_000;
const maxShown = 200;

export interface FoundRejects {
  readonly rows: number;
  /** Rows of the files, with those that were left out. */
  readonly total: number;
  /** True where the rows of plain files are not in `total`: nobody asks while no row is rejected. */
  readonly lacksPlain: boolean;
  readonly kept: readonly Reject[];
}

/** All of a dataset's files; throws `Refused` where more rows are rejected than it allows. */
export async function findRejects(
  session: Session,
  dataset: Dataset,
  { parts }: Promised,
): Promise<FoundRejects> {
  let rows = 0;
  let total = 0;
  const kept: Reject[] = [];
  for (const part of parts.filter(({ isPlain }) => !isPlain))
    for (const file of part.files) {
      const ragged = await findRagged(session, dataset, part, file);
      const bad = await findBad(session, dataset, { part, file, room: maxKept - kept.length, ragged });
      kept.push(...[...ragged, ...bad.kept].slice(0, maxKept - kept.length));
      rows += ragged.length + bad.rows;
      total += ragged.length + bad.total;
    }
  if (rows > 0) total += await countPlain(session, parts);
  refuseTooMany(dataset, { rows, total }, kept[0]);
  return { rows, total, lacksPlain: rows === 0, kept };
}

/** Rows of the files that are read without looking at each value. */
export async function countPlain(session: Session, parts: readonly Part[]): Promise<number> {
  let total = 0;
  for (const part of parts.filter(({ isPlain }) => isPlain)) {
    const [row] = await session.rows(`SELECT count(*) AS n ${part.from(part.files.map(({ path }) => path))}`);
    total += Number(row?.['n']);
  }
  return total;
}

/** Rows with too few or too many values, where they are skipped. */
async function findRagged(
  session: Session,
  dataset: Dataset,
  part: Part,
  file: InputPath,
): Promise<Reject[]> {
  if (part.noteRagged === null) return [];
  await session.rows(`SELECT count(*) FROM ${part.noteRagged([file.path])}`);
  const rows = await session.rows(
    'SELECT min(line_byte_position) AS place, min(error_message) AS message FROM ragged GROUP BY line ORDER BY place',
  );
  await session.run('DROP TABLE ragged');
  await session.run('DROP TABLE ragged_scan');
  const lines = await findLinesAt(
    dataset,
    file,
    rows.map(({ place }) => Number(place)),
  );
  return rows.map(({ message }, at) => ({
    dataset: dataset.name,
    file: file.name,
    line: lines[at] ?? null,
    row: null,
    column: null,
    value: null,
    reason: wordRagged(String(message)),
  }));
}

function wordRagged(message: string): string {
  const count = /Expected Number of Columns: (\d+) Found: (\d+)/u.exec(message);
  if (count !== null) return `The row has ${count[2]} values where ${count[1]} columns are expected.`;
  return `The row can't be read: ${message.split('\n')[0] ?? ''}`;
}

interface Asked {
  readonly part: Part;
  readonly file: InputPath;
  readonly room: number;
  readonly ragged: readonly Reject[];
}

/** Rows with a value that is not of its type, by the first of their columns that is at fault. */
async function findBad(
  session: Session,
  dataset: Dataset,
  { part, file, room, ragged }: Asked,
): Promise<{ rows: number; total: number; kept: Reject[] }> {
  const cells = dataset.options.onMismatch === 'reject' ? part.cells : [];
  const whens = cells.map((cell) => `WHEN NOT ${keepsPromise(cell)} THEN ${cell.place}`).join(' ');
  const values = cells
    .map(({ place, raw }) => `WHEN ${place} THEN left(CAST(${raw} AS VARCHAR), ${maxShown})`)
    .join(' ');
  const numbered = `SELECT row_number() OVER () AS row, * ${part.from([file.path])}`;
  const judged = `SELECT *, ${cells.length === 0 ? '-1' : `CASE ${whens} ELSE -1 END`} AS fault FROM (${numbered})`;
  const [counts = {}] = await session.rows(
    `SELECT count(*) AS total, count(*) FILTER (fault >= 0) AS bad FROM (${judged})`,
  );
  const rows = Number(counts['bad']);
  const total = Number(counts['total']);
  if (rows === 0 || room <= 0) return { rows, total, kept: [] };
  const found = await session.rows(
    `SELECT row, fault, CASE fault ${values} END AS value FROM (${judged}) WHERE fault >= 0 LIMIT ${room}`,
  );
  const skipped = new Set(ragged.map(({ line }) => line ?? 0));
  const lines = await findLines(
    dataset,
    file,
    found.map(({ row }) => Number(row)),
    skipped,
  );
  const kept = found.map((each, at): Reject => {
    const { name, type } = dataset.schema[Number(each['fault'])]!;
    const text = typeof each['value'] === 'string' ? each['value'] : null;
    const value = text !== null && isSensitive(dataset, name) ? maskedValue : text;
    const reason =
      value === null
        ? 'A value is missing where one is required.'
        : `The value is not of the promised type ${type} as it stands.`;
    return {
      dataset: dataset.name,
      file: file.name,
      line: lines[at] ?? null,
      row: Number(each['row']),
      column: name,
      value,
      reason,
    };
  });
  return { rows, total, kept };
}

function refuseTooMany(
  { name, options }: Dataset,
  { rows, total }: { readonly rows: number; readonly total: number },
  first: Reject | undefined,
): void {
  const { maxRejectedRows, maxRejectedPercent } = options;
  const percent = total === 0 ? 0 : (rows / total) * 100;
  const bound =
    maxRejectedRows !== undefined && rows > maxRejectedRows
      ? `${maxRejectedRows}`
      : maxRejectedPercent !== undefined && percent > maxRejectedPercent
        ? `${maxRejectedPercent} %`
        : null;
  if (bound === null || first === undefined) return;
  const { file, line, column, value } = first;
  const at = `${line === null ? '' : `line ${line} of `}file "${file}"${column === null ? '' : `, column "${column}"`}${value === null ? '' : `, value ${quoteText(value)}`}`;
  throw new Refused({
    reason: 'bad_value',
    message: `${rows} rows of dataset "${name}" were rejected, more than ${bound}; the first: ${at}. ${first.reason}`,
    hint: "Correct the files, or allow more in the dataset's options: maxRejectedRows, maxRejectedPercent.",
    bad: { dataset: name, file, line, column, value, type: null },
  });
}
