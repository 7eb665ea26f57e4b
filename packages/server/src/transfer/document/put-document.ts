// Makes a flow what a document says, in one transaction: whole, or not at all.
import type { FlowDocument, FlowDocumentGiven } from '@flowhook/contract/flow/flow-document';
import { foldName } from '@flowhook/contract/flow/name';
import { Problem } from '../../base/error.ts';
import { matchesVersion } from '../if-match.ts';
import type { Tx } from '../../db/database.ts';
import type { Keeping, Kept } from '../../db/kept-answer.ts';
import { recheckUses } from '../../flows/datasets/dataset.ts';
import { readUses } from '../../flows/datasets/dataset-store.ts';
import { requireUnbound } from '../../flows/flow.ts';
import { announceFlow } from '../../flows/flow-room.ts';
import { insertFlow, lockFlow, updateFlow } from '../../flows/flow-store.ts';
import { removeDatasetNode } from '../../flows/graph-store.ts';
import { markRecipeDeleted } from '../../flows/recipes/recipe-store.ts';
import type { Caller } from '../../people/caller.ts';
import { requireFlow } from '../../people/flow-access-store.ts';
import { putScheduleOfFlow } from '../../schedules/schedule.ts';
import type { TransferContext } from '../write-content.ts';
import { inPart, type Rename } from './part-problem.ts';
import type { Change } from './document-plan.ts';
import { listMissing } from './document-settle.ts';
import { prepareDocument, type Prepared } from './prepare-document.ts';
import { readDocument, type StoredDocument } from './read-document.ts';
import { writeGraph, type Writing } from './write-graph.ts';
import { writeTasks } from './write-task.ts';

/** The flow as a document, and the version that it is; for its editors, who alone see it whole. */
export async function readFlowDocument(
  { room: { db }, tasks }: TransferContext,
  caller: Caller,
  flowId: number,
): Promise<{ readonly document: FlowDocument; readonly version: string }> {
  await requireFlow(db.read, caller, flowId, 'editor');
  return db.readLong((moment) => readDocument(moment, tasks.box, caller, flowId));
}

export interface DocumentRequest {
  /** Null makes a flow. */
  readonly flowId: number | null;
  readonly document: FlowDocumentGiven;
  /** Everything is done but the commit. */
  readonly dryRun: boolean;
  /** The version that the flow must have, as the header says it; null for any. */
  readonly ifMatch: string | null;
}

export interface DocumentResult {
  /** Null in a dry run of a new flow. */
  readonly flowId: number | null;
  readonly changes: readonly Change[];
  readonly warnings: readonly string[];
  /** Of the flow after it; in a dry run as it is. Null where there is no flow. */
  readonly version: string | null;
}

/** What is prepared may be out of date by the time that the lock is held: somebody else was quicker. */
const maxTries = 3;

export async function putDocument(
  context: TransferContext & Keeping,
  caller: Caller,
  request: DocumentRequest,
): Promise<Kept<DocumentResult>> {
  const { room, tasks } = context;
  if (request.flowId === null) requireUnbound(caller, 'make new flows');
  else await requireFlow(room.db.read, caller, request.flowId, 'editor');
  for (let tries = 1; ; tries += 1) {
    const stored =
      request.flowId === null ? null : await readDocument(room.db.read, tasks.box, caller, request.flowId);
    if (stored !== null) requireVersion(request, stored);
    const prepared = await prepareDocument(context, caller, stored, request.document);
    const result = await write(context, caller, { request, prepared });
    if (result !== 'outdated') return recheckElsewhere(context, caller, prepared, result);
    if (tries === maxTries)
      throw new Problem('conflict', 'The flow is being changed by somebody else at this moment: try again.');
  }
}

function requireVersion({ ifMatch }: DocumentRequest, { version }: StoredDocument): void {
  if (ifMatch === null || matchesVersion(ifMatch, version)) return;
  const detail = 'The flow was changed since it was read: read it again.';
  throw new Problem('precondition_failed', detail, [], { etag: version });
}

interface Asked {
  readonly request: DocumentRequest;
  readonly prepared: Prepared;
}

/** Ends the transaction of a dry run, and undoes all of it. */
class Undone extends Error {
  readonly result: Kept<DocumentResult>;
  constructor(result: Kept<DocumentResult>) {
    super('a dry run');
    this.result = result;
  }
}

async function write(
  context: TransferContext & Keeping,
  caller: Caller,
  asked: Asked,
): Promise<Kept<DocumentResult> | 'outdated'> {
  const { request } = asked;
  try {
    return await context.room.db.transaction(async (tx) => {
      const result = await writeIn(tx, context, caller, asked);
      if (result === 'outdated') return result;
      const kept = await context.keep(tx, result);
      if (request.dryRun) throw new Undone(kept);
      return kept;
    });
  } catch (error) {
    if (error instanceof Undone) return error.result;
    throw error;
  }
}

