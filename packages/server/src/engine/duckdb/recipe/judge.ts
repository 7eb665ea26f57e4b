// What a recipe's SQL may do, decided on its syntax tree: which names it reads, and what in it is refused.
import { foldName } from '@flowhook/contract/flow/name';

/** A name that stands where a table may stand and is no CTE. `at` is a byte offset. */
export interface TableUse {
  name: string;
  at: number | null;
}

export interface Offence {
  message: string;
  hint: string;
  at: number | null;
}

/** A call of `parameter`; `name` is null where it is not a text that stands there. */
export interface ParameterUse {
  name: string | null;
  at: number | null;
}

export interface Judgement {
  uses: TableUse[];
  parameters: ParameterUse[];
  offences: Offence[];
}

/** Every other table function can read files, settings or logs, change the session, or take SQL as text. */
export const allowedTableFunctions: ReadonlySet<string> = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'repeat_row',
  'unnest',
]);

/** Scalar functions that show or change the server's state, or only waste time. A test compares with DuckDB's own list. */
export const refusedFunctions: ReadonlySet<string> = new Set([
  'current_connection_id',
  'current_query',
  'current_query_id',
  'current_setting',
  'current_transaction_id',
  'currval',
  'get_block_size',
  'getenv',
  'getvariable',
  'json_execute_serialized_sql',
  'json_serialize_plan',
  'nextval',
  'pg_sleep',
  'query',
  'query_table',
  'sleep_ms',
  'stats',
  'txid_current',
  'write_log',
]);

type Tree = Record<string, unknown>;
type Scope = ReadonlySet<string>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const filesHint = 'A recipe names datasets and recipes of its flow, never files; add the file as a dataset.';

// Places that the parser does not know come as 2^64 - 1.
const placeOf = (node: Tree): number | null => {
  const at = node['query_location'];
  return typeof at === 'number' && at < 2 ** 32 ? at : null;
};

/** Judges one statement of `json_serialize_sql`. */
export function judgeTree(statement: unknown): Judgement {
  const found: Judgement = { uses: [], parameters: [], offences: [] };
  visit(statement, new Set(), found);
  return found;
}

function visit(value: unknown, scope: Scope, found: Judgement): void {
  if (Array.isArray(value)) for (const item of value) visit(item, scope, found);
  if (!isTree(value)) return;
  judgeNode(value, scope, found);
  const inner = visitCtes(value, scope, found);
  for (const [key, child] of Object.entries(value)) if (key !== 'cte_map') visit(child, inner, found);
}

/** A CTE sees those before it, and itself only where it is recursive. */
function visitCtes(node: Tree, scope: Scope, found: Judgement): Scope {
  const map = isTree(node['cte_map']) ? node['cte_map']['map'] : undefined;
  const own = node['type'] === 'RECURSIVE_CTE_NODE' ? [foldName(text(node['cte_name']))] : [];
  let inner: Scope = own.length > 0 ? new Set([...scope, ...own]) : scope;
  for (const entry of Array.isArray(map) ? map : []) {
    if (!isTree(entry)) continue;
    visit(entry['value'], inner, found);
    inner = new Set([...inner, foldName(text(entry['key']))]);
  }
  return inner;
}

function judgeNode(node: Tree, scope: Scope, found: Judgement): void {
  if (node['type'] === 'BASE_TABLE') judgeTable(node, scope, found);
  else if (node['type'] === 'TABLE_FUNCTION') judgeTableFunction(node, found);
  else if (node['type'] === 'SHOW_REF') found.offences.push(describeOffence(node));
  else if (node['class'] === 'FUNCTION') judgeFunction(node, found);
  else if (node['class'] === 'PARAMETER') found.offences.push(parameterOffence(node));
}

function judgeTable(node: Tree, scope: Scope, found: Judgement): void {
  const name = text(node['table_name']);
  const path = [text(node['catalog_name']), text(node['schema_name'])].filter((part) => part !== '');
  if (path.length > 0)
    found.offences.push({
      message: `"${[...path, name].join('.')}" is not a name of this flow.`,
      hint: 'Write the name of a dataset or recipe alone, in double quotes where it has a dot in it.',
      at: placeOf(node),
    });
  else if (!scope.has(foldName(name))) found.uses.push({ name, at: placeOf(node) });
}

function judgeTableFunction(node: Tree, found: Judgement): void {
  const call = isTree(node['function']) ? node['function'] : {};
  const name = text(call['function_name']);
  if (allowedTableFunctions.has(foldName(name))) return;
  const readsFiles = /^(read_|glob|sniff_|parquet_|.*_scan)/.test(foldName(name));
  found.offences.push({
    message: `The function ${name} is not allowed in a recipe.`,
    hint: readsFiles ? filesHint : `Of table functions, these are: ${[...allowedTableFunctions].join(', ')}.`,
    at: placeOf(call) ?? placeOf(node),
  });
}

function judgeFunction(node: Tree, found: Judgement): void {
  const name = text(node['function_name']);
  if (foldName(name) === 'parameter') found.parameters.push(readParameterUse(node));
  if (!refusedFunctions.has(foldName(name))) return;
  found.offences.push({
    message: `The function ${name} is not allowed in a recipe.`,
    hint: "It shows or changes the server's state; a recipe computes from its inputs alone.",
    at: placeOf(node),
  });
}

function readParameterUse(node: Tree): ParameterUse {
  const children = Array.isArray(node['children']) ? node['children'] : [];
  const [only, ...others] = children.filter(isTree);
  const value = only?.['class'] === 'CONSTANT' && isTree(only['value']) ? only['value'] : {};
  const named = others.length === 0 && typeof value['value'] === 'string';
  return { name: named ? text(value['value']) : null, at: placeOf(node) };
}

const describeOffence = (node: Tree): Offence => ({
  message: 'DESCRIBE, SHOW and SUMMARIZE are not allowed in a recipe.',
  hint: "Switch on the output's profile: it holds these facts.",
  at: placeOf(node),
});

const parameterOffence = (node: Tree): Offence => ({
  message: 'A recipe has no parameters such as ? or $1.',
  hint: "Write the value itself, or read a parameter of the flow: parameter('name').",
  at: placeOf(node),
});
