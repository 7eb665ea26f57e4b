// How the columns of Parquet and JSON files stand beside the promise: by name, with the types that the files carry.
import type { Column, Dataset } from '../../dataset.ts';
import { saidType } from '../../said-type.ts';
import { quoteName, quoteText } from '../quote.ts';
import { listPaths, packing } from '../read-sql.ts';
import type { Session } from '../task/session.ts';
import { brokenPromise, missingColumns, warnOfExtra } from './broken-promise.ts';
import { matchColumns, matchKeys } from './column-match.ts';
import type { Found } from './csv-part.ts';
import type { Cell, InputPath } from './part.ts';
import { usualObjectBytes } from '../look/json-look.ts';
import { listExtraKeys, looseType, readNested } from './nested-strict.ts';
import { isText, readStrictly, type Strict } from './strict-sql.ts';

const describe = async (session: Session, call: string): Promise<Column[]> => {
  const rows = await session.rows(`SELECT column_name, column_type FROM (DESCRIBE FROM ${call})`);
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
};

export async function findParquetPart(session: Session, dataset: Dataset, file: InputPath): Promise<Found> {
  const found = await describe(session, `read_parquet(${listPaths([file.path])})`);
  const names = found.map(({ name }) => name);
  const { places, extra } = matchColumns(
    dataset.schema.map(({ name }) => name),
    names,
  );
  const missing = dataset.schema.filter((_, at) => places[at] === -1).map(({ name }) => name);
  if (missing.length > 0) throw missingColumns(dataset, file, { missing, found: names });
  const cells = dataset.schema.map((column, at) => {
    const own = found[places[at]!]!;
    return carry(dataset, file, { column, place: at, own });
  });
  const from = (paths: readonly string[]) => `FROM read_parquet(${listPaths(paths)})`;
  return {
    layout: JSON.stringify(found),
    warnings: extra.length === 0 ? [] : [warnOfExtra(dataset, file, extra)],
    part: {
      cells,
      from,
      isPlain: cells.every(({ strict, required }) => strict === null && !required),
      noteRagged: null,
    },
  };
}

interface Carried {
  readonly column: Column;
  readonly place: number;
  /** As the file has it. */
  readonly own: Column;
}

/** The same type is taken as it is; another one only where each value comes back from it as it was. */
function carry(dataset: Dataset, file: InputPath, { column, place, own }: Carried): Cell {
  const raw = quoteName(own.name);
  const required = dataset.options.required?.includes(column.name) === true;
  const isSaid = saidType(dataset.options, column.name) !== undefined;
  if (!isSaid && !canCarry(own.type, column.type))
    throw brokenPromise(
      dataset,
      file,
      `its column "${own.name}" holds ${own.type}, and ${column.type} is promised.`,
    );
  const readAs = (wanted: Column) => carryValue(raw, own, wanted, dataset);
  return { column, place, raw, required, strict: readAs(column), readAs };
}

function carryValue(raw: string, own: Column, column: Column, { options }: Dataset): Strict | null {
  if (own.type === column.type) return null;
  if (isText(own.type)) return readStrictly(raw, column, options);
  const value = `TRY_CAST(${raw} AS ${column.type})`;
  return { value, fits: `(${value} IS NOT NULL AND TRY_CAST(${value} AS ${own.type}) = ${raw})` };
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(BOOLEAN)$/u, 'truth'],
  [/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL.*)$/u, 'number'],
  [/^(DATE|TIMESTAMP|TIMESTAMP_(S|MS|NS))$/u, 'moment'],
  [/^TIMESTAMP WITH TIME ZONE$/u, 'instant'],
];

const kindOf = (type: string): string => kinds.find(([pattern]) => pattern.test(type))?.[1] ?? type;

/** Everything can be a text; else only what is of one kind: `true` is no number, a moment with an offset none without. */
function canCarry(own: string, promised: string): boolean {
  return own === promised || isText(promised) || isText(own) || kindOf(own) === kindOf(promised);
}

