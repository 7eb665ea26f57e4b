// Copies a flow: webhook tasks stay behind unless they are asked for, and come without their secrets.
import { readDatasets } from '../flows/datasets/dataset-store.ts';
import { withholding } from '../flows/datasets/dataset-leave.ts';
import { requireUnbound } from '../flows/flow.ts';
import { readFlow } from '../flows/flow.ts';
import { selectOne } from '../flows/flow-store.ts';
import { readGraph } from '../flows/graph-store.ts';
import { recheckFlow } from '../flows/recipes/recheck.ts';
import type { Read, Tx } from '../db/database.ts';
import type { Keeping, Kept } from '../db/kept-answer.ts';
import { insertDataset } from '../flows/datasets/dataset-store.ts';
import type { Caller } from '../people/caller.ts';
import { requireFlow } from '../people/flow-access-store.ts';
import type { DatasetPart, FlowContent, TaskPart } from './flow-content.ts';
import { describeMissing } from '../webhooks/tasks/missing-secret.ts';
import { readContent } from './read-content.ts';
import { findVisibleRecipes } from './task-target.ts';
import { writeContent, type TransferContext } from './write-content.ts';

export interface CopyRequest {
  readonly name: string | undefined;
  readonly description: string | null | undefined;
  /** Datasets of the copier's own over the same files; else the copy reads those of the original. */
  readonly copyDatasets: boolean;
  readonly copyTasks: boolean;
}

export interface Copied {
  readonly flowId: number;
  /** What did not come along, or is off, in words. */
  readonly warnings: readonly string[];
}

/** The copy belongs to the caller, who must see the flow. Shares and history stay behind; a schedule comes along switched off. */
export async function copyFlow(
  context: TransferContext & Keeping,
  caller: Caller,
  flowId: number,
  request: CopyRequest,
): Promise<Kept<Copied>> {
  const { room } = context;
  const { db } = room;
  const flow = await readFlow(room, caller, flowId);
  requireUnbound(caller, 'make new flows');
  // They hold what readers of the flow don't see.
  if (request.copyTasks) await requireFlow(db.read, caller, flowId, 'editor');
  const whole = await readContent(db.read, context.tasks.box, flow, { withTasks: request.copyTasks });
  const { content, warnings } = await keepRunnable(db.read, caller, whole);
  const off = content.schedule === null ? [] : ['Its schedule is switched off: look at it and enable it.'];
  const copied = await db.transaction(async (tx) => {
    const datasets = request.copyDatasets
      ? await copyDatasets(tx, caller, content.datasets)
      : content.datasets;
    const copy = { ...toCopy(content, request), datasets };
    const { flowId: id } = await writeContent(tx, context, caller.personId, copy);
    const withheld = await listWithheld(tx, id);
    return context.keep<Copied>(tx, { flowId: id, warnings: [...warnings, ...withheld, ...off] });
  });
  await recheckFlow(room, copied.flowId, [], { asker: caller.personId });
  return copied;
}

/** What the copy holds and its owner may not read, in words. */
async function listWithheld(db: Read, flowId: number): Promise<string[]> {
  const nodes = [...(await readGraph(db, flowId)).values()].filter(({ withheld }) => withheld !== null);
  return nodes.map(({ name }) => withholding(name).message);
}

/** Tasks run with the rights of who copies them: what that person may not see stays behind. */
async function keepRunnable(
  db: Read,
  caller: Caller,
  content: FlowContent,
): Promise<{ content: FlowContent; warnings: string[] }> {
  const ids = content.tasks.flatMap(({ target }) => (target?.kind === 'other' ? (target.id ?? []) : []));
  const visible = await findVisibleRecipes(db, caller, ids);
  const lost = content.tasks.filter(
    ({ target }) => target?.kind === 'other' && !(target.id !== null && visible.has(target.id)),
  );
  const warnings = lost.map(
    ({ task: { name } }) =>
      `The webhook task ${name} stayed behind: it runs a recipe that you may not see, or that is deleted.`,
  );
  return { content: { ...content, tasks: content.tasks.filter((part) => !lost.includes(part)) }, warnings };
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
function disable({ key, task, target }: TaskPart): TaskPart {
  const reason = describeMissing(task) ?? 'It was copied with its flow: look at it and enable it.';
  return { key, target, task: { ...task, enabled: false }, disabledReason: reason };
}

async function copyDatasets(tx: Tx, caller: Caller, parts: readonly DatasetPart[]): Promise<DatasetPart[]> {
  const copies = [];
  for (const part of parts) {
    if (part.source.kind !== 'existing') {
      copies.push(part);
      continue;
    }
    const { name, description, origin, uri, size_bytes: bytes, reading } = part.source.dataset;
    const { pattern } = part;
    const row = { name, description, origin, uri, bytes, reading, ...(pattern !== null && { pattern }) };
    const id = await insertDataset(tx, caller.personId, row);
    const [dataset] = await readDatasets(tx, selectOne('d.id', id));
    copies.push({ ...part, source: { kind: 'existing' as const, dataset: dataset! } });
  }
  return copies;
}
