// Making, changing and deleting flows.
import { sql } from 'kysely';
import { Problem } from '../base/error.ts';
import type { Database } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import type { Caller } from '../people/caller.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import { announceFlow, type FlowRoom } from './flow-room.ts';
import {
  insertFlow,
  lockFlow,
  markFlowDeleted,
  readFlows,
  selectOne,
  updateFlow,
  type FlowRow,
  type NewFlow,
} from './flow-store.ts';

/** Refuses what reaches beyond the flows that a narrowed token is bound to. */
export function requireUnbound(caller: Caller, what: string): void {
  if (caller.flowIds !== null)
    throw new Problem('forbidden', `This access token is bound to flows: it can't ${what}.`);
}

export async function createFlow(
  room: FlowRoom & Keeping,
  caller: Caller,
  flow: NewFlow,
): Promise<Kept<{ id: number }>> {
  requireUnbound(caller, 'make new flows');
  return room.db.transaction(async (tx) => {
    const id = await insertFlow(tx, caller.personId, flow);
    announceFlow(room, tx, id);
    return room.keep(tx, { id });
  });
}

/** The flow's row, also where it is deleted and that is asked for. */
export async function readFlow(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
  includeDeleted = false,
): Promise<FlowRow> {
  await requireFlow(room.db.read, caller, flowId, { role: 'viewer', includeDeleted });
  return readOne(room.db, flowId);
}

async function readOne({ read }: Database, id: number): Promise<FlowRow> {
  return (await readFlows(read, selectOne('f.id', id)))[0]!;
}

export async function changeFlow(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
  change: Partial<NewFlow>,
): Promise<FlowRow> {
  const { db } = room;
  await requireFlow(db.read, caller, flowId, 'editor');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await updateFlow(tx, caller.personId, flowId, change);
    announceFlow(room, tx, flowId);
  });
  return readOne(db, flowId);
}

/** Deletes a flow with its recipes, outputs and tasks; its jobs are canceled, its history and its datasets stay. */
export async function removeFlow(room: FlowRoom, caller: Caller, flowId: number): Promise<void> {
  const { db, hooks } = room;
  await requireFlow(db.read, caller, flowId, 'owner');
  await db.transaction(async (tx) => {
    await lockFlow(tx, flowId);
    await hooks.flowDeleted(tx, flowId, caller.personId);
    await markFlowDeleted(tx, caller.personId, flowId);
    announceFlow(room, tx, flowId);
  });
}

interface Named {
  readonly id: number;
  readonly name: string;
}

export interface FlowDeletion {
  readonly flow: Named;
  readonly recipes: readonly Named[];
  readonly outputIds: readonly number[];
  readonly datasets: readonly Named[];
}

/** What of this room would go with a flow, and the datasets, which would stay. */
export async function describeDeletion(
  room: FlowRoom,
  caller: Caller,
  flowId: number,
): Promise<FlowDeletion> {
  const { name } = await readFlow(room, caller, flowId);
  const named = async (query: ReturnType<typeof sql<Named>>) => (await query.execute(room.db.read)).rows;
  const outputs = await named(
    sql`select id, '' as name from outputs where flow_id = ${flowId} and deleted_at is null order by id`,
  );
  return {
    flow: { id: flowId, name },
    recipes: await named(
      sql`select id, name from recipes where flow_id = ${flowId} and deleted_at is null order by id`,
    ),
    outputIds: outputs.map(({ id }) => id),
    datasets: await named(sql`
      select d.id, d.name from flow_nodes n join datasets d on d.id = n.dataset_id
      where n.flow_id = ${flowId} and n.deleted_at is null order by d.id`),
  };
}
