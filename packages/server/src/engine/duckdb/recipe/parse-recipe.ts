// One recipe's SQL, parsed by DuckDB and judged: the names it reads, or why it is refused.
import { foldName } from '@flowhook/contract/flow/name';
import type { Parameter, Recipe } from '../../engine.ts';
import type { Failure } from '../../failure.ts';
import { readComplaint } from '../task/complaint.ts';
import { sqlFailure, wordComplaint } from './explain-sql.ts';
import { judgeTree, type Offence, type ParameterUse, type TableUse } from './judge.ts';
import { toPosition } from './place.ts';
import { Refused } from '../task/refusal.ts';
import type { Session } from '../task/session.ts';
import { listStatements, type Statement } from './statement.ts';

const longestSql = 200_000;
const beginnings = new Set(
  'SELECT WITH FROM VALUES TABLE PIVOT UNPIVOT SUMMARIZE DESCRIBE SHOW ('.split(' '),
);

interface Parsed {
  error: boolean;
  error_type?: string;
  error_message?: string;
  error_subtype?: string;
  position?: string;
  statements?: unknown[];
}

/** The names that a recipe reads, in order of appearance; throws `Refused`. Without SQL it is its primary input. */
export async function parseRecipe(
  session: Session,
  recipe: Recipe,
  parameters: readonly Parameter[] = [],
): Promise<TableUse[]> {
  if (recipe.sql === null) return [primaryInput(recipe)];
  const sql = recipe.sql;
  const fail = (message: string, hint: string | null, position: number | null): never => {
    throw new Refused(sqlFailure(recipe, message, hint, position));
  };
  if (sql.length > longestSql) fail('The SQL is longer than 200,000 characters.', 'Split the recipe.', null);
  if (sql.includes('\0')) fail('The SQL has a zero byte in it.', 'Take it out.', sql.indexOf('\0'));
  const parsed = await serialize(session, sql);
  const refused = refuseStatements(recipe, sql, parsed);
  if (refused !== null) throw new Refused(refused);
  const { uses, offences, ...named } = judgeDeep(recipe, parsed.statements?.[0]);
  if (offences[0] !== undefined) throw new Refused(offenceFailure(recipe, sql, offences[0]));
  for (const use of named.parameters) refuseUnknown(recipe, sql, use, parameters);
  return uses;
}

function refuseUnknown(
  recipe: Recipe,
  sql: string,
  { name, at }: ParameterUse,
  parameters: readonly Parameter[],
): void {
  const key = name === null ? null : foldName(name);
  if (parameters.some((parameter) => foldName(parameter.name) === key)) return;
  const known = parameters.map((parameter) => `'${parameter.name}'`).join(', ');
  const message =
    name === null
      ? "parameter takes one name, written in quotes: parameter('name')."
      : `There is no parameter "${name}" in this flow.`;
  const hint = known === '' ? 'The flow has no parameters yet.' : `Known parameters: ${known}.`;
  const position = at === null ? null : toPosition(sql, at);
  throw new Refused(sqlFailure(recipe, message, hint, position));
}

function primaryInput(recipe: Recipe): TableUse {
  if (recipe.primaryInput !== null) return { name: recipe.primaryInput, at: null };
  const hint = 'Give it an input, or write a SELECT.';
  throw new Refused(sqlFailure(recipe, 'The recipe has neither SQL nor an input.', hint, null));
}

async function serialize(session: Session, sql: string): Promise<Parsed> {
  const reader = await session.connection.runAndReadAll('SELECT json_serialize_sql(CAST($1 AS VARCHAR))', [
    sql,
  ]);
  const tree = reader.getRowsJson()[0]?.[0];
  return JSON.parse(typeof tree === 'string' ? tree : 'null');
}

function refuseStatements(recipe: Recipe, sql: string, parsed: Parsed): Failure | null {
  const listed = listStatements(sql);
  if (parsed.error) return parseFailure(recipe, sql, parsed, listed);
  const count = parsed.statements?.length ?? 0;
  if (count === 0) return sqlFailure(recipe, 'The SQL is empty.', 'Write one SELECT.', null);
  if (count > 1) return tooMany(recipe, listed);
  return null;
}

const tooMany = (recipe: Recipe, listed: readonly Statement[]): Failure =>
  sqlFailure(
    recipe,
    'A recipe is one SELECT, and there is more than one statement here.',
    'Leave one statement; further ones go into recipes of their own.',
    listed[1]?.start ?? null,
  );

function parseFailure(recipe: Recipe, sql: string, parsed: Parsed, listed: readonly Statement[]): Failure {
  const other = listed.find((statement) => !beginnings.has(statement.word));
  if (parsed.error_type !== 'parser') return otherStatement(recipe, sql, listed, other);
  const complaint = {
    ...readComplaint(parsed.error_message ?? ''),
    kind: 'Parser',
    subtype: parsed.error_subtype ?? null,
  };
  const { message, hint, at } = wordComplaint(complaint, { sql, columns: [] });
  const told = parsed.position === undefined ? null : toPosition(sql, Number(parsed.position));
  return sqlFailure(recipe, message, hint, at ?? told);
}

function otherStatement(
  recipe: Recipe,
  sql: string,
  listed: readonly Statement[],
  other: Statement | undefined,
): Failure {
  if (listed.length > 1) return tooMany(recipe, listed);
  if (other === undefined && /\bpivot\b/i.test(sql))
    return sqlFailure(
      recipe,
      "PIVOT needs its values written out: a recipe's columns are known before it runs.",
      "Write them after ON, for example PIVOT t ON kind IN ('a', 'b') USING sum(amount).",
      sql.search(/\bpivot\b/i),
    );
  const word = other?.word ?? listed[0]?.word ?? 'This';
  const hint = 'Write a SELECT; where its rows go is set by the output.';
  return sqlFailure(
    recipe,
    `A recipe is one SELECT; ${word} is not allowed.`,
    hint,
    listed[0]?.start ?? null,
  );
}

function judgeDeep(recipe: Recipe, statement: unknown): ReturnType<typeof judgeTree> {
  try {
    return judgeTree(statement);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refused(tooDeep(recipe));
  }
}

/** Nesting that overflows a stack, ours or DuckDB's. */
const tooDeep = (recipe: { name: string; sql: string | null }): Failure =>
  sqlFailure(recipe, 'The SQL is nested too deeply.', 'Split the recipe into several.', null);

function offenceFailure(recipe: Recipe, sql: string, { message, hint, at }: Offence): Failure {
  return sqlFailure(recipe, message, hint, at === null ? null : toPosition(sql, at));
}
