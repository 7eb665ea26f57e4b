// Does a recipe's SQL work where it stands, what does it give, and what does it read?
import type { Asker } from '../../base/turn.ts';
import { foldName } from '@flowhook/contract/flow/name';
import type { Column, Dataset, InputFile } from '../../engine/dataset.ts';
import type { Engine, Parameter, Query, Recipe } from '../../engine/engine.ts';
import type { Failure } from '../../engine/failure.ts';
import { withholding } from '../datasets/dataset-leave.ts';
import type { DatasetRow } from '../datasets/dataset-store.ts';
import type { FlowGraph, StoredNode } from '../graph-store.ts';
import { findByName, findReadingCircle, nameApart, orderUpstream } from './recipe-graph.ts';

/** A recipe as it would be saved; `id` is null for a new one. Inputs are ids of flow nodes. */
export interface Draft {
  readonly id: number | null;
  readonly name: string;
  readonly sql: string | null;
  readonly primaryInputId: number | null;
}

export type Checked =
  | {
      readonly ok: true;
      readonly columns: readonly Column[];
      readonly references: readonly string[];
      readonly inputIds: readonly number[];
    }
  | { readonly ok: false; readonly failure: Failure };

/** An id for a draft that has none yet: ids of stored nodes are positive. */
const newId = 0;

export interface CheckContext {
  /** Who asks. */
  readonly asker: Asker;
  /** Nodes that it reads already: they win where a name has come to mean several. */
  readonly preferred?: readonly number[];
  /** What it may read beside datasets and recipes. */
  readonly parameters?: readonly Parameter[];
}

/**
 * Checks a draft against the columns of what it reads; upstream recipes stand in by theirs, so that the cost does not
 * grow with the flow.
 */
export async function checkDraft(
  engine: Engine,
  graph: FlowGraph,
  draft: Draft,
  { asker, preferred = [], parameters = [] }: CheckContext,
): Promise<Checked> {
  const found =
    draft.sql === null
      ? passOn(graph, draft)
      : await checkSql(engine, graph, { asker, draft, text: draft.sql, preferred, parameters });
  return found.ok ? refuseStructure(graph, draft, found) : found;
}

const writeSqlHint = 'Write its SQL, or remove its note to pass its input on.';

function passOn(graph: FlowGraph, draft: Draft): Checked {
  if (graph.get(draft.id ?? newId)?.waitsForSql === true)
    return refuse(draft, 'It came without SQL; its steps are kept as a note.', writeSqlHint, null);
  const input = graph.get(draft.primaryInputId ?? newId);
  if (input === undefined)
    return refuse(draft, 'It has neither SQL nor an input.', 'Give it one of them.', null);
  if (input.withheld !== null) return { ok: false, failure: withholding(input.name) };
  if (input.columns === null)
    return refuse(draft, `Its input ${input.name} is not valid itself.`, 'Mend that recipe first.', null);
  return { ok: true, columns: input.columns, references: [], inputIds: [input.id] };
}

interface SqlCheck extends Required<CheckContext> {
  readonly draft: Draft;
  readonly text: string;
}

async function checkSql(
  engine: Engine,
  graph: FlowGraph,
  { asker, draft, text, preferred, parameters }: SqlCheck,
): Promise<Checked> {
  const primary = graph.get(draft.primaryInputId ?? newId);
  if (primary !== undefined && primary.withheld !== null)
    return { ok: false, failure: withholding(primary.name) };
  const meanings = findMeanings(graph, draft, preferred);
  const query = { ...composeCheck(graph, draft, text, meanings), parameters };
  const result = await engine.check(query, { asker });
  if (!result.ok)
    return {
      ok: false,
      failure: findWithheld(meanings, result.failure) ?? nameDraft(result.failure, query.target, draft),
    };
  const inputIds = new Set(draft.primaryInputId === null ? [] : [draft.primaryInputId]);
  for (const reference of result.references) {
    const nodes = meanings.get(foldName(reference)) ?? [];
    if (nodes.length > 1) return refuseAmbiguous(draft, reference, nodes);
    if (nodes[0]?.waitsForSql === true)
      return refuse(
        draft,
        `The recipe ${nodes[0].name}, which it reads, has no SQL yet.`,
        writeSqlHint,
        reference,
      );
    const node = nodes[0]?.id ?? draft.id;
    if (node !== null) inputIds.add(node);
  }
  const { columns, references } = result;
  return { ok: true, columns, references, inputIds: [...inputIds] };
}

type Meanings = ReadonlyMap<string, readonly StoredNode[]>;

/** What each name of the flow would mean in this draft's SQL. */
function findMeanings(graph: FlowGraph, draft: Draft, preferred: readonly number[]): Meanings {
  const names = new Set([...graph.values()].map(({ name }) => foldName(name)));
  const meanings = new Map<string, StoredNode[]>();
  for (const name of names) {
    const nodes = findByName(graph, name, draft, preferred).filter(({ id }) => id !== draft.id);
    if (nodes.length > 0) meanings.set(name, nodes);
  }
  return meanings;
}

