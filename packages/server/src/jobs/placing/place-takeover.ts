// Results that were published before places had owners: the flow that published in a place first has it from now on.
import { sql } from 'kysely';
import type { Log } from '../../base/log.ts';
import type { Database, Read, Tx } from '../../db/database.ts';
import { takePlacesTurn } from '../../flows/places/place-claim.ts';
import { createPlaceIndex, type PlaceIndex } from '../../flows/places/place-index.ts';
import { listFolders, toPlace, type WriteAction } from '../../flows/places/place-rule.ts';
import { readAllHeld, writePlaces, type PlaceClaim } from '../../flows/places/place-store.ts';
import { findPlaceholder } from '../../flows/placeholder.ts';
import { choosePlannedPath, type WriteRule } from '../../flows/write-setting-rule.ts';
import { readSettingsOf } from '../../flows/output-store.ts';

interface FileRow {
  readonly id: number;
  readonly job_id: number;
  readonly path: string;
  readonly action: WriteAction;
  readonly flow_id: number;
  readonly recipe_id: number | null;
  readonly output_id: number;
}

const pageSize = 5000;

/** Once in the life of a database; before anything is launched. One that would write where another was first is told in the log. */
export async function takeOverPlaces(db: Database, log: Log): Promise<void> {
  const waiting = await db.read.selectFrom('place_takeovers').select('last_file_id').executeTakeFirst();
  if (waiting === undefined) return;
  const told = await db.transaction(async (tx) => {
    await takePlacesTurn(tx);
    const row = await tx.selectFrom('place_takeovers').select('last_file_id').executeTakeFirst();
    if (row === undefined) return [];
    const found = await readFirstPlaces(tx, row.last_file_id);
    await writePlaces(tx, found.taken);
    await tx.deleteFrom('place_takeovers').execute();
    return found.barred;
  });
  for (const { path, flowId } of told)
    log.warn(
      { path, flowId },
      'the place belongs to another flow, which published there first: this one has to choose another path',
    );
}

/** In the order in which files were published; who comes later to a place of another flow's has none. */
async function readFirstPlaces(
  tx: Tx,
  lastId: number,
): Promise<{ taken: PlaceClaim[]; barred: PlaceClaim[] }> {
  const rulesOf = await readRules(tx);
  const index = createPlaceIndex<PlaceClaim>();
  for (const place of await readAllHeld(tx)) index.add({ ...place, recipeId: null, template: null });
  const taken = new Map<string, PlaceClaim>();
  const barred = new Map<string, PlaceClaim>();
  for (let after = 0; after < lastId;) {
    const rows = await readPage(tx, after, lastId);
    if (rows.length === 0) break;
    for (const row of rows) {
      const claim = toClaim(row, rulesOf.get(row.output_id) ?? []);
      if (claim !== null) sort(claim, { index, taken, barred });
    }
    after = rows.at(-1)!.id;
  }
  return { taken: [...taken.values()], barred: [...barred.values()] };
}

interface Sorted {
  readonly index: PlaceIndex<PlaceClaim>;
  readonly taken: Map<string, PlaceClaim>;
  readonly barred: Map<string, PlaceClaim>;
}

function sort(claim: PlaceClaim, { index, taken, barred }: Sorted): void {
  const name = `${claim.flowId} ${claim.creates} ${claim.key}`;
  if (taken.has(name) || barred.has(name)) return;
  if (index.findRival(claim) !== undefined) return void barred.set(name, claim);
  taken.set(name, claim);
  index.add(claim);
}

async function readRules(db: Read): Promise<Map<number, WriteRule[]>> {
  const outputs = await db
    .selectFrom('outputs')
    .innerJoin('flows', 'flows.id', 'outputs.flow_id')
    .select('outputs.id')
    .where('outputs.deleted_at', 'is', null)
    .where('flows.deleted_at', 'is', null)
    .execute();
  const rules = new Map<number, WriteRule[]>(outputs.map(({ id }) => [id, []]));
  for (let from = 0; from < outputs.length; from += pageSize) {
    const ids = outputs.slice(from, from + pageSize).map(({ id }) => id);
    for (const { output_id, rule } of await readSettingsOf(db, ids)) rules.get(output_id)!.push(rule);
  }
  return rules;
}

/** Of outputs that are there still; what else was published belongs to nobody. */
async function readPage(tx: Tx, after: number, last: number): Promise<FileRow[]> {
  const { rows } = await sql<FileRow>`
    select f.id, f.job_id, f.path, f.action, j.flow_id, j.recipe_id, j.output_id
    from job_files f join jobs j on j.id = f.job_id
    join outputs o on o.id = j.output_id and o.deleted_at is null
    join flows w on w.id = j.flow_id and w.deleted_at is null
    where f.id > ${after} and f.id <= ${last} and f.published_at is not null
    order by f.id limit ${pageSize}`.execute(tx);
  return rows;
}

/** The place that a published file stands in, by what its output says today; null where its path has changed since. */
function toClaim(row: FileRow, rules: readonly WriteRule[]): PlaceClaim | null {
  const { action, flow_id: flowId, recipe_id: recipeId } = row;
  const claim = (path: string, template: string): PlaceClaim => ({
    ...toPlace(path, action),
    path,
    flowId,
    recipeId,
    template,
  });
  // Without write settings it is one file, named after the recipe.
  if (rules.length === 0) return claim(findPlanned(row, true), '');
  const fitting = rules.filter((rule) => rule.action === action);
  const isFixed = ({ path }: WriteRule) => findPlaceholder(path) === -1;
  const same = (rule: WriteRule) => choosePlannedPath(rule) === findPlanned(row, rule.asSingleFile);
  const rule = fitting.find((each) => isFixed(each) && same(each)) ?? fitting.find((each) => !isFixed(each));
  return rule === undefined ? null : claim(findPlanned(row, rule.asSingleFile), rule.path);
}

/** The path of which a published one was made (`choosePath` of `publish.ts`, the other way round). */
function findPlanned({ path, action, job_id: jobId }: FileRow, isSingle: boolean): string {
  if (action === 'append' || !isSingle) path = listFolders(path).at(-1) ?? path;
  if (action !== 'create') return path;
  const at = path.lastIndexOf('/') + 1;
  return path.slice(0, at) + path.slice(at).replace(new RegExp(`-${jobId}(?=\\.|$)`, 'u'), '');
}
