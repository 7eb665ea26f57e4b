// Recipes that tasks run, by names: those of other flows as far as the caller may see them.
import { sql } from 'kysely';
import { foldName } from '@flowhook/contract/flow/name';
import type { DocumentTask } from '@flowhook/contract/flow/flow-document';
import type { Read } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { visibleFlows } from '../../people/flow-access-store.ts';

type Run = NonNullable<DocumentTask['runs']>;

interface Row {
  readonly id: number;
  readonly name: string;
  readonly flow_id: number;
  readonly flow: string;
  readonly seen: number;
}

/** By the recipe's id; also one that is deleted: its names say what was meant. */
export async function nameRuns(
  db: Read,
  caller: Caller,
  flowId: number,
  tasks: readonly { readonly runRecipeId?: number | null }[],
): Promise<ReadonlyMap<number, Run>> {
  const ids = tasks.flatMap(({ runRecipeId }) => runRecipeId ?? []);
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select r.id, r.name, r.flow_id, f.name as flow, case when ${visibleFlows(caller, 'r.flow_id')} then 1 else 0 end as seen
    from recipes r join flows f on f.id = r.flow_id where r.id in (${sql.join(ids)})`.execute(db);
  return new Map(rows.map((row) => [row.id, toRun(row, flowId)]));
}

function toRun({ id, name, flow_id, flow, seen }: Row, flowId: number): Run {
  if (flow_id === flowId) return { flow: null, recipe: name };
  return seen === 1 ? { flow, recipe: name } : { flow: 'not seen here', recipe: `recipe ${id}` };
}

/** The one recipe of these names that the caller may see, or why there is none, as a sentence. */
export async function findRun(
  db: Read,
  caller: Caller,
  { flow, recipe }: { readonly flow: string; readonly recipe: string },
): Promise<number | string> {
  const { rows: flows } = await sql<{ id: number }>`
    select f.id from flows f where f.name = ${flow} and f.deleted_at is null and ${visibleFlows(caller, 'f.id')}
    order by f.id`.execute(db);
  const [found, ...more] = flows;
  if (found === undefined) return `There is no flow named ${JSON.stringify(flow)}, or you may not see it.`;
  if (more.length > 0)
    return `Several flows are named ${JSON.stringify(flow)}: rename all but one, since a document knows them by their names.`;
  const all = await db
    .selectFrom('recipes')
    .select(['id', 'name'])
    .where('flow_id', '=', found.id)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  const match = all.find(({ name }) => foldName(name) === foldName(recipe));
  return match?.id ?? `The flow ${flow} has no recipe named ${JSON.stringify(recipe)}.`;
}
