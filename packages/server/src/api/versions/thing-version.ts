// What the things of a flow are, told by a version: another one after each change of a thing, and after nothing else.
import { sql, type RawBuilder } from 'kysely';
import type { VersionedThing } from '@flowhook/contract/endpoint';
import type { SecretBox } from '../../base/secret.ts';
import type { Read, Tx } from '../../db/database.ts';
import { readDatasets } from '../../flows/datasets/dataset-store.ts';
import { readFlows, selectOne, type StampedRow } from '../../flows/flow-store.ts';
import { readOutputs, readSettingsOf, readWriteSettings } from '../../flows/output-store.ts';
import { readNote, readRecipes } from '../../flows/recipes/recipe-store.ts';
import { readSchedules } from '../../schedules/schedule-store.ts';
import { findTaskAsItIs } from '../../webhooks/tasks/stored-task.ts';

/** What it is, as JSON: without who changed it when, and without what is found or done about it. Undefined: there is none. */
type ReadContent = (db: Read, id: number, box: SecretBox) => Promise<object | undefined>;

type Stamp = 'creator_name' | 'creator_email' | 'updater_id' | 'updated_at';

/** It keeps when it was deleted: that is a change. */
function unstamped<Row extends StampedRow>(row: Row): Omit<Row, Stamp> {
  const { creator_name: _name, creator_email: _email, updater_id: _id, updated_at: _at, ...rest } = row;
  return rest;
}

const readFlow: ReadContent = async (db, id) => {
  const [row] = await readFlows(db, selectOne('f.id', id));
  if (row === undefined) return undefined;
  const { owner_name: _name, owner_email: _email, ...rest } = unstamped(row);
  return rest;
};

const readDataset: ReadContent = async (db, id) => {
  const [row] = await readDatasets(db, selectOne('d.id', id));
  if (row === undefined) return undefined;
  // Which of its files were looked at, and how large they are, is found.
  const { reading, size_bytes: _size, ...rest } = unstamped(row);
  const { checked: _checked, ...read } = reading;
  return { ...rest, reading: read };
};

const readRecipe: ReadContent = async (db, id) => {
  const [row] = await readRecipes(db, selectOne('r.id', id));
  if (row === undefined) return undefined;
  // Its columns are found anew whenever something that it reads is changed.
  const { flow_name: _flow, columns: _columns, ...rest } = unstamped(row);
  return { ...rest, note: row.has_note > 0 ? await readNote(db, id) : null };
};

const readOutput: ReadContent = async (db, id) => {
  const [row] = await readOutputs(db, selectOne('o.id', id));
  if (row === undefined) return undefined;
  const { flow_name: _flow, recipe_name: _recipe, ...rest } = unstamped(row);
  return { ...rest, files: (await readSettingsOf(db, [id])).map(({ rule }) => rule) };
};

const readWriteSetting: ReadContent = async (db, id) => {
  const [row] = await readWriteSettings(db, selectOne('w.id', id));
  return row && unstamped(row);
};

const readSchedule: ReadContent = async (db, id) => {
  const [row] = await readSchedules(db, selectOne('s.id', id));
  if (row === undefined) return undefined;
  // These two are moved by the clock.
  const { flow_name: _flow, next_at: _next, waiting_at: _waiting, ...rest } = unstamped(row);
  return rest;
};

const readParameter: ReadContent = async (db, id) =>
  db
    .selectFrom('flow_parameters')
    .select(['id', 'flow_id', 'name', 'type', 'default_value', 'description', 'deleted_at'])
    .where('id', '=', id)
    .executeTakeFirst();

const readTask: ReadContent = async (db, id, box) => {
  const task = await findTaskAsItIs(db, box, id);
  if (task === undefined) return undefined;
  // The key before it runs out by the clock.
  const { updaterId: _updater, updatedAt: _at, earlierKey: _key, unopened, ...rest } = task;
  return { ...rest, unopened: unopened?.message ?? null };
};

interface Thing {
  readonly read: ReadContent;
  readonly table: RawBuilder<unknown>;
  /** The flow of the thing `id`, whose row is locked before the thing's own, as everywhere; none for what is in no flow. */
  flowOf?(id: number): RawBuilder<unknown>;
}

const inFlow = (table: string) => ({
  table: sql.raw(table),
  flowOf: (id: number) => sql`select flow_id from ${sql.raw(table)} where id = ${id}`,
});

const things: Readonly<Record<VersionedThing, Thing>> = {
  flow: { read: readFlow, table: sql.raw('flows') },
  dataset: { read: readDataset, table: sql.raw('datasets') },
  recipe: { read: readRecipe, ...inFlow('recipes') },
  output: { read: readOutput, ...inFlow('outputs') },
  writeSetting: {
    read: readWriteSetting,
    table: sql.raw('write_settings'),
    flowOf: (id) =>
      sql`select o.flow_id from write_settings w join outputs o on o.id = w.output_id where w.id = ${id}`,
  },
  schedule: { read: readSchedule, ...inFlow('schedules') },
  parameter: { read: readParameter, ...inFlow('flow_parameters') },
  task: { read: readTask, ...inFlow('webhook_tasks') },
};

/** 160 bits. */
const length = 27;

/** A strong ETag; null where there is no such thing. It is keyed: secrets count, and nobody can try which one it was. */
export async function readVersion(
  db: Read,
  box: SecretBox,
  kind: VersionedThing,
  id: number,
): Promise<string | null> {
  const content = await things[kind].read(db, id, box);
  if (content === undefined) return null;
  return `"${box.mark(JSON.stringify([kind, content])).slice(0, length)}"`;
}

/** Until the transaction ends nobody else changes the thing. */
export async function lockThing(tx: Tx, kind: VersionedThing, id: number): Promise<void> {
  const { table, flowOf } = things[kind];
  if (flowOf !== undefined)
    await sql`select id from flows where id = (${flowOf(id)}) ${tx.forUpdate}`.execute(tx);
  await sql`select id from ${table} where id = ${id} ${tx.forUpdate}`.execute(tx);
}
