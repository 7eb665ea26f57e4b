// The rule of the doors: a state of a thing is written in one file, which asks the thing's state table.
import { lineOf, type SourceFile } from './source-scan.ts';

/** The tables with a state, and the files that may write it. */
const doors: Readonly<Record<string, readonly string[]>> = {
  jobs: ['jobs/job-move'],
  flow_runs: ['jobs/flow-runs/flow-run-move'],
  schedule_occurrences: ['schedules/occurrence-move'],
};

/** One line for each text of SQL or Kysely that writes a state elsewhere. A row is born with a state: so is each insert. */
export function checkDoors({ path, text }: SourceFile): string[] {
  if (!path.startsWith('packages/server/src/') || path.includes('/db/migration/')) return [];
  return Object.entries(doors).flatMap(([table, names]) => {
    const files = names.map((name) => `packages/server/src/${name}.ts`);
    if (files.includes(path)) return [];
    return findWrites(text, table).map(
      (index) =>
        `${path}:${lineOf(text, index)}: writes a state of ${table} beside its door: call a move of ${files.join(' or ')}`,
    );
  });
}

function findWrites(text: string, table: string): number[] {
  const inserts = new RegExp(
    String.raw`\binsert\s+into\s+${table}\b|\binsertInto\(\s*'${table}'|\btable:\s*'${table}'(?=\s*[,}])`,
    'giu',
  );
  const updates = new RegExp(String.raw`\bupdate\s+${table}\b|\bupdateTable\(\s*'${table}'`, 'giu');
  return [
    ...[...text.matchAll(inserts)].map(({ index }) => index),
    ...[...text.matchAll(updates)]
      .filter(({ index }) => setsState(text.slice(index)))
      .map(({ index }) => index),
  ];
}

/** Whether what an update sets, which ends before its conditions, has a state: `state = …`, `state: …` or `{ state }`. */
function setsState(statement: string): boolean {
  const [set = ''] = statement.split(/\bwhere\b|\.execute/iu, 1);
  return /(?<![\w.])state\s*(?:=|:|,|\})/u.test(set);
}
