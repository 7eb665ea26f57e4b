// Records what has happened to a flow: the event, one decision for each task, one delivery for each that fires.
import type { Announcement, Database, Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { insertMany } from '../db/rows.ts';
import { decideTask, DECISION_REASONS, type Decision, type EventToDecide } from './decision.ts';
import { type Facts, writeFacts } from './fact.ts';
import { freezeBody, packBody } from './frozen-body.ts';
import type { LoadedTask, TaskCache } from './task-cache.ts';

/** A job that has ended in this transaction, whose flow's row is locked by it. */
export interface EndedJob {
  readonly jobId: number;
  readonly flowId: number;
  /** The flow's task revision, read under the lock: the decisions are about the tasks of that revision. */
  readonly taskRevision: number;
  /** Makes the event unique: `job:<id>`. */
  readonly occurrenceKey: string;
  readonly kind: EventToDecide['kind'];
  readonly recipe: { readonly id: number; readonly name: string } | null;
  readonly silenced: boolean;
  readonly facts: Facts;
}

export interface RecordContext {
  readonly db: Pick<Database, 'engine' | 'announce'>;
  readonly tasks: TaskCache;
  /** The public id of a delivery: random, so that two servers never collide at a common receiver. */
  makePublicId(): string;
  settings(): { readonly switchedOn: boolean; readonly maximumAgeMs: number };
}

interface Owed {
  readonly publicId: string;
  readonly eventId: number;
  readonly jobId: number;
  readonly flowId: number;
  readonly task: LoadedTask;
  readonly body: string | null;
  /** Why it is born dead; null where it can be sent. */
  readonly deadReason: string | null;
}

/** The topic of announcements about deliveries that may be due. */
export const deliveriesDue = 'deliveries.due';
/** The topic of announcements about deliveries that have changed. */
export const deliveriesChanged = 'deliveries.changed';

/** Records the ends of jobs in the transaction that ends them: events, decisions and deliveries stand or fall together with it. */
export async function recordEndedJobs(
  tx: Tx,
  context: RecordContext,
  ended: readonly EndedJob[],
): Promise<void> {
  if (ended.length === 0) return;
  const eventIds = await insertEvents(tx, context, ended);
  const owed: Owed[] = [];
  const decisions: (Decision & { eventId: number; taskId: number })[] = [];
  for (const job of ended) {
    const eventId = eventIds.get(job.occurrenceKey)!;
    for (const task of await context.tasks.readOfFlow(tx, job.flowId, job.taskRevision)) {
      const decision = decideTask(task.toDecide, { ...job, switchedOn: context.settings().switchedOn });
      if (!DECISION_REASONS[decision.reason].recorded) continue;
      decisions.push({ ...decision, eventId, taskId: task.id });
      if (decision.fires) owed.push(oweDelivery(context, eventId, job, task));
    }
  }
  await insertDecisions(tx, context, decisions);
  await insertDeliveries(tx, context, owed);
  announceOwed(tx, context, owed);
}

function oweDelivery(context: RecordContext, eventId: number, job: EndedJob, task: LoadedTask): Owed {
  const { jobId, flowId } = job;
  const born = { publicId: context.makePublicId(), eventId, jobId, flowId, task };
  if (task.bodyTemplate === null) return { ...born, body: null, deadReason: null };
  const frozen = freezeBody(task.bodyTemplate, job.facts);
  if (frozen.ok) return { ...born, body: packBody(frozen.body), deadReason: null };
  return { ...born, body: null, deadReason: frozen.reason };
}

const eventColumns = {
  flow_id: 'bigint',
  kind: 'text',
  occurrence_key: 'text',
  job_id: 'bigint',
  facts: 'text',
  task_revision: 'bigint',
  created_at: 'bigint',
} as const;

async function insertEvents(
  tx: Tx,
  { db }: RecordContext,
  ended: readonly EndedJob[],
): Promise<Map<string, number>> {
  const rows = ended.map((job) => ({
    flow_id: job.flowId,
    kind: job.kind,
    occurrence_key: job.occurrenceKey,
    job_id: job.jobId,
    facts: writeFacts(job.facts),
    task_revision: job.taskRevision,
    created_at: Date.parse(job.facts.job.finishedAt),
  }));
  const inserted = await insertMany<typeof eventColumns, { id: number; occurrence_key: string }>(
    tx,
    db.engine,
    {
      table: 'events',
      columns: eventColumns,
      rows,
      returning: ['id', 'occurrence_key'],
    },
  );
  return new Map(inserted.map(({ id, occurrence_key }) => [occurrence_key, id]));
}

const decisionColumns = {
  event_id: 'bigint',
  task_id: 'bigint',
  fires: 'bigint',
  reason: 'text',
  detail: 'text',
} as const;

async function insertDecisions(
  tx: Tx,
  { db }: RecordContext,
  decisions: readonly (Decision & { eventId: number; taskId: number })[],
): Promise<void> {
  const rows = decisions.map(({ eventId, taskId, fires, reason, detail }) => ({
    event_id: eventId,
    task_id: taskId,
    fires: fires ? 1 : 0,
    reason,
    detail,
  }));
  await insertMany(tx, db.engine, { table: 'decisions', columns: decisionColumns, rows });
}

const deliveryColumns = {
  public_id: 'text',
  event_id: 'bigint',
  task_id: 'bigint',
  flow_id: 'bigint',
  job_id: 'bigint',
  state: 'text',
  due_at: 'bigint',
  host: 'text',
  end_reason: 'text',
  created_at: 'bigint',
  updated_at: 'bigint',
  expires_at: 'bigint',
  ended_at: 'bigint',
} as const;
const bodyColumns = { delivery_id: 'bigint', body: 'text' } as const;

async function insertDeliveries(
  tx: Tx,
  { db, settings }: RecordContext,
  owed: readonly Owed[],
): Promise<void> {
  if (owed.length === 0) return;
  const now = await readNow(db.engine, tx);
  const { maximumAgeMs } = settings();
  const rows = owed.map(({ publicId, eventId, jobId, flowId, task, deadReason }) => ({
    public_id: publicId,
    event_id: eventId,
    task_id: task.id,
    flow_id: flowId,
    job_id: jobId,
    state: deadReason === null ? 'pending' : 'dead',
    due_at: deadReason === null ? now : null,
    host: task.host,
    end_reason: deadReason,
    created_at: now,
    updated_at: now,
    expires_at: now + maximumAgeMs,
    ended_at: deadReason === null ? null : now,
  }));
  const inserted = await insertMany<typeof deliveryColumns, { id: number; public_id: string }>(
    tx,
    db.engine,
    {
      table: 'deliveries',
      columns: deliveryColumns,
      rows,
      returning: ['id', 'public_id'],
    },
  );
  const ids = new Map(inserted.map(({ id, public_id }) => [public_id, id]));
  const bodies = owed
    .filter(({ body }) => body !== null)
    .map(({ publicId, body }) => ({ delivery_id: ids.get(publicId)!, body }));
  await insertMany(tx, db.engine, { table: 'delivery_bodies', columns: bodyColumns, rows: bodies });
}

function announceOwed(tx: Tx, { db }: RecordContext, owed: readonly Owed[]): void {
  const flows = new Set(owed.map(({ flowId }) => flowId));
  for (const flowId of flows)
    db.announce(tx, { topic: deliveriesDue, flowId, ids: [] } satisfies Announcement);
}
