// A table belongs to a room of the server: its name stands in SQL there and in rooms further left, nowhere else.
import { lineOf, type SourceFile } from './source-scan.ts';

/** The room furthest right that may name the table. */
const owners: Readonly<Record<string, string>> = {
  nodes: 'db',
  audit_log: 'workspace',
  workspace_settings: 'workspace',
  people: 'people',
  person_identities: 'people',
  sessions: 'people',
  access_tokens: 'people',
  flows: 'people',
  flow_grants: 'people',
  datasets: 'flows',
  flow_nodes: 'flows',
  recipes: 'flows',
  recipe_inputs: 'flows',
  recipe_notes: 'flows',
  outputs: 'flows',
  write_settings: 'flows',
  places: 'flows',
  place_takeovers: 'jobs',
  flow_parameters: 'flows',
  environment_parameters: 'flows',
  deliveries: 'webhooks/deliveries',
  delivery_bodies: 'webhooks/deliveries',
  attempts: 'webhooks/deliveries',
  attempt_exchanges: 'webhooks/deliveries',
  attempt_tallies: 'webhooks/deliveries',
  events: 'webhooks/deliveries',
  decisions: 'webhooks/deliveries',
  webhook_tasks: 'webhooks/deliveries',
  webhook_task_recipes: 'webhooks/events',
  webhook_deadlines: 'webhooks/events',
  event_suspects: 'webhooks/events',
  idempotency_keys: 'webhooks/ledger',
  jobs: 'jobs',
  job_turns: 'jobs',
  job_steps: 'jobs',
  job_files: 'jobs',
  job_profiles: 'jobs',
  job_rejects: 'jobs',
  flow_runs: 'jobs',
  schedules: 'schedules',
  schedule_occurrences: 'schedules',
};

interface Exception {
  readonly table: string;
  readonly room: string;
  readonly reason: string;
}

/** Rooms that read a table of a room further left all the same; one that nothing needs is a fault, too. */
const exceptions: readonly Exception[] = [
  { table: 'people', room: 'workspace', reason: 'the audit log names who did what' },
  { table: 'jobs', room: 'webhooks/deliveries', reason: 'a claim and a list are one statement with the job' },
  {
    table: 'jobs',
    room: 'webhooks/events',
    reason: 'what the jobs before came to is read where it is decided',
  },
  { table: 'jobs', room: 'webhooks/trials', reason: 'a trial looks at the jobs that there were' },
  { table: 'jobs', room: 'webhooks/ledger', reason: 'the audit compares jobs with their events' },
  { table: 'flow_runs', room: 'webhooks/ledger', reason: 'the audit compares flow runs with their events' },
];

/** `line` is the import line, from left to right. */
export function checkTables(files: readonly SourceFile[], line: readonly string[]): string[] {
  const needed = new Set<Exception>();
  const wrong = files.flatMap((file) => {
    const room = roomOf(file.path);
    if (room === undefined || room === 'db') return [];
    return listTables(file).flatMap(({ table, at }) => {
      if (isRight(room, owners[table]!, line)) return [];
      const exception = exceptions.find((each) => each.table === table && each.room === room);
      if (exception !== undefined) {
        needed.add(exception);
        return [];
      }
      return [
        `${file.path}:${at}: ${room} names the table ${table}, which belongs to ${owners[table]!}: ` +
          'take what is needed as a function that app.ts hands in, or move the file to where the table may be named',
      ];
    });
  });
  const known = files.some(({ path }) => path.endsWith('/db/schema.ts'));
  return known ? [...wrong, ...listNeedless(needed), ...listStrange(files)] : wrong;
}

function listNeedless(needed: ReadonlySet<Exception>): string[] {
  return exceptions
    .filter((each) => !needed.has(each))
    .map(
      ({ table, room }) => `table-rule.ts: the exception for ${table} in ${room} is not needed: take it out`,
    );
}

/** Tables of the schema that have no owner yet. */
function listStrange(files: readonly SourceFile[]): string[] {
  const { text = '', path = '' } = files.find((file) => file.path.endsWith('/db/schema.ts')) ?? {};
  const body = text.slice(text.indexOf('export interface Schema {'));
  return [...body.matchAll(/^ {2}(\w+): \w+Table;$/gmu)].flatMap(({ 1: table = '' }) =>
    Object.hasOwn(owners, table) ? [] : [`${path}: ${table} has no owner: give it one in table-rule.ts`],
  );
}

/** Rooms as ARCHITECTURE.md has them; those of webhooks one by one. */
function roomOf(path: string): string | undefined {
  const [, rest] = /^packages\/server\/src\/(.+)$/u.exec(path) ?? [];
  if (rest === undefined || rest.endsWith('.test.ts')) return undefined;
  const [first = '', second = '', third] = rest.split('/');
  return first === 'webhooks' && third !== undefined ? `webhooks/${second}` : first.replace(/\.ts$/u, '');
}

/** The room is the owner's, or stands left of it. */
function isRight(room: string, owner: string, line: readonly string[]): boolean {
  return line.indexOf(room) <= line.indexOf(owner);
}

const inSql = /\b(?:from|join|into|update|using)\s+([a-z_]+)\b/gu;
const inCall =
  /\.(?:selectFrom|insertInto|updateTable|deleteFrom|innerJoin|leftJoin|rightJoin|fullJoin)\(\s*\[?'([a-z_]+)/gu;

function listTables({ text, bare }: SourceFile): { table: string; at: number }[] {
  const calls = [...text.matchAll(inCall)].map((match) => ({ name: match[1]!, index: match.index }));
  const statements = listStatements(text, bare).flatMap(({ begin, end }) =>
    [...text.slice(begin, end).matchAll(inSql)].map((match) => ({
      name: match[1]!,
      index: begin + match.index,
    })),
  );
  // A statement inside of another is found twice.
  const found = new Map([...calls, ...statements].map(({ name, index }) => [index, name]));
  return [...found]
    .filter(([, name]) => Object.hasOwn(owners, name))
    .map(([index, table]) => ({ table, at: lineOf(text, index) }));
}

/** Texts behind the tag `sql` or in `sql.raw()`; the insides of strings are blank in `bare`, so its quotes are real. */
function listStatements(text: string, bare: string): { begin: number; end: number }[] {
  const tag = /\bsql(?:\.raw\()?(?:<[^`'"]*?>)?\s*(['"`])/gu;
  return [...bare.matchAll(tag)].map((match) => {
    const begin = match.index + match[0].length;
    return { begin, end: endOf(bare, begin, match[1]!) };
  });
}

/** Where the text that began ends; a template holds code, and that may hold templates. */
function endOf(bare: string, begin: number, quote: string): number {
  if (quote !== '`') return bare.indexOf(quote, begin);
  let depth = 0;
  for (let index = begin; index < bare.length; index += 1) {
    if (bare.startsWith('${', index)) depth += 1;
    if (depth > 0 && bare[index] === '}') depth -= 1;
    if (depth === 0 && bare[index] === '`') return index;
  }
  return bare.length;
}
