// Copies a flow: webhook tasks stay behind unless they are asked for, and come without their secrets.
import { readDatasets } from '../flows/dataset-store.ts';
import { requireUnbound } from '../flows/flow.ts';
import { readFlow } from '../flows/flow.ts';
import { readFlows, selectOne, type FlowRow } from '../flows/flow-store.ts';
import { recheckFlow } from '../flows/recheck.ts';
import type { Tx } from '../db/database.ts';
import { insertDataset } from '../flows/dataset-store.ts';
import type { FlowRoom } from '../flows/flow-room.ts';
import type { Caller } from '../people/caller.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import type { DatasetPart, FlowContent, TaskPart } from './flow-content.ts';
import { describeMissing } from '../webhooks/withheld.ts';
import { readContent } from './read-content.ts';
import { writeContent, type TransferContext } from './write-content.ts';

export interface CopyRequest {
  readonly name: string | undefined;
  readonly description: string | null | undefined;
  /** Datasets of the copier's own over the same files; else the copy reads those of the original. */
  readonly copyDatasets: boolean;
  readonly copyTasks: boolean;
}

/** The copy belongs to the caller, who must see the flow. Schedules, shares and history stay behind. */
export async function copyFlow(
  context: TransferContext,
  caller: Caller,
  flowId: number,
  request: CopyRequest,
): Promise<FlowRow> {
  const { room } = context;
  const { db } = room;
  const flow = await readFlow(room, caller, flowId);
  requireUnbound(caller, 'make new flows');
  // They hold what readers of the flow don't see.
  if (request.copyTasks) await requireFlow(db.read, caller, flowId, 'editor');
  const content = await readContent(db.read, context.tasks.box, flow, { withTasks: request.copyTasks });
  const id = await db.transaction(async (tx) => {
    const datasets = request.copyDatasets
      ? await copyDatasets(tx, room, caller, content.datasets)
      : content.datasets;
    return (await writeContent(tx, context, caller.personId, { ...toCopy(content, request), datasets }))
      .flowId;
  });
  await recheckFlow(room, id, []);
  return (await readFlows(db.read, selectOne('f.id', id)))[0]!;
}

function toCopy(content: FlowContent, { name, description }: CopyRequest): FlowContent {
  return {
    ...content,
    name: name ?? `${content.name} (copy)`.slice(0, 255),
    description: description === undefined ? content.description : description,
    tasks: content.tasks.map(disable),
  };
}

/** It waits until somebody has looked at it, so that nobody is called twice unawares. */
function disable({ key, task }: TaskPart): TaskPart {
  const reason = describeMissing(task) ?? 'It was copied with its flow: look at it and enable it.';
  return { key, task: { ...task, enabled: false }, disabledReason: reason };
}

async function copyDatasets(
  tx: Tx,
  { db }: FlowRoom,
  caller: Caller,
  parts: readonly DatasetPart[],
): Promise<DatasetPart[]> {
  const copies = [];
  for (const part of parts) {
    if (part.source.kind !== 'existing') continue;
    const { name, description, origin, uri, size_bytes: bytes, reading } = part.source.dataset;
    const row = { name, description, origin, uri, bytes, reading };
    const id = await insertDataset(tx, db.engine, caller.personId, row);
    const [dataset] = await readDatasets(tx, selectOne('d.id', id));
    copies.push({ ...part, source: { kind: 'existing' as const, dataset: dataset! } });
  }
  return copies;
}
