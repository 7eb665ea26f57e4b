// Writes the SQL words that the editor completes, as the query engine itself lists them; with --check it only tells whether
// they are fresh. What a recipe may not call is left out.
import { readFile, writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  allowedTableFunctions,
  refusedFunctions,
} from '../packages/server/src/engine/duckdb/recipe/judge.ts';

const target = new URL('../packages/web/src/parts/code/sql-word.ts', import.meta.url);
const isWord = "regexp_full_match(name, '[a-z][a-z0-9_]*') and not starts_with(name, '__')";

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
const functions = (
  await readNames(`select distinct function_name as name from duckdb_functions()
    where function_type in ('scalar', 'aggregate', 'macro') and schema_name = 'main' and database_name = 'system' and internal`)
).filter((name) => !refusedFunctions.has(name));
const types = await readNames('select distinct lower(type_name) as name from duckdb_types() where internal');
const keywords = await readNames('select keyword_name as name from duckdb_keywords()');
connection.closeSync();
instance.closeSync();

const text = `// The words of DuckDB's SQL. Made by scripts/sql-words.ts.
export const sqlKeywords =${quote(keywords)};
export const sqlTypes =${quote(types)};
export const sqlFunctions =${quote([...new Set([...functions, ...allowedTableFunctions])].sort())};
`;

if (process.argv.includes('--check')) await check();
else await writeFile(target, text);

async function readNames(from: string): Promise<string[]> {
  const reader = await connection.runAndReadAll(`select name from (${from}) where ${isWord} order by name`);
  return reader.getRows().map(([name]) => String(name));
}

/** As the formatter would leave it. */
function quote(words: readonly string[]): string {
  return `\n  '${words.join(' ')}'`;
}

async function check(): Promise<void> {
  if ((await readFile(target, 'utf8')) === text) return;
  console.error(
    'packages/web/src/parts/code/sql-word.ts is not what the engine lists: run node --conditions=flowhook-source scripts/sql-words.ts',
  );
  process.exitCode = 1;
}
