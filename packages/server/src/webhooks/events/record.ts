// Records what has happened to a flow: the event, one decision for each task, one delivery for each that fires.
import { setImmediate } from 'node:timers/promises';
import type { Tx } from '../../db/database.ts';
import { insertMany } from '../../db/rows.ts';
import { decideTask, decisionReasons, type Decision, type EventToDecide } from './decision.ts';
import { writeFacts, type Facts } from '../messages/fact.ts';
import { readSeries, readTold } from './history.ts';
import { insertDeliveries, oweDelivery, type OweContext, type Owed } from '../deliveries/new-delivery.ts';
import { continueSeries, historyOf } from './series.ts';
import { readBoundTasks, type LoadedTask, type TaskCache } from './task-cache.ts';

/** Something that has happened to a flow, whose row is locked by this transaction. */
export interface Occurrence extends Omit<EventToDecide, 'measured' | 'switchedOn'> {
  readonly flowId: number;
  /** Makes the event unique: one of `occurrenceKeys`. */
  readonly occurrenceKey: string;
  /** When it happened, epoch milliseconds. */
  readonly at: number;
  /** Names the series of jobs that the end of a job is compared with; null for any other event. */
  readonly seriesKey: string | null;
  readonly flowRunId: number | null;
  /** How many webhooks led to what happened: the chain's length so far. */
  readonly hop: number;
  /** Number of tasks that were given with the launch of its job. */
  readonly boundTaskCount: number;
  readonly facts: Facts;
}

export interface RecordContext extends OweContext {
  readonly tasks: TaskCache;
}

/** An occurrence with the tasks it is decided for and the facts that are frozen. */
interface Prepared extends Occurrence {
  readonly tasks: readonly LoadedTask[];
  readonly measured: EventToDecide['measured'];
}

/**
 * Characters of bodies that are made before they are written: 40 ends of jobs with 50 bodies of nearly a mebibyte each
 * took 2 GB at once, and other jobs that ended at the same moment failed.
 */
const maxTogether = 8 * 1024 * 1024;

/**
 * Records what happened in the transaction in which it happened: events, decisions and deliveries stand or fall together
 * with it. The end of a job, a deadline, a job that runs too long and the end of a flow run all come this way. Throws the
 * database's error where an occurrence key is recorded already.
 */
export async function recordEvents(
  tx: Tx,
  context: RecordContext,
  occurrences: readonly Occurrence[],
): Promise<void> {
  if (occurrences.length === 0) return;
  const prepared = await addHistory(tx, await addTasks(tx, context, occurrences));
  const { eventIds, now } = await insertEvents(tx, prepared);
  const { switchedOn } = context.settings();
  let owed: Owed[] = [];
  let size = 0;
  const decisions: (Decision & { eventId: number; taskId: number })[] = [];
  for (const event of prepared) {
    const id = eventIds.get(event.occurrenceKey)!;
    for (const task of event.tasks) {
      const decision = decideTask(task.toDecide, { ...event, switchedOn });
      if (!decisionReasons[decision.reason].recorded) continue;
      decisions.push({ ...decision, eventId: id, taskId: task.id });
      if (!decision.fires) continue;
      const born = oweDelivery(context, { ...event, id }, task);
      owed.push(born);
      size += born.body?.length ?? 0;
      if (size < maxTogether) continue;
      await insertDeliveries(tx, context, owed, now);
      [owed, size] = [[], 0];
      // SQLite answers within the same turn: without this nobody else would be heard while gigabytes are written.
      await setImmediate();
    }
  }
  await insertDecisions(tx, decisions);
  await insertDeliveries(tx, context, owed, now);
}

async function addTasks(
  tx: Tx,
  { tasks }: RecordContext,
  occurrences: readonly Occurrence[],
): Promise<Prepared[]> {
  const launched = occurrences.filter(({ boundTaskCount }) => boundTaskCount > 0);
  const bound = await readBoundTasks(
    tx,
    launched.map(({ jobId }) => jobId!),
  );
  const prepared: Prepared[] = [];
  for (const occurrence of occurrences) {
    const ofFlow = await tasks.readOfFlow(tx, occurrence.flowId, occurrence.taskRevision);
    const ofJob = bound.get(occurrence.jobId ?? 0) ?? [];
    prepared.push({ ...occurrence, tasks: [...ofFlow, ...ofJob], measured: null });
  }
  return prepared;
}

/** Returns the events with what the same series came to before, read only for ends of jobs that have a task to decide. */
async function addHistory(tx: Tx, prepared: readonly Prepared[]): Promise<readonly Prepared[]> {
  const asked = prepared.filter(
    ({ seriesKey, tasks, setAside }) => seriesKey !== null && tasks.length > 0 && !setAside,
  );
  if (asked.length === 0) return prepared;
  const series = await readSeries(
    tx,
    asked.map(({ seriesKey }) => seriesKey!),
  );
  const told = await readTold(
    tx,
    asked.filter(({ tasks }) => tasks.some(tellsEarly)).map(({ jobId }) => jobId!),
  );
  return prepared.map((event) => {
    const { seriesKey, kind, facts, jobId } = event;
    const { job } = facts;
    const before = series.get(seriesKey ?? '');
    if (before === undefined || job === null) return event;
    series.set(seriesKey!, continueSeries(before, kind, { ...job, finishedAt: job.finishedAt! }));
    const history = historyOf(before, kind);
    const toldTaskIds = told.get(jobId!) ?? [];
    return { ...event, facts: { ...facts, history }, measured: { job, history, toldTaskIds } };
  });
}

function tellsEarly({ toDecide: { condition } }: LoadedTask): boolean {
  return condition?.kind === 'longerThan' && condition.whileRunning;
}

const eventColumns = {
  flow_id: 'bigint',
  kind: 'text',
  occurrence_key: 'text',
  job_id: 'bigint',
  flow_run_id: 'bigint',
  about_task_id: 'bigint',
  series_key: 'text',
  facts: 'text',
  task_revision: 'bigint',
  created_at: 'bigint',
} as const;

interface InsertedEvent {
  readonly id: number;
  readonly occurrence_key: string;
  readonly now: number;
}

/** Returns the ids by occurrence key, and the database's time, epoch milliseconds. */
async function insertEvents(
  tx: Tx,
  events: readonly Prepared[],
): Promise<{ eventIds: ReadonlyMap<string, number>; now: number }> {
  const rows = events.map((event) => ({
    flow_id: event.flowId,
    kind: event.kind,
    occurrence_key: event.occurrenceKey,
    job_id: event.jobId,
    flow_run_id: event.flowRunId,
    about_task_id: event.aboutTaskId,
    series_key: event.seriesKey,
    facts: writeFacts(event.facts),
    task_revision: event.taskRevision,
    created_at: event.at,
  }));
  const inserted = await insertMany<typeof eventColumns, InsertedEvent>(tx, {
    table: 'events',
    columns: eventColumns,
    rows,
    returning: ['id', 'occurrence_key', { now: tx.now }],
  });
  const eventIds = new Map(inserted.map(({ id, occurrence_key }) => [occurrence_key, id]));
  return { eventIds, now: Math.max(...inserted.map((row) => row.now)) };
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
  decisions: readonly (Decision & { eventId: number; taskId: number })[],
): Promise<void> {
  const rows = decisions.map(({ eventId, taskId, fires, reason, detail }) => ({
    event_id: eventId,
    task_id: taskId,
    fires: fires ? 1 : 0,
    reason,
    detail,
  }));
  await insertMany(tx, { table: 'decisions', columns: decisionColumns, rows });
}