/** Rows from which the keys of a JSON file are found; where a promised one is not among them, all are looked at. */
const keySample = 2_000;

export async function findJsonPart(
  session: Session,
  dataset: Dataset,
  file: InputPath,
  { isKnown, isSample }: { readonly isKnown: boolean; readonly isSample: boolean },
): Promise<Found> {
  const warnings: string[] = [];
  if (!isKnown) {
    const found = await findKeys(session, dataset, file, isSample);
    const { extra } = found;
    if (extra.length > 0) warnings.push(warnOfExtra(dataset, file, extra));
  }
  const cells = dataset.schema.map((column, place): Cell => {
    const raw = quoteName(column.name);
    const read = isNested(column.type) ? readNested : readStrictly;
    const strict = isKnown ? null : read(raw, column, dataset.options);
    return {
      column,
      place,
      raw,
      strict,
      required: !isKnown && dataset.options.required?.includes(column.name) === true,
    };
  });
  const typeOf = ({ column, strict }: Cell): string => {
    if (strict === null) return column.type;
    return isNested(column.type) ? (looseType(column.type) ?? column.type) : 'VARCHAR';
  };
  const columns = `{${cells.map((cell) => `${quoteText(cell.column.name)}: ${quoteText(typeOf(cell))}`).join(', ')}}`;
  const from = (paths: readonly string[]) =>
    `FROM read_json(${[listPaths(paths), `columns = ${columns}`, ...jsonForm(dataset)].join(', ')})`;
  return {
    layout: isKnown ? 'known' : 'json',
    warnings,
    part: { cells, from, isPlain: isKnown, noteRagged: null },
  };
}

/** What has parts of its own, or is JSON as it stands. */
const isNested = (type: string): boolean =>
  /[[(]/u.test(type.replace(/^(DECIMAL|NUMERIC)\(.*\)$/u, '')) || type === 'JSON';

const jsonForm = ({ format, compression, options: { maxLineBytes = 0 } }: Dataset): string[] => [
  `format = '${format === 'ndjson' ? 'newline_delimited' : 'auto'}'`,
  `compression = ${packing(compression)}`,
  ...(maxLineBytes > usualObjectBytes ? [`maximum_object_size = ${maxLineBytes}`] : []),
];

/** A key may be left out of any object; one that no object has is gone, or has another name. */
async function findKeys(
  session: Session,
  dataset: Dataset,
  file: InputPath,
  isSample: boolean,
): Promise<{ readonly extra: readonly string[] }> {
  const promised = dataset.schema.map(({ name }) => name);
  const typeOf = new Map(dataset.schema.map(({ name, type }) => [name, type]));
  const look = async (sample: number) => {
    const call = `read_json(${[listPaths([file.path]), `sample_size = ${sample}`, 'map_inference_threshold = -1', 'field_appearance_threshold = 0', ...jsonForm(dataset)].join(', ')})`;
    const columns = await describe(session, call);
    const found = columns.map(({ name }) => name);
    const { places, extra } = matchKeys(promised, found);
    const below = columns.flatMap(({ name, type }) => listExtraKeys(typeOf.get(name) ?? '', type, name));
    return { found, places, extra: [...extra, ...below] };
  };
  const first = await look(keySample);
  // Whether a key comes later is not for a sample to say.
  if (isSample) return { extra: first.extra };
  const { found, places, extra } = first.places.includes(-1) ? await look(-1) : first;
  const missing = promised.filter((_, at) => places[at] === -1);
  if (missing.length > 0 && found.length > 0 && !(await isWithoutRows(session, dataset, file)))
    throw missingColumns(dataset, file, { missing, found });
  return { extra };
}

async function isWithoutRows(session: Session, dataset: Dataset, file: InputPath): Promise<boolean> {
  const call = `read_json(${[listPaths([file.path]), "columns = {json: 'JSON'}", ...jsonForm(dataset)].join(', ')})`;
  return (await session.rows(`SELECT 1 FROM ${call} LIMIT 1`)).length === 0;
}
