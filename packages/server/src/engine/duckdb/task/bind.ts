// A query made real in a session: datasets and recipes become views (or tables, where rows are read again and again).
import { keepsSecrets, type Column, type Dataset } from '../../dataset.ts';
import type { Query, Recipe } from '../../engine.ts';
import type { Failure } from '../../failure.ts';
import { readComplaint, type Complaint } from './complaint.ts';
import { explainRun } from './explain-run.ts';
import { readFormatFault, sqlFailure, wordComplaint } from '../recipe/explain-sql.ts';
import { readGraph, type Graph, type GraphRecipe } from '../recipe/graph.ts';
import { bindParameters } from './parameter.ts';
import { toPosition } from '../recipe/place.ts';
import { explainMisfit } from '../promise/explain-misfit.ts';
import { readHeld, type HeldDataset } from '../promise/held-dataset.ts';
import { emptySource, readMisfit, type InputState } from '../promise/part.ts';
import { selectPromised } from '../promise/read-promised.ts';
import { isTypeText, quoteName } from '../quote.ts';
import type { CopyRoom } from '../look/plain-copy.ts';
import { openPlain } from '../look/plain-input.ts';
import { Refused } from './refusal.ts';
import type { Session } from './session.ts';

export interface BindOptions {
  /** check: columns alone, no file is touched. preview: views. run: a recipe that is read twice is made once. */
  mode: 'check' | 'preview' | 'run';
  /** The files of a dataset. */
  files: (dataset: Dataset) => Promise<readonly InputState[]>;
  /** For files that are copied to be read: bytes, and whether what is beyond is left out. */
  copies: Pick<CopyRoom, 'maxBytes' | 'mayCut' | 'isLate'>;
  /** So many rows of each dataset stand for all of them; all unless given. */
  maxRows?: number | undefined;
}

export interface Bound {
  /** What to select from: a quoted name. */
  source: string;
  columns: Column[];
  references: string[];
  /** The datasets that are read. */
  held: readonly HeldDataset[];
  /** A later error of this session (a value that can't be turned, a limit) in words. */
  explain: (error: unknown) => Promise<Failure>;
}

/** Where a recipe's SQL stands in the session's common count of bytes, so that an error's offset names its recipe. */
interface Region {
  recipe: Recipe;
  start: number;
  end: number;
}

const head = (name: string): string => `CREATE VIEW ${name} AS\n`;

/** Makes the graph below the target; throws `Refused`. */
export async function bindQuery(session: Session, query: Query, options: BindOptions): Promise<Bound> {
  const graph = await readGraph(session, query);
  await bindParameters(session, query.parameters ?? []);
  const regions: Region[] = [];
  const held = new Map<number, HeldDataset>();
  const explain = async (error: unknown): Promise<Failure> => {
    const complaint = readComplaint(error);
    const misfit = readMisfit(complaint.text);
    return misfit === null
      ? explainError(complaint, query, graph, regions)
      : explainMisfit(session, held, misfit);
  };
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof Refused ? error : new Refused(await explain(error));
    }
  };
  for (const dataset of graph.datasets) {
    const at = query.datasets.indexOf(dataset);
    const promised = await attempt(() => makeDataset(session, dataset, at, options));
    if (promised !== null) held.set(at, promised);
  }
  const tables = chooseTables(graph, options.mode);
  for (const node of graph.recipes)
    await attempt(() =>
      makeRecipe(session, node, { graph, regions, asTable: tables.has(node.recipe), options }),
    );
  const source = targetName(graph);
  const columns = await attempt(() => describe(session, source));
  return { source, columns, references: graph.references, held: [...held.values()], explain };
}

/** The target stands in a schema of its own, so that it may share its name with a dataset that it reads. */
const targetName = ({ target }: Graph): string =>
  'sql' in target ? 'job.target' : `main.${quoteName(target.name)}`;

/** `at`: its place in the query. Returns how its files are read; null where none is touched. */
async function makeDataset(
  session: Session,
  dataset: Dataset,
  at: number,
  options: BindOptions,
): Promise<HeldDataset | null> {
  for (const column of dataset.schema) if (!isTypeText(column.type)) throw unknownType(dataset, column);
  const held = options.mode === 'check' ? null : await holdDataset(session, dataset, options);
  const rows = held === null ? emptySource(dataset) : selectPromised(held, held.dataset, at);
  const first = options.maxRows === undefined ? rows : `SELECT * FROM (${rows}) LIMIT ${options.maxRows}`;
  await session.run(`CREATE VIEW main.${quoteName(dataset.name)} AS ${first}`);
  return held;
}

async function holdDataset(
  session: Session,
  dataset: Dataset,
  { mode, files, copies, maxRows }: BindOptions,
): Promise<HeldDataset> {
  const plain = await openPlain(dataset, await files(dataset), copies);
  const held = await readHeld(session, plain.dataset, plain.files, { whole: mode === 'run', maxRows });
  return { ...held, isCut: plain.isCut };
}

function unknownType(dataset: Dataset, { name, type }: Column): Refused {
  return new Refused({
    reason: 'input_unreadable',
    message: `Column "${name}" of dataset "${dataset.name}" has the type "${type}", which is none.`,
    hint: 'Set a type such as VARCHAR, BIGINT, DOUBLE, DECIMAL(18,2), BOOLEAN, DATE or TIMESTAMP.',
    dataset: dataset.name,
    file: null,
  });
}

