// The rule of the doors: a state of a thing is written in one file, which asks the thing's state table.
import { lineOf, type SourceFile } from './source-scan.ts';

interface Door {
  readonly files: readonly string[];
  /** The columns that make the state. */
  readonly columns: readonly string[];
}

/** The tables with a state, and the files that may write it. */
const doors: Readonly<Record<string, Door>> = {
  jobs: { files: ['jobs/job-move'], columns: ['state'] },
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
  const inserts = new RegExp(
    String.raw`\binsert\s+into\s+${table}\b|\binsertInto\(\s*'${table}'|\btable:\s*'${table}'(?=\s*[,}])`,
    'giu',
  );
  const updates = new RegExp(String.raw`\bupdate\s+${table}\b|\bupdateTable\(\s*'${table}'`, 'giu');
  return [
    ...[...text.matchAll(inserts)].map(({ index }) => index),
    ...[...text.matchAll(updates)]
      .filter(({ index }) => setsState(text.slice(index), columns))
      .map(({ index }) => index),
  ];
}

/** Whether what an update sets, which ends before its conditions, has a state: `state = …`, `state: …` or `{ state }`. */
function setsState(statement: string, columns: readonly string[]): boolean {
  const [set = ''] = statement.split(/\bwhere\b|\.execute/iu, 1);
  return new RegExp(String.raw`(?<![\w.])(?:${columns.join('|')})\s*(?:=|:|,|\})`, 'u').test(set);
}
