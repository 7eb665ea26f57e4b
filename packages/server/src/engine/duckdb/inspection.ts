// Pure: what a recipe's SQL names and calls, from DuckDB's own syntax tree; what is not allowed there.
import type { SqlError } from '../failure.ts';

export interface Named {
  readonly name: string;
  /** Bytes from the beginning, as DuckDB counts; null where it does not say. */
  readonly at: number | null;
}

export interface Inspection {
  readonly tables: readonly Named[];
  readonly functions: readonly Named[];
}

/** Table functions that read nothing from outside. */
const allowedTableFunctions = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'summary',
  'json_each',
  'json_tree',
]);
/** Functions that tell of the machine or the server, or that reach out. */
const refusedFunctions =
  /^(?:getenv|current_setting|duckdb_.*|pragma_.*|read_.*|glob|sniff_csv|parquet_.*|query|query_table|which_secret|getvariable|nextval|currval|force_checkpoint|checkpoint|sql_auto_complete|json_execute_serialized_sql|from_substrait.*|enable_.*|disable_.*|write_log|parse_duckdb_log_message)$/u;

/** Walks a tree of json_serialize_sql. Names of common table expressions are no tables. */
export function inspectTree(tree: unknown): Inspection {
  const tables: Named[] = [];
  const functions: Named[] = [];
  const expressions = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null) return undefined;
    const record = node as Record<string, unknown>;
    const at = typeof record['query_location'] === 'number' ? record['query_location'] : null;
    if (record['type'] === 'BASE_TABLE') tables.push({ name: joinName(record), at });
    if (typeof record['function_name'] === 'string')
      functions.push({ name: record['function_name'].toLowerCase(), at });
    for (const { key } of readCtes(record)) expressions.add(key.toLowerCase());
    return Object.values(record).forEach(visit);
  };
  visit(tree);
  return { tables: tables.filter(({ name }) => !expressions.has(name.toLowerCase())), functions };
}

function joinName(record: Record<string, unknown>): string {
  return [record['catalog_name'], record['schema_name'], record['table_name']]
    .filter((part) => typeof part === 'string' && part !== '')
    .join('.');
}

function readCtes(record: Record<string, unknown>): { key: string }[] {
  const map = (record['cte_map'] as { map?: { key: string }[] } | undefined)?.map;
  return map ?? [];
}

/** A function or table name that a recipe must not use; null where all is well. */
export function findForbidden(
  inspection: Inspection,
  known: ReadonlySet<string>,
): { message: string; hint: string; at: number | null; length: number } | null {
  for (const { name, at } of inspection.functions) {
    if (allowedTableFunctions.has(name) || !refusedFunctions.test(name)) continue;
    return {
      message: `A recipe can't call ${name}().`,
      hint: 'Recipes read datasets and other recipes by their names; upload a file as a dataset first.',
      at,
      length: name.length,
    };
  }
  for (const { name, at } of inspection.tables) {
    if (known.has(name.toLowerCase())) continue;
    const list = [...known]
      .slice(0, 20)
      .map((each) => `"${each}"`)
      .join(', ');
    return {
      message: `There is no dataset or recipe named ${JSON.stringify(name)} here.`,
      hint: list === '' ? 'Add a dataset to the flow first.' : `Known are ${list}.`,
      at,
      length: name.length,
    };
  }
  return null;
}

/** An SqlError at a byte position of the recipe's text. */
export function locate(
  recipe: string,
  text: string,
  error: { message: string; hint: string | null; at: number | null; length?: number | null },
): SqlError {
  if (error.at === null)
    return {
      recipe,
      message: error.message,
      hint: error.hint,
      line: null,
      column: null,
      position: null,
      length: null,
    };
  const before = Buffer.from(text).subarray(0, error.at).toString('utf8');
  const lines = before.split('\n');
  return {
    recipe,
    message: error.message,
    hint: error.hint,
    line: lines.length,
    column: lines.at(-1)!.length + 1,
    position: before.length,
    length: error.length ?? null,
  };
}