/** Views over views multiply: a preview makes a table only where one would be read more than 64 times over. */
function chooseTables(graph: Graph, mode: BindOptions['mode']): Set<Recipe> {
  const tables = new Set<Recipe>();
  if (mode === 'check') return tables;
  const max = mode === 'run' ? 1 : 64;
  const copies = new Map<Recipe, number>();
  for (const { recipe, reads } of graph.recipes.toReversed()) {
    const own = copies.get(recipe) ?? 1;
    if (own > max) tables.add(recipe);
    for (const below of reads) copies.set(below, (copies.get(below) ?? 0) + (own > max ? 1 : own));
  }
  return tables;
}

interface Making {
  graph: Graph;
  regions: Region[];
  asTable: boolean;
  options: BindOptions;
}

async function makeRecipe(session: Session, node: GraphRecipe, making: Making): Promise<void> {
  const { recipe } = node;
  const isTarget = recipe === making.graph.target;
  const view = isTarget ? 'job.target' : `main.${quoteName(recipe.name)}`;
  await session.run(placeStatement(making, recipe, view));
  if (isTarget) return;
  if (making.options.mode === 'check') await freeze(session, view, await describe(session, view));
  else if (making.asTable) await materialise(session, view, making);
}

/** Spaces before the statement move each recipe's SQL to bytes of its own. */
function placeStatement({ regions }: Making, recipe: Recipe, view: string): string {
  const sql = recipe.sql ?? `FROM ${quoteName(recipe.primaryInput ?? '')}`;
  const begin = head(view);
  const start = (regions.at(-1)?.end ?? 0) + Buffer.byteLength(begin);
  regions.push({ recipe, start, end: start + Buffer.byteLength(sql) + 1 });
  return `${' '.repeat(start - Buffer.byteLength(begin))}${begin}${sql}`;
}

/** Replaces a view by its bare columns, so that what reads it does not bind it once more. */
async function freeze(session: Session, view: string, columns: readonly Column[]): Promise<void> {
  const list = columns.map(({ name, type }) => `${quoteName(name)} ${type}`);
  await session.run(`DROP VIEW ${view}`);
  await session.run(`CREATE TABLE ${view} (${list.join(', ')})`);
}

/** Makes the rows once. A job keeps them in its scratch file, a preview in memory. */
async function materialise(session: Session, view: string, { options, regions }: Making): Promise<void> {
  const table = options.mode === 'run' ? `scratch.main.r${regions.length}` : `job.r${regions.length}`;
  await session.run(`CREATE TABLE ${table} AS FROM ${view}`);
  await session.run(`CREATE OR REPLACE VIEW ${view} AS FROM ${table}`);
}

async function describe(session: Session, source: string): Promise<Column[]> {
  const rows = await session.rows(`SELECT column_name, column_type FROM (DESCRIBE ${source})`);
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

function explainError(complaint: Complaint, query: Query, graph: Graph, regions: readonly Region[]): Failure {
  const limit = explainRun(complaint, query.datasets);
  if (limit !== null) return limit;
  const at = complaint.at;
  const region = at === null ? undefined : regions.find(({ start, end }) => at >= start && at < end);
  const suspect = region?.recipe ?? regions.at(-1)?.recipe ?? { name: graph.target.name, sql: null };
  const columns = graph.datasets.flatMap(({ schema }) => schema.map(({ name }) => name));
  const told = graph.datasets.some(keepsSecrets) ? hideValues(complaint) : complaint;
  const words = wordComplaint(told, { sql: suspect.sql, columns });
  const { message, hint } = words;
  if (words.at !== undefined) return sqlFailure(suspect, message, hint, words.at);
  if (region !== undefined && region.recipe.sql !== null && at !== null)
    return sqlFailure(region.recipe, message, hint, toPosition(region.recipe.sql, at - region.start));
  const literal = findFormat(complaint, regions);
  if (literal !== null) return sqlFailure(literal.recipe, message, hint, literal.position);
  return sqlFailure(suspect, message, hint, null);
}

/** Of complaints about values, which name them. */
function hideValues(complaint: Complaint): Complaint {
  if (!/^(Conversion|Out of Range|Invalid Input|Constraint)$/u.test(complaint.kind)) return complaint;
  const text =
    'A value can not be turned or computed as the SQL says; it is not told, since sensitive columns are read';
  return { ...complaint, kind: 'Unknown', text, subtype: null, name: null, candidates: [], missing: null };
}

/** Where the format stands that a text does not follow, if it stands at one place alone. */
function findFormat(
  { text }: Complaint,
  regions: readonly Region[],
): { recipe: Recipe; position: number } | null {
  const fault = readFormatFault(text);
  if (fault === null) return null;
  const literal = `'${fault.format}'`;
  const found = regions.flatMap(({ recipe }) => {
    const parts = (recipe.sql ?? '').split(literal);
    return parts.slice(1).map(() => ({ recipe, position: parts[0]!.length }));
  });
  return found.length === 1 ? found[0]! : null;
}
