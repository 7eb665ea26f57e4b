// The rule of the doors: a state of a thing is written in one file, which asks the thing's state table.
import { lineOf, type SourceFile } from './source-scan.ts';

interface Door {
  readonly files: readonly string[];
  /** The columns that make the state. */
  readonly columns: readonly string[];
}

/** The tables with a state, and the files that may write it. */
const doors: Readonly<Record<string, Door>> = {
  jobs: { files: ['jobs/job-move'], columns: ['state', 'cancel_requested'] },
  flow_runs: { files: ['jobs/flow-runs/flow-run-move'], columns: ['state'] },
  schedule_occurrences: { files: ['schedules/occurrence-move'], columns: ['state'] },
  deliveries: {
    files: ['webhooks/deliveries/delivery-move'],
    columns: [
      'state',
      'held',
      'held_for_crashes',
      'cancel_requested',
      'due_at',
      'lease_node',
      'attempt_count',
      'round_start',
      'ended_at',
    ],
  },
};

/** One line for each text of SQL or Kysely that writes a state elsewhere. A row is born with a state: so is each insert. */
export function checkDoors({ path, text }: SourceFile): string[] {
  if (!path.startsWith('packages/server/src/') || path.includes('/db/migration/')) return [];
  return Object.entries(doors).flatMap(([table, { files: names, columns }]) => {
    const files = names.map((name) => `packages/server/src/${name}.ts`);
    if (files.includes(path)) return [];
    return findWrites(text, table, columns).map(
      (index) =>
        `${path}:${lineOf(text, index)}: writes a state of ${table} beside its door: call a move of ${files.join(' or ')}`,
    );
  });
}

function findWrites(text: string, table: string, columns: readonly string[]): number[] {
  const name = String.raw`(?:${table}\b|"${table}"|\$\{sql\.\w+\(\s*'${table}'\s*\)\})`;
  const inserts = new RegExp(
    String.raw`\binsert\s+into\s+${name}|\binsertInto\(\s*'${table}'|\btable:\s*'${table}'(?=\s*[,}])`,
    'giu',
  );
  const updates = new RegExp(String.raw`\bupdate\s+${name}`, 'giu');
  const built = new RegExp(String.raw`\bupdateTable\(\s*'${table}'`, 'giu');
  const find = (pattern: RegExp, test: (statement: string) => boolean) =>
    [...text.matchAll(pattern)].filter(({ index }) => test(text.slice(index))).map(({ index }) => index);
  return [
    ...find(inserts, () => true),
    ...find(updates, (statement) => setsBySql(statement, columns)),
    ...find(built, (statement) => setsByBuilder(statement, columns)),
  ];
}

/** Whether what a text of SQL sets, up to its own conditions, has a state: `state = …`, also behind a query in brackets. */
function setsBySql(statement: string, columns: readonly string[]): boolean {
  const names = columns.join('|');
  const rows = [...statement.matchAll(/\(([^()]*)\)\s*=/gu)].map(([, list = '']) => `${list} =`).join('\n');
  const [set = ''] = withoutBrackets(statement).split(/\bwhere\b|`/iu, 1);
  const written = new RegExp(String.raw`(?<![\w.])"?(?:${names})"?\s*(?:=|,[^=]*=$)`, 'mu');
  return written.test(set) || written.test(rows);
}

/** Whether an update of the query builder sets a state, or something that can't be read here: a variable, a function. */
function setsByBuilder(statement: string, columns: readonly string[]): boolean {
  const [, behind = ''] = /\.set(\([^]*)/u.exec(statement) ?? [];
  const set = behind.slice(1, findClosing(behind));
  if (!set.trimStart().startsWith('{') || /\.\.\.\s*\w/u.test(set)) return true;
  return new RegExp(String.raw`(?<![\w.])(?:${columns.join('|')})\s*(?::|,|\})`, 'u').test(set);
}

/** The index of the bracket that closes the first one. */
function findClosing(text: string): number {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[()]/gu)) {
    depth += bracket === '(' ? 1 : -1;
    if (depth === 0) return index;
  }
  return text.length;
}

function withoutBrackets(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replaceAll(/\([^()]*\)/gu, '');
  }
  return rest;
}
