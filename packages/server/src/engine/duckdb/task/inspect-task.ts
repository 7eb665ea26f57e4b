// Finding out how to read files: format by content, how it is written, columns and types.
import { foldName } from '@flowhook/contract/flow/name';
import type { Column, Dataset, FileOptions, Format } from '../../dataset.ts';
import { saidType } from '../../said-type.ts';
import type { Assumption, InspectRequest, InspectResult } from '../../engine.ts';
import { lookAtCsv, type Looked } from '../look/csv-look.ts';
import { lookAtJson } from '../look/json-look.ts';
import { LookFault } from '../look/fault.ts';
import { readHeadBytes } from '../look/text-file.ts';
import { readComplaint } from './complaint.ts';
import { explainRun } from './explain-run.ts';
import { detectFormat, readHead, type Head } from './file-head.ts';
import { takeInputs } from './input-use.ts';
import { listChecked } from '../promise/checked-file.ts';
import { findAbsent, listFileColumns } from '../promise/file-column.ts';
import type { InputState } from '../promise/part.ts';
import { findDamage } from './packed-file.ts';
import { findPageDamage } from '../parquet/page-walk.ts';
import type { HandedFiles, PoolLimits } from '../protocol.ts';
import { isTypeText } from '../quote.ts';
import { listPaths } from '../read-sql.ts';
import { Refused } from './refusal.ts';
import { openSession, type Session } from './session.ts';

/** Packed bytes that are unpacked whole: some seconds. */
const maxUnpacked = 256 * 2 ** 20;

type Found = Pick<Dataset, 'format' | 'compression' | 'options'> & {
  columns: Column[];
  assumptions: Assumption[];
};

interface Hands {
  readonly files: HandedFiles;
  readonly limits: PoolLimits;
}

/** Characters of a line that is shown as it stands. */
const maxShownLine = 500;

/** Looks at the files of a request, and gives their first lines where they are asked for. Throws `Refused`. */
export async function runInspect(request: InspectRequest, hands: Hands): Promise<InspectResult> {
  const { lines: count } = request;
  if (count === undefined) return look(request, hands, () => undefined);
  let lines: string[] = [];
  const keepLines = (head: Head) => (lines = firstLines(head, count));
  const result = await look(request, hands, keepLines).catch((error: unknown): InspectResult => {
    if (error instanceof Refused) return { ok: false, failure: error.failure };
    throw error;
  });
  return { ...result, lines };
}

/** Of what is no text at all none. */
function firstLines({ text, isParquet, foreign }: Head, count: number): string[] {
  if (isParquet || foreign !== null || text === '') return [];
  return text
    .split(/\r\n|\n|\r/u, count)
    .map((line) => (line.length > maxShownLine ? `${line.slice(0, maxShownLine)}…` : line));
}

async function look(
  request: InspectRequest,
  { files, limits }: Hands,
  onHead: (head: Head) => void,
): Promise<InspectResult> {
  const dataset = { ...asDataset(request), files: request.files };
  const inputs = await takeInputs([dataset], files, { unpackWhole: false });
  const states = await inputs.use(dataset);
  const paths = states.map(({ path }) => path);
  const head = await readHead(paths[0] ?? '', request.options?.encoding).catch((error) =>
    unreadable(request, error),
  );
  onHead(head);
  if (head.foreign !== null) throw refuse(request, `it is ${head.foreign.what}.`, head.foreign.way);
  await checkPacked(request, paths, { head, bytes: await inputs.settle() });
  await checkPages(request, paths, head);
  if (head.text === '' && !head.isParquet)
    throw refuse(request, 'it is empty.', 'Give a file with at least one line.');
  const session = await openSession({ ...limits, tempBytes: 0, readPaths: inputs.all });
  try {
    await checkTypes(session, request);
    const found = await find(session, request, states, head);
    return {
      ok: true,
      ...found,
      checked: await listChecked(session, { ...dataset, ...found, schema: found.columns }, states),
    };
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (error instanceof LookFault) throw refuse(request, `${error.message}.`, error.hint);
    throw explainRefusal(error, dataset, request);
  } finally {
    session.close();
  }
}

/** A job looks at every packed file to its end; here it would take too long for large ones. */
async function checkPacked(
  request: InspectRequest,
  paths: readonly string[],
  { head, bytes }: { head: Head; bytes: number },
): Promise<void> {
  if (bytes > maxUnpacked) return;
  for (const path of paths) {
    const damage = await findDamage(path, request.compression ?? head.compression);
    if (damage !== null) throw refuse(request, `${damage}.`, 'Give the whole file.');
  }
}

/** Before the engine opens them: it believes what pages say of their size. */
async function checkPages(request: InspectRequest, paths: readonly string[], head: Head): Promise<void> {
  if ((request.format ?? (head.isParquet ? 'parquet' : 'csv')) !== 'parquet') return;
  for (const path of paths) {
    const damage = await findPageDamage(path);
    if (damage !== null) throw refuse(request, `${damage}.`, 'Have its writer make the file anew.');
  }
}

const fileName = (request: InspectRequest): string => request.files[0]?.name ?? '';

const asDataset = (request: InspectRequest): Dataset => ({
  name: request.name ?? fileName(request),
  format: request.format ?? 'csv',
  compression: request.compression ?? 'none',
  files: request.files,
  options: request.options ?? {},
  schema: [],
});