async function writeIn(
  tx: Tx,
  context: TransferContext,
  caller: Caller,
  { request, prepared }: Asked,
): Promise<DocumentResult | 'outdated'> {
  const { room, tasks } = context;
  const { stored, plan } = prepared;
  const { personId } = caller;
  const { name, description } = plan.document;
  const flowId = request.flowId ?? (await insertFlow(tx, personId, { name, description }));
  await lockFlow(tx, flowId);
  if (stored !== null) {
    const now = await readDocument(tx, tasks.box, caller, flowId);
    requireVersion(request, now);
    if (now.state !== stored.state) return 'outdated';
  }
  const warnings = [...prepared.warnings, ...warnOfMissing(prepared)];
  if (plan.changes.length > 0) {
    if (stored !== null && plan.changes.some(({ kind }) => kind === 'flow'))
      await updateFlow(tx, personId, flowId, { name, description });
    warnings.push(...(await writeParts(tx, context, { room, caller, flowId, prepared, ids: new Map() })));
    announceFlow(room, tx, flowId);
  }
  const after = request.dryRun ? stored : await readDocument(tx, tasks.box, caller, flowId);
  return {
    flowId: request.dryRun ? request.flowId : flowId,
    changes: plan.changes,
    warnings,
    version: after?.version ?? null,
  };
}

/** Returns what looks wrong. */
async function writeParts(tx: Tx, context: TransferContext, writing: Writing): Promise<string[]> {
  const { room, tasks } = context;
  const { flowId, caller, prepared, ids } = writing;
  const { personId } = caller;
  await writeGraph(tx, writing);
  const recipes = new Map(
    prepared.recipes.map(({ node }) => [foldName(node.name), ids.get(node.id) ?? node.id]),
  );
  const warnings = await writeTasks(tx, { tasks, caller, flowId, prepared, recipes });
  await writeSchedule(tx, context, writing);
  for (const { node, id } of listGone(prepared)) {
    if (node === 'recipe') {
      await room.hooks.recipeDeleted(tx, { flowId, recipeId: id, personId });
      await markRecipeDeleted(tx, personId, id);
    } else await removeDatasetNode(tx, id);
  }
  return warnings;
}

const nameTime: Rename = (field) =>
  field
    .replace(/^triggers/u, 'times')
    .replace('.timeBased.', '.')
    .replace('.cron.expression', '.cron');

async function writeSchedule(
  tx: Tx,
  { room }: TransferContext,
  { flowId, caller: { personId }, prepared: { plan } }: Writing,
): Promise<void> {
  if (!plan.changes.some(({ kind }) => kind === 'schedule')) return;
  const { schedule } = plan.document;
  const triggers =
    schedule?.times.map(({ cron, timezone }) => ({ expression: cron, timeZone: timezone })) ?? [];
  const content = schedule === null ? null : { ...schedule, name: schedule.name || null, triggers };
  await inPart(['schedule'], () => putScheduleOfFlow(tx, room.db, { flowId, personId }, content), nameTime);
}

/** Recipes before datasets. */
function listGone({ stored, plan: { changes } }: Prepared): { node: 'recipe' | 'dataset'; id: number }[] {
  const nodes = [...(stored?.graph.values() ?? [])];
  return changes.flatMap(({ kind, key, action }) => {
    if (action !== 'delete' || (kind !== 'recipe' && kind !== 'dataset')) return [];
    const found = nodes.find((each) => each.kind === kind && foldName(each.name) === key)!;
    return [{ node: kind, id: found.id }];
  });
}

function warnOfMissing({ plan }: Prepared): string[] {
  return plan.document.webhookTasks.flatMap((task) => {
    const missing = listMissing(task);
    return missing.length === 0
      ? []
      : [`The webhook task ${task.name} stays off: it waits for ${missing.join(', ')}.`];
  });
}

/** Other flows may read a dataset that this one changed. */
async function recheckElsewhere(
  { room }: TransferContext,
  caller: Caller,
  { datasets }: Prepared,
  result: Kept<DocumentResult>,
): Promise<Kept<DocumentResult>> {
  const warnings = [];
  for (const { row, act } of datasets) {
    if (act.kind !== 'change' || result.version === null) continue;
    const uses = (await readUses(room.db.read, row.id)).filter(({ flowId }) => flowId !== result.flowId);
    warnings.push(...(await recheckUses(room, caller, uses)));
  }
  const said = warnings.map(
    ({ recipeName, message }) => `The recipe ${recipeName} no longer works: ${message}`,
  );
  return { ...result, warnings: [...result.warnings, ...said] };
}
