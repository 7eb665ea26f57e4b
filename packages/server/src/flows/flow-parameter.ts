// Making, changing and deleting the parameters of a flow; what reads them is checked again.
import { foldName } from '@flowhook/contract/flow/name';
import { Problem, invalidField, notFound } from '../base/error.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import type { ParameterType } from '../engine/engine.ts';
import type { Caller } from '../people/caller.ts';
import type { FlowRole } from '../people/flow-access.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import { announceFlow, type FlowRoom } from './flow-room.ts';
import { lockFlow } from './flow-store.ts';
import { findNameFault, readValue } from './parameter.ts';
import {
  insertParameter,
  markParameterDeleted,
  readParameterRows,
  updateParameter,
  type ParameterContent,
  type ParameterRow,
} from './parameter-store.ts';
import { readRecipesOfFlow } from './recipes/recipe-store.ts';
import { recheckFlow, type Warning } from './recipes/recheck.ts';

/** As many as a launch may give values to. */
const maxParameters = 200;

export interface GivenParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly defaultValue: unknown;
  readonly description: string | null;
}

export interface ChangedParameter {
  readonly parameter: ParameterRow;
  /** Recipes that no longer validate. */
  readonly warnings: readonly Warning[];
}

export async function readParameters(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
): Promise<ParameterRow[]> {
  await requireFlow(room.db.read, caller, flowId, 'viewer');
  return readParameterRows(room.db.read, flowId);
}

/** A parameter by its own id, in its flow. */
export interface ParameterPlace {
  readonly flowId: number;
  readonly id: number;
}

/** Throws where the flow has no such parameter, or the caller may not see it. */
export async function readParameter(
  room: FlowRoom,
  caller: Caller,
  place: ParameterPlace,
): Promise<ParameterRow> {
  return requireParameter(room, caller, place, 'viewer');
}

async function requireParameter(
  { db }: FlowRoom,
  caller: Caller,
  { flowId, id }: ParameterPlace,
  role: FlowRole = 'editor',
): Promise<ParameterRow> {
  await requireFlow(db.read, caller, flowId, role);
  const row = (await readParameterRows(db.read, flowId)).find((each) => each.id === id);
  if (row === undefined) throw notFound('parameter', id);
  return row;
}

/** Throws for a name or a value that can't be. */
export function settleParameter({ name, type, defaultValue, description }: GivenParameter): ParameterContent {
  const fault = findNameFault(name);
  if (fault !== null) throw invalidField('name', fault);
  const read = readValue(type, defaultValue);
  if (!read.ok) throw invalidField('defaultValue', read.detail);
  return { name, type, defaultValue: read.text, description };
}

function refuseTaken(rows: readonly ParameterRow[], name: string, selfId: number | null): void {
  const others = rows.filter(({ id }) => id !== selfId);
  if (others.length >= maxParameters)
    throw new Problem('limit_reached', `A flow has at most ${maxParameters} parameters.`);
  const taken = others.find((row) => foldName(row.name) === foldName(name));
  if (taken !== undefined)
    throw new Problem('conflict', `The flow has a parameter ${taken.name} already.`, [
      { field: 'name', detail: 'is taken in this flow.' },
    ]);
}

export async function createParameter(
  room: FlowRoom & Keeping,
  caller: Caller,
  flowId: number,
  given: GivenParameter,
): Promise<Kept<{ id: number }>> {
  const { db } = room;
  await requireFlow(db.read, caller, flowId, 'editor');
  const content = settleParameter(given);
  return db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    refuseTaken(await readParameterRows(tx, flowId), content.name, null);
    announceFlow(room, tx, flowId);
    return room.keep(tx, { id: await insertParameter(tx, caller.personId, flowId, content) });
  });
}

export async function changeParameter(
  room: FlowRoom,
  caller: Caller,
  { flowId, id }: ParameterPlace,
  change: { readonly [Name in keyof GivenParameter]?: GivenParameter[Name] | undefined },
): Promise<ChangedParameter> {
  const { db } = room;
  await requireParameter(room, caller, { flowId, id });
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    const rows = await readParameterRows(tx, flowId);
    const row = rows.find((each) => each.id === id);
    if (row === undefined) throw notFound('parameter', id);
    const content = settleParameter({
      name: change.name ?? row.name,
      type: change.type ?? row.type,
      defaultValue: change.defaultValue ?? row.default_value,
      description: change.description === undefined ? row.description : change.description,
    });
    refuseTaken(rows, content.name, id);
    announceFlow(room, tx, flowId);
    await updateParameter(tx, caller.personId, id, content);
  });
  return readChanged(room, caller, flowId, id);
}

/** The parameter as it is now, and which recipes no longer validate. */
export async function readChanged(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
  id: number,
): Promise<ChangedParameter> {
  const warnings = await recheckAll(room, caller, flowId);
  const parameter = (await readParameterRows(room.db.read, flowId)).find((each) => each.id === id);
  if (parameter === undefined) throw notFound('parameter', id);
  return { parameter, warnings };
}

async function recheckAll(room: FlowRoom, caller: Caller, flowId: number): Promise<Warning[]> {
  const recipes = await readRecipesOfFlow(room.db.read, flowId);
  return recheckFlow(
    room,
    flowId,
    recipes.map(({ id }) => id),
    { themselves: true, asker: caller.personId },
  );
}

/** Deletes it; recipes that read it no longer validate, and are named. */
export async function removeParameter(
  room: FlowRoom,
  caller: Caller,
  { flowId, id }: ParameterPlace,
): Promise<readonly Warning[]> {
  const { db } = room;
  await requireParameter(room, caller, { flowId, id });
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    announceFlow(room, tx, flowId);
    await markParameterDeleted(tx, caller.personId, id);
  });
  return recheckAll(room, caller, flowId);
}
