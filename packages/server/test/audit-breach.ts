// For each rule of the audit a change by SQL that breaks it, once: the constraints that forbid it are taken away before.
import { sql } from 'kysely';
import type { Tx } from '../src/db/database.ts';

/** Rows of a closed account, by what they are. */
export interface Account {
  readonly event: number;
  readonly job: number;
  readonly runningJob: number;
  /** The event of another flow's job, which fires that flow's only task. */
  readonly foreignEvent: number;
  /** One whose delivery arrived, a disabled one, one that does not fire for the event, and one of another flow. */
  readonly tasks: {
    readonly fires: number;
    readonly held: number;
    readonly silent: number;
    readonly foreign: number;
  };
  /** The deliveries of the tasks that fire: delivered, waiting after one attempt, held, dead. */
  readonly deliveries: {
    readonly delivered: number;
    readonly waiting: number;
    readonly held: number;
    readonly dead: number;
  };
}

export interface Breach {
  readonly rule: string;
  readonly how: string;
  /** A statement that changes one row. */
  change(account: Account): ReturnType<typeof sql>;
  /** The row that audit must name; what is inserted has an id of its own. */
  row(account: Account): string;
  /** A further rule that the same row can't but break: an event that was added has no key that would be right. */
  readonly also?: string;
}

/** The id of what is inserted: far from every other. */
const added = 9_000_000;

export const breaches: readonly Breach[] = [
  {
    rule: 'job_has_event',
    how: 'a job ends without an event',
    change: ({ runningJob }) =>
      sql`update jobs set state = 'failed', finished_at = 1 where id = ${runningJob}`,
    row: ({ runningJob }) => `job ${runningJob}`,
  },
  {
    rule: 'job_has_event',
    how: 'a job has two events',
    change: ({ event }) => copyEvent(event, sql`job_id`),
    row: ({ job }) => `job ${job}`,
    also: `event_is_its_occurrence: event ${added}`,
  },
  {
    rule: 'event_has_ended_job',
    how: 'a job has ended otherwise than its event says',
    change: ({ job }) => sql`update jobs set state = 'failed' where id = ${job}`,
    row: ({ event }) => `event ${event}`,
  },
  {
    rule: 'event_has_ended_job',
    how: 'an event has no job',
    change: ({ event }) => copyEvent(event, sql.lit(added)),
    row: () => `event ${added}`,
    also: `event_is_its_occurrence: event ${added}`,
  },
  {
    rule: 'flow_run_has_event',
    how: 'a flow run has ended without an event',
    change: ({ event }) => sql`
      insert into flow_runs (id, flow_id, ran_from, started_by, state, created_at, updated_at, finished_at)
      select ${sql.lit(added)}, flow_id, 'api', 'person', 'failed', 1, 1, 1 from events where id = ${event}`,
    row: () => `flow run ${added}`,
  },
  {
    rule: 'event_is_its_occurrence',
    how: 'an event has the key of another occurrence',
    change: ({ event }) => sql`update events set occurrence_key = 'job:0' where id = ${event}`,
    row: ({ event }) => `event ${event}`,
  },
  {
    rule: 'deadline_of_task',
    how: 'a task that waits for nothing has a deadline',
    change: ({ event, tasks }) => sql`
      insert into webhook_deadlines (task_id, flow_id, condition, due_at, window_start, created_at)
      select ${sql.lit(tasks.silent)}, flow_id, '{"kind":"notRefreshed"}', 1, 1, 1 from events where id = ${event}`,
    row: ({ tasks }) => `task ${tasks.silent}`,
  },
  {
    rule: 'deadline_of_task',
    how: 'a task that waits for an output has no deadline',
    change: ({ tasks }) =>
      sql`update webhook_tasks set condition = '{"kind":"notRefreshed"}' where id = ${tasks.silent}`,
    row: ({ tasks }) => `task ${tasks.silent}`,
  },
  {
    rule: 'told_alone',
    how: 'what one task asked for fires another',
    change: ({ foreignEvent, tasks }) =>
      sql`update events set about_task_id = ${tasks.silent} where id = ${foreignEvent}`,
    row: ({ foreignEvent, tasks }) => `event ${foreignEvent}, task ${tasks.foreign}`,
  },
  {
    rule: 'decision_for_each_task',
    how: 'a decision is missing',
    change: ({ event, tasks }) =>
      sql`delete from decisions where event_id = ${event} and task_id = ${tasks.silent}`,
    row: ({ event, tasks }) => `event ${event}, task ${tasks.silent}`,
  },
  {
    rule: 'decision_of_its_time',
    how: "a decision is about another flow's task",
    change: ({ event, tasks }) => addDecision(event, tasks.foreign),
    row: ({ event, tasks }) => `event ${event}, task ${tasks.foreign}`,
  },
  {
    rule: 'decision_of_its_time',
    how: 'a decision has no event',
    change: ({ tasks }) => addDecision(added, tasks.silent),
    row: ({ tasks }) => `event ${added}, task ${tasks.silent}`,
  },
  {
    rule: 'delivery_for_each_firing',
    how: 'a delivery is missing',
    change: ({ deliveries }) => sql`delete from deliveries where id = ${deliveries.held}`,
    row: ({ event, tasks }) => `event ${event}, task ${tasks.held}`,
  },
  {
    rule: 'delivery_for_each_firing',
    how: 'a decision has two deliveries',
    change: ({ deliveries }) => copyDelivery(deliveries.held, sql`task_id`, sql`null`),
    row: ({ event, tasks }) => `event ${event}, task ${tasks.held}`,
  },
  {
    rule: 'delivery_has_decision',
    how: 'a delivery belongs to a decision that does not fire',
    change: ({ event, tasks }) =>
      sql`update decisions set fires = 0 where event_id = ${event} and task_id = ${tasks.held}`,
    row: ({ deliveries }) => `delivery ${deliveries.held}`,
  },
  {
    rule: 'delivery_has_decision',
    how: "a delivery repeats another decision's",
    change: ({ deliveries }) => copyDelivery(deliveries.held, sql`task_id`, sql.lit(deliveries.delivered)),
    row: () => `delivery ${added}`,
  },
  {
    rule: 'attempts_are_counted',
    how: 'a delivery counts an attempt that was never settled',
    change: ({ deliveries }) =>
      sql`update deliveries set attempt_count = attempt_count + 1 where id = ${deliveries.waiting}`,
    row: ({ deliveries }) => `delivery ${deliveries.waiting}`,
  },
  {
    rule: 'attempts_are_counted',
    how: 'an attempt has the number of another',
    change: ({ deliveries }) => sql`update attempts set number = 2 where delivery_id = ${deliveries.waiting}`,
    row: ({ deliveries }) => `delivery ${deliveries.waiting}`,
  },
  {
    rule: 'attempt_has_delivery',
    how: 'an attempt belongs to nothing',
    change: ({ deliveries }) => sql`
      insert into attempts (delivery_id, number, started_at, outcome, status_code)
      select ${sql.lit(added)}, number, started_at, outcome, status_code from attempts where delivery_id = ${deliveries.delivered}`,
    row: () => `attempt 1 of delivery ${added}`,
  },
  {
    rule: 'delivered_by_success',
    how: 'what counts as delivered was answered with an error',
    change: ({ deliveries }) =>
      sql`update attempts set status_code = 500 where delivery_id = ${deliveries.delivered}`,
    row: ({ deliveries }) => `delivery ${deliveries.delivered}`,
  },
  {
    rule: 'end_has_reason',
    how: 'a dead delivery does not say why',
    change: ({ deliveries }) => sql`update deliveries set end_reason = null where id = ${deliveries.dead}`,
    row: ({ deliveries }) => `delivery ${deliveries.dead}`,
  },
  {
    rule: 'held_by_disabled_task',
    how: 'a delivery of a disabled task is due',
    change: ({ deliveries }) => sql`update deliveries set held = 0, due_at = 1 where id = ${deliveries.held}`,
    row: ({ deliveries }) => `delivery ${deliveries.held}`,
  },
  {
    rule: 'held_by_disabled_task',
    how: 'a delivery of an enabled task is held',
    change: ({ deliveries }) =>
      sql`update deliveries set held = 1, due_at = null where id = ${deliveries.waiting}`,
    row: ({ deliveries }) => `delivery ${deliveries.waiting}`,
  },
];

