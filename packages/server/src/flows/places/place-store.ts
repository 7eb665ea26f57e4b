// The rows of places, and the one text that says whether a row still holds.
import { sql } from 'kysely';
import type { Read, Tx } from '../../db/database.ts';
import { readNow } from '../../db/dialect.ts';
import { insertMany, tableOf } from '../../db/rows.ts';
import { readForm, type PlaceForm } from './place-form.ts';
import type { OwnedPlace } from './place-index.ts';
import { listRivalKeys, listRivalRanges } from './place-rule.ts';

/** What a flow wants to hold: a path that is filled, and where it comes from. */
export interface PlaceClaim extends OwnedPlace {
  readonly path: string;
  readonly recipeId: number | null;
  /** The path of the write setting that it was made of; empty for an output without any, null where a launch chose it. */
  readonly template: string | null;
}

export interface HeldPlace extends OwnedPlace {
  readonly path: string;
}

interface Row {
  readonly key: string;
  readonly path: string;
  readonly flow_id: number;
  readonly creates: number;
  readonly replaces: number;
}

const columns = sql.raw('p.key, p.path, p.flow_id, p.creates, p.replaces');

/**
 * A place ends when its flow, its output or its path does, by itself: it holds as long as an output of the flow has the
 * path that it was made of; one that a launch chose, as long as the recipe and its outputs.
 */
const holds = sql<boolean>`exists (select 1 from flows f where f.id = p.flow_id and f.deleted_at is null) and case
  when p.template is null then exists (select 1 from recipes r where r.id = p.recipe_id and r.deleted_at is null)
    and (exists (select 1 from outputs o where o.recipe_id = p.recipe_id and o.deleted_at is null)
      or not exists (select 1 from outputs o where o.recipe_id = p.recipe_id))
  when p.template = '' then exists (select 1 from outputs o where o.recipe_id = p.recipe_id and o.deleted_at is null
    and not exists (select 1 from write_settings w where w.output_id = o.id and w.deleted_at is null))
  else exists (select 1 from outputs o join write_settings w on w.output_id = o.id
    where o.flow_id = p.flow_id and o.deleted_at is null and w.deleted_at is null and w.path = p.template) end`;

const askedColumns = { key: 'text', flow_id: 'bigint' } as const;

/** Those that these flows hold at these very keys. */
export async function readOwn(db: Read, asked: readonly OwnedPlace[]): Promise<HeldPlace[]> {
  if (asked.length === 0) return [];
  const rows = asked.map(({ key, flowId }) => ({ key, flow_id: flowId }));
  const { rows: found } = await sql<Row>`
    select ${columns} from ${tableOf(db, 'given', askedColumns, rows)}
    join places p on p.key = given.key and p.flow_id = given.flow_id where ${holds}`.execute(db);
  return found.map(toHeld);
}

/** All that may collide with these, of whatever flow. */
export async function readNear(db: Read, asked: readonly OwnedPlace[]): Promise<HeldPlace[]> {
  if (asked.length === 0) return [];
  const keys = [...new Set(asked.flatMap(listRivalKeys))].map((key) => ({ key }));
  const ranges = asked.flatMap(listRivalRanges);
  const { rows } = await sql<Row>`
    select ${columns} from ${tableOf(db, 'given', { key: 'text' }, keys)} join places p on p.key = given.key
    where ${holds}
    union
    select ${columns} from ${tableOf(db, 'given', { low: 'text', high: 'text' }, ranges)}
    join places p on p.key > given.low and p.key < given.high where ${holds}`.execute(db);
  return rows.map(toHeld);
}

/** How what stands there was written, by key, where that is known. */
export async function readForms(
  db: Read,
  flowId: number,
  keys: readonly string[],
): Promise<Map<string, PlaceForm>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom('places')
    .select(['key', 'form'])
    .where('flow_id', '=', flowId)
    .where('key', 'in', [...keys])
    .execute();
  return new Map(rows.flatMap(({ key, form }) => (form === null ? [] : [[key, readForm(form)] as const])));
}

export async function readAllHeld(db: Read): Promise<HeldPlace[]> {
  const { rows } = await sql<Row>`select ${columns} from places p where ${holds}`.execute(db);
  return rows.map(toHeld);
}

function toHeld({ key, path, flow_id, creates, replaces }: Row): HeldPlace {
  return { key, path, flowId: flow_id, creates: creates === 1, replaces: replaces === 1 };
}

const placeColumns = {
  key: 'text',
  path: 'text',
  flow_id: 'bigint',
  recipe_id: 'bigint',
  template: 'text',
  creates: 'bigint',
  replaces: 'bigint',
  claimed_at: 'bigint',
} as const;

/** Only for what was found free under the turn: what has ended, or was the flow's own, is written over. */
export async function writePlaces(tx: Tx, claims: readonly PlaceClaim[]): Promise<void> {
  if (claims.length === 0) return;
  const at = await readNow(tx);
  const byKey = new Map<string, PlaceClaim>();
  for (const claim of claims) byKey.set(claim.key, join(byKey.get(claim.key), claim));
  const rows = [...byKey.values()].map(({ key, path, flowId, recipeId, template, creates, replaces }) => ({
    key,
    path,
    flow_id: flowId,
    recipe_id: recipeId,
    template,
    creates: creates ? 1 : 0,
    replaces: replaces ? 1 : 0,
    claimed_at: at,
  }));
  const kept = (column: string) =>
    sql.raw(
      `${column} = case when places.flow_id = excluded.flow_id and places.${column} = 1 then 1 else excluded.${column} end`,
    );
  await insertMany(tx, {
    table: 'places',
    columns: placeColumns,
    rows,
    onConflict: sql`on conflict (key) do update set path = excluded.path, flow_id = excluded.flow_id,
      recipe_id = excluded.recipe_id, template = excluded.template, ${kept('creates')}, ${kept('replaces')},
      newest_job_id = case when places.flow_id = excluded.flow_id then places.newest_job_id end,
      form = case when places.flow_id = excluded.flow_id then places.form end,
      claimed_at = excluded.claimed_at`,
  });
}

/** One flow's two ways of writing to one path are one place. */
function join(before: PlaceClaim | undefined, claim: PlaceClaim): PlaceClaim {
  if (before === undefined) return claim;
  const { creates, replaces } = before;
  return { ...claim, creates: creates || claim.creates, replaces: replaces || claim.replaces };
}