function composeCheck(graph: FlowGraph, draft: Draft, text: string, meanings: Meanings): Query {
  const readable = [...meanings.values()].flat();
  let target = draft.name;
  while (meanings.has(foldName(target))) target += ' (this recipe)';
  // Recipes that are not valid, and what is withheld, which fails like a recipe that is none.
  const broken = readable.filter(({ columns }) => columns === null);
  const recipe = { name: target, sql: text, dialect: 'duckdb', primaryInput: null } as const;
  return {
    datasets: readable.filter((node) => !broken.includes(node)).map(standIn),
    recipes: [recipe, ...broken.map((node) => toRecipe(node, (id) => graph.get(id)?.name ?? ''))],
    target,
  };
}

/** The refusal where the SQL names what is withheld; null where something else is wrong. */
function findWithheld(meanings: Meanings, failure: Failure): Failure | null {
  if (failure.reason !== 'sql_error') return null;
  const named = meanings.get(foldName(failure.sql.recipe)) ?? [];
  const withheld = named.find((node) => node.withheld !== null);
  return withheld === undefined ? null : withholding(withheld.name);
}

/** What a check needs to know of an input: its columns. No file is read. */
function standIn(node: StoredNode): Dataset {
  const { name, dataset } = node;
  const schema = node.columns ?? [];
  if (dataset !== null) return toDataset(dataset, name, [{ uri: `file:///${dataset.id}`, name }]);
  return {
    name,
    format: 'parquet',
    compression: 'none',
    files: [{ uri: `file:///recipe/${node.id}`, name }],
    options: {},
    schema,
  };
}

/** A stored dataset as an engine has it, with its files as they lie now. */
export function toDataset({ reading }: DatasetRow, name: string, files: readonly InputFile[]): Dataset {
  const { format, compression, options, columns, checked = [] } = reading;
  return {
    name,
    format,
    compression,
    files,
    options,
    schema: columns,
    checked,
  };
}

/** A stored recipe as an engine has it. */
export function toRecipe(
  { id, sql, primaryInputId }: StoredNode,
  nameOf: (nodeId: number) => string,
): Recipe {
  const primaryInput = primaryInputId === null ? null : nameOf(primaryInputId);
  return { name: nameOf(id), sql, dialect: 'duckdb', primaryInput };
}

/** The engine's message with the draft's own name; a fault further up has no place in this SQL. */
function nameDraft(failure: Failure, target: string, draft: Draft): Failure {
  if (failure.reason !== 'sql_error') return failure;
  const { sql } = failure;
  if (foldName(sql.recipe) === foldName(target)) return { ...failure, sql: { ...sql, recipe: draft.name } };
  return refuse(
    draft,
    `The recipe ${sql.recipe}, which this one reads, is not valid: ${sql.message}`,
    'Mend that recipe first.',
    sql.recipe,
  ).failure;
}

function refuseStructure(graph: FlowGraph, draft: Draft, found: Checked & { ok: true }): Checked {
  const id = draft.id ?? newId;
  const circle = findReadingCircle(graph, id, found.inputIds);
  const nameOf = (node: number) => (node === id ? draft.name : (graph.get(node)?.name ?? ''));
  if (circle !== null) {
    const way = circle.map(nameOf).join(' ← ');
    const hint = 'Let one of them read something else.';
    return refuse(draft, `The recipes would read each other in a circle: ${way}.`, hint, nameOf(circle[1]!));
  }
  const clash = findClash(graph, draft, found.inputIds);
  if (clash === null) return found;
  const message = `Two different things are read as ${clash} on the way to this recipe.`;
  return refuse(draft, message, 'Rename one of them.', clash);
}

function findClash(graph: FlowGraph, draft: Draft, inputIds: readonly number[]): string | null {
  const self = { ...draft, id: draft.id ?? newId, kind: 'recipe', inputIds } as const;
  const names = nameApart([...orderUpstream(graph, inputIds), { ...self, readsByName: draft.sql !== null }]);
  return names instanceof Map ? null : names.clash[0].name;
}

function refuseAmbiguous(draft: Draft, name: string, nodes: readonly StoredNode[]) {
  const kinds = nodes.map(({ kind, id }) => `${kind} ${id}`).join(' and ');
  return refuse(draft, `The name ${name} is ambiguous: ${kinds} carry it.`, 'Rename one of them.', name);
}

function refuse(
  draft: Draft,
  message: string,
  hint: string,
  name: string | null,
): { ok: false; failure: Failure } {
  const place = name === null || draft.sql === null ? nowhere : findPlace(draft.sql, name);
  return {
    ok: false,
    failure: {
      reason: 'sql_error',
      message,
      hint,
      sql: { recipe: draft.name, message, hint, ...place },
    },
  };
}

const nowhere = { line: null, column: null, position: null, length: null };

/** Where a name first stands in SQL, as a word of its own. */
function findPlace(text: string, name: string) {
  const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
  const position = text.search(new RegExp(String.raw`(?<![\p{L}\p{N}_])${escaped}(?![\p{L}\p{N}_])`, 'iu'));
  if (position === -1) return nowhere;
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1, position, length: name.length };
}