/** At the task revision 0 the flow had no task: it needs no decision. */
function copyEvent(event: number, jobId: ReturnType<typeof sql>) {
  return sql`
    insert into events (id, flow_id, kind, occurrence_key, job_id, facts, task_revision, created_at)
    select ${sql.lit(added)}, flow_id, kind, 'another', ${jobId}, facts, 0, created_at from events where id = ${event}`;
}

function addDecision(event: number, task: number) {
  return sql`
    insert into decisions (event_id, task_id, fires, reason, detail)
    values (${sql.lit(event)}, ${sql.lit(task)}, 0, 'by_test', 'Made by the test.')`;
}

function copyDelivery(id: number, taskId: ReturnType<typeof sql>, repeats: ReturnType<typeof sql>) {
  return sql`
    insert into deliveries (id, public_id, event_id, task_id, flow_id, job_id, repeats_id, state, held, due_at, host,
      created_at, updated_at, expires_at)
    select ${sql.lit(added)}, 'another', event_id, ${taskId}, flow_id, job_id, ${repeats}, state, held, due_at, host,
      created_at, updated_at, expires_at from deliveries where id = ${id}`;
}

/** Takes away, until the transaction is rolled back, what keeps such rows from being written. */
export async function dropConstraints(tx: Tx): Promise<void> {
  await sql`drop index deliveries_once`.execute(tx);
  if (tx.dialect === 'sqlite') {
    await sql`pragma defer_foreign_keys = on`.execute(tx);
    return;
  }
  const { rows } = await sql<{ name: string; of_table: string }>`
    select conname as name, conrelid::regclass::text as of_table from pg_constraint
    where contype = 'f' and connamespace = current_schema()::regnamespace`.execute(tx);
  for (const { name, of_table } of rows)
    await sql`alter table ${sql.ref(of_table)} drop constraint ${sql.ref(name)}`.execute(tx);
}