function refuse(request: InspectRequest, what: string, hint: string): Refused {
  const file = fileName(request);
  const of = request.name === undefined ? '' : ` of dataset "${request.name}"`;
  const message = `The file "${file}"${of} can't be read: ${what}`;
  return new Refused({ reason: 'input_unreadable', message, hint, dataset: request.name ?? file, file });
}

function unreadable(request: InspectRequest, error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  throw refuse(
    request,
    `${text}.`,
    'Check that the file is whole and its compression is what its name says.',
  );
}

function explainRefusal(error: unknown, dataset: Dataset, request: InspectRequest): Refused {
  const complaint = readComplaint(error);
  const known = explainRun(complaint, [dataset]);
  if (known !== null) return new Refused(known);
  const first = complaint.text.split('\n')[0] ?? '';
  return refuse(request, first, 'Check the format, and set the options that were found wrongly.');
}

/** Types that the caller sets must be types; each is tried. */
async function checkTypes(session: Session, request: InspectRequest): Promise<void> {
  for (const [column, type] of Object.entries(request.options?.columnTypes ?? {})) {
    const known =
      isTypeText(type) &&
      (await session.run(`SELECT CAST(NULL AS ${type})`).then(
        () => true,
        () => false,
      ));
    if (known) continue;
    const hint =
      'Types are VARCHAR, BIGINT, INTEGER, DOUBLE, DECIMAL(18,2), BOOLEAN, DATE, TIME, TIMESTAMP and more.';
    throw refuse(request, `the type "${type}" of column "${column}" is none.`, hint);
  }
}

async function find(
  session: Session,
  request: InspectRequest,
  states: readonly InputState[],
  head: Head,
): Promise<Found> {
  const paths = states.map(({ path }) => path);
  const compression = request.compression ?? head.compression;
  const format = request.format ?? detectFormat(head, fileName(request));
  const found =
    format !== 'parquet'
      ? await lookAtText(request, paths[0] ?? '', { format, compression })
      : {
          options: {},
          columns: await describeParquet(session, paths),
          assumptions: await tellOldMoments(session, paths),
        };
  const options = { ...found.options, ...request.options };
  const columns = setTypes(request, addColumns(request, found.columns, states), options);
  return {
    format: namedByDelimiter(format, request, options),
    compression: format === 'parquet' ? 'none' : compression,
    options,
    columns,
    assumptions: found.assumptions,
  };
}

async function lookAtText(
  { options }: InspectRequest,
  path: string,
  { format, compression }: Pick<Dataset, 'format' | 'compression'>,
): Promise<Looked> {
  const file = { path, compression, encoding: options?.encoding };
  const look = { file, head: await readHeadBytes(file), format, set: options ?? {} };
  return format === 'csv' || format === 'tsv' ? lookAtCsv(look) : lookAtJson(look);
}

const namedByDelimiter = (format: Format, request: InspectRequest, { delimiter }: FileOptions): Format =>
  request.format === undefined && format === 'csv' && delimiter === '\t' ? 'tsv' : format;

/** With those that say which file a row comes from. */
function addColumns(
  request: InspectRequest,
  columns: readonly Column[],
  states: readonly InputState[],
): Column[] {
  const made = listFileColumns(request.options ?? {});
  const taken = columns.find(({ name }) => made.some((each) => isSameName(each.name, name)));
  if (taken !== undefined)
    throw refuse(
      request,
      `it has a column "${taken.name}" of its own.`,
      'Give another name in the option fileColumns.',
    );
  const absent = findAbsent(request.options ?? {}, states);
  if (absent !== null)
    throw refuse(request, absent, 'Correct the option fileColumns, or the path of the dataset.');
  return [...columns, ...made];
}

const isSameName = (one: string, other: string): boolean => foldName(one) === foldName(other);

function setTypes(request: InspectRequest, columns: readonly Column[], options: FileOptions): Column[] {
  for (const name of Object.keys(options.columnTypes ?? {}))
    if (name !== '*' && !columns.some((column) => column.name === name))
      throw refuse(
        request,
        `it has no column "${name}" to set a type for.`,
        `Its columns are ${columns
          .slice(0, 30)
          .map((column) => `"${column.name}"`)
          .join(', ')}.`,
      );
  return columns.map(({ name, type }) => ({
    name,
    type: saidType(options, name) ?? saidType(options, '*') ?? type,
  }));
}

/** Writers of old say of a moment neither that it is UTC nor that it is not. */
async function tellOldMoments(session: Session, paths: readonly string[]): Promise<Assumption[]> {
  const rows = await session.rows(
    `SELECT DISTINCT name FROM parquet_schema(${listPaths(paths)})
      WHERE converted_type LIKE 'TIMESTAMP%' AND logical_type IS NULL ORDER BY name`,
  );
  return rows.map(({ name }) => ({
    option: 'columnTypes',
    text: `The column "${String(name)}" has moments of which the file does not say whether they are UTC: they were taken as they stand, without an offset. TIMESTAMP WITH TIME ZONE takes them for UTC.`,
  }));
}

async function describeParquet(session: Session, paths: readonly string[]): Promise<Column[]> {
  const call = `read_parquet(${listPaths(paths)})`;
  const rows = await session.rows(`SELECT column_name, column_type FROM (DESCRIBE FROM ${call})`);
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}
