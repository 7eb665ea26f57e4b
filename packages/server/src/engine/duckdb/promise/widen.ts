// Types that widen: a column takes the next wider type that all its values fit as they stand.
import type { Column, Dataset } from '../../dataset.ts';
import type { Session } from '../task/session.ts';
import { keepsPromise, type Cell, type Part } from './part.ts';
import type { Promised } from './read-promised.ts';
import { readStrictly } from './strict-sql.ts';

const widerTypes: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^U?(TINY|SMALL|BIG)?INT(EGER)?$/u, ['BIGINT', 'DOUBLE']],
  [/^(FLOAT|DECIMAL.*)$/u, ['DOUBLE']],
  [/^DATE$/u, ['TIMESTAMP']],
];

const widerThan = (type: string): string[] => [
  ...(widerTypes.find(([pattern]) => pattern.test(type))?.[1] ?? []).filter((each) => each !== type),
  'VARCHAR',
];

/** The columns with the types that all files fit; null where they fit already. */
export async function widen(
  session: Session,
  dataset: Dataset,
  { parts }: Promised,
): Promise<Column[] | null> {
  const columns = [...dataset.schema];
  for (const part of parts.filter(({ isPlain }) => !isPlain)) {
    const misfits = await findMisfits(session, part, part.cells);
    for (const cell of misfits)
      columns[cell.place] = await widenOne(session, dataset, part, columns[cell.place]!);
  }
  const isSame = columns.every(({ type }, at) => type === dataset.schema[at]!.type);
  return isSame ? null : columns;
}

/** A value that is missing where one is required fits no wider type either: it is no reason to widen. */
async function findMisfits(session: Session, part: Part, cells: readonly Cell[]): Promise<Cell[]> {
  const list = cells.map(
    (cell, at) => `count(*) FILTER (NOT ${keepsPromise({ ...cell, required: false })}) AS n${at}`,
  );
  const [row = {}] = await session.rows(
    `SELECT ${list.join(', ')} ${part.from(part.files.map(({ path }) => path))}`,
  );
  return cells.filter((cell, at) => cell.strict !== null && Number(row[`n${at}`]) > 0);
}

async function widenOne(session: Session, dataset: Dataset, part: Part, column: Column): Promise<Column> {
  const cell = part.cells.find(({ column: { name } }) => name === column.name)!;
  const candidates = widerThan(column.type).map((type): Cell => {
    const wider = { name: column.name, type };
    const readAs = cell.readAs ?? ((column) => readStrictly(cell.raw, column, dataset.options));
    return { ...cell, column: wider, strict: readAs(wider) };
  });
  const misfits = new Set((await findMisfits(session, part, candidates)).map((each) => each.column.type));
  const fitting = candidates.find((each) => !misfits.has(each.column.type));
  return fitting?.column ?? { name: column.name, type: 'VARCHAR' };
}
