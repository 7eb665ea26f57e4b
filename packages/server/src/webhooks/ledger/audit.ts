// The audit: proves that the account closes, or names each row that breaks it. It reads and changes nothing.
import { sql, type RawBuilder } from 'kysely';
import { recordedKindNames, recordedKinds } from '@flowhook/contract/webhook/event-kind';
import type { Read } from '../../db/database.ts';
import { occurrenceKeyText } from '../messages/event-kind.ts';

/** A row that breaks a rule. */
export interface Finding {
  readonly rule: string;
  /** What the rule demands, in one sentence. */
  readonly demands: string;
  /** Which row: `job 7`, `event 3, task 12`, `delivery 9`. */
  readonly row: string;
}

export interface AuditResult {
  readonly closes: boolean;
  readonly findings: readonly Finding[];
  readonly counts: {
    readonly events: number;
    readonly decisions: number;
    readonly deliveries: number;
    readonly attempts: number;
  };
}

interface Rule {
  readonly name: string;
  readonly demands: string;
  /** Selects `row_name`, one row for each that breaks the rule. */
  readonly breaches: RawBuilder<{ row_name: string }>;
}

/** Findings listed for one rule at most; more than these tell nothing new. */
const maxOfRule = 1000;

const occurrenceKeyOfKind = sql.raw(
  recordedKindNames
    .map((kind) => `when '${kind}' then ${occurrenceKeyText[recordedKinds[kind].key]}`)
    .join(' '),
);

const rules: readonly Rule[] = [
  {
    name: 'job_has_event',
    demands: 'Every job that has ended has exactly one event of its end, until retention has taken it.',
    breaches: sql`
      select 'job ' || j.id as row_name from jobs j
      where j.state in ('complete', 'failed', 'canceled') and (select count(*) from events e
        where e.job_id = j.id and e.kind in ('job.success', 'job.failure', 'job.canceled'))
        <> (case when j.history_removed_at is null then 1 else 0 end)`,
  },
  {
    name: 'event_has_ended_job',
    demands: 'Every event of the end of a job belongs to a job that ended so.',
    breaches: sql`
      select 'event ' || e.id as row_name from events e left join jobs j on j.id = e.job_id
      where e.kind in ('job.success', 'job.failure', 'job.canceled') and (j.id is null or j.state <> (case e.kind
        when 'job.success' then 'complete' when 'job.failure' then 'failed' else 'canceled' end))`,
  },
  {
    name: 'flow_run_has_event',
    demands:
      'Every flow run that has ended has exactly one event until retention has taken it, and none that still runs.',
    breaches: sql`
      select 'flow run ' || r.id as row_name from flow_runs r
      where (select count(*) from events e where e.flow_run_id = r.id and e.kind = (case r.state
          when 'complete' then 'flowRun.success' when 'failed' then 'flowRun.failure' else 'flowRun.canceled' end))
        <> (case when r.state = 'running' or r.history_removed_at is not null then 0 else 1 end)
        or (select count(*) from events e where e.flow_run_id = r.id) > 1`,
  },
  {
    name: 'event_is_its_occurrence',
    demands: 'The key that makes an event unique is the one of what it is about, and that is there.',
    breaches: sql`
      select 'event ' || e.id as row_name from events e left join jobs j on j.id = e.job_id and j.flow_id = e.flow_id
      left join webhook_tasks t on t.id = e.about_task_id and t.flow_id = e.flow_id
      where e.occurrence_key is distinct from (case e.kind ${occurrenceKeyOfKind} end)`,
  },
  {
    name: 'deadline_of_task',
    demands:
      'A task that waits for an output that is not refreshed has its next deadline while it is enabled, and no other has one.',
    breaches: sql`
      select 'task ' || t.id as row_name from webhook_tasks t left join webhook_deadlines n on n.task_id = t.id
      where (n.task_id is not null) <> (t.enabled = 1 and t.deleted_at is null and t.condition is not null
        and t.condition like '{"kind":"notRefreshed%') or n.condition <> t.condition`,
  },
  {
    name: 'told_alone',
    demands: 'A deadline, or a job that runs too long, is told to no task but the one that asked for it.',
    breaches: sql`
      select 'event ' || e.id || ', task ' || d.task_id as row_name from events e
      join decisions d on d.event_id = e.id and d.fires = 1
      where e.about_task_id is not null and e.about_task_id <> d.task_id`,
  },
  {
    name: 'decision_for_each_task',
    demands: 'Every event has a decision for every task that its flow had then.',
    breaches: sql`
      select 'event ' || e.id || ', task ' || t.id as row_name from events e
      join webhook_tasks t on t.flow_id = e.flow_id and t.born_revision <= e.task_revision
        and (t.died_revision is null or t.died_revision > e.task_revision)
        and (t.bound_job_id is null or t.bound_job_id = e.job_id)
      left join decisions d on d.event_id = e.id and d.task_id = t.id
      where d.event_id is null`,
  },
  {
    name: 'decision_of_its_time',
    demands: 'Every decision is about a task that the flow of its event had then.',
    breaches: sql`
      select 'event ' || d.event_id || ', task ' || d.task_id as row_name from decisions d
      left join events e on e.id = d.event_id
      left join webhook_tasks t on t.id = d.task_id and t.flow_id = e.flow_id and t.born_revision <= e.task_revision
        and (t.died_revision is null or t.died_revision > e.task_revision)
        and (t.bound_job_id is null or t.bound_job_id = e.job_id)
      where t.id is null`,
  },
  {
    name: 'delivery_for_each_firing',
    demands: 'Every decision that fires has exactly one delivery that repeats no other.',
    breaches: sql`
      select 'event ' || d.event_id || ', task ' || d.task_id as row_name from decisions d
      where d.fires = 1 and (select count(*) from deliveries x
        where x.event_id = d.event_id and x.task_id = d.task_id and x.repeats_id is null) <> 1`,
  },
  {
    name: 'delivery_has_decision',
    demands:
      'Every delivery belongs to a decision that fires; one sent as new repeats a delivery of the same decision.',
    breaches: sql`
      select 'delivery ' || x.id as row_name from deliveries x
      left join decisions d on d.event_id = x.event_id and d.task_id = x.task_id and d.fires = 1
      left join deliveries o on o.id = x.repeats_id and o.event_id = x.event_id and o.task_id = x.task_id
      where d.event_id is null or (x.repeats_id is not null and o.id is null)`,
  },
  {
    name: 'attempts_are_counted',
    demands: 'The settled attempts of a delivery number its attempt_count, one fewer while it is being sent.',
    breaches: sql`
      select 'delivery ' || x.id as row_name from deliveries x
      left join (select delivery_id, count(*) as settled, max(number) as last from attempts group by delivery_id) a
        on a.delivery_id = x.id
      where coalesce(a.settled, 0) <> x.attempt_count - (case when x.state = 'sending' then 1 else 0 end)
        or coalesce(a.last, 0) <> coalesce(a.settled, 0)`,
  },
  {
    name: 'attempt_has_delivery',
    demands: 'Every attempt belongs to a delivery.',
    breaches: sql`
      select 'attempt ' || a.number || ' of delivery ' || a.delivery_id as row_name from attempts a
      left join deliveries x on x.id = a.delivery_id where x.id is null`,
  },
  {
    name: 'delivered_by_success',
    demands: 'The last attempt of a delivered delivery was answered with a status of 200 to 299.',
    breaches: sql`
      select 'delivery ' || x.id as row_name from deliveries x
      left join attempts a on a.delivery_id = x.id and a.number = x.attempt_count
      where x.state = 'delivered' and (a.number is null or a.outcome <> 'response' or a.status_code not between 200 and 299)`,
  },
  {
    name: 'end_has_reason',
    demands: 'Every delivery that is dead or canceled says why.',
    breaches: sql`
      select 'delivery ' || x.id as row_name from deliveries x where x.state in ('dead', 'canceled') and x.end_reason is null`,
  },
  {
    name: 'held_by_disabled_task',
    demands:
      'A delivery is held only while its task is disabled or after crashes, and waits unheld only while its task is enabled.',
    breaches: sql`
      select 'delivery ' || x.id as row_name from deliveries x join webhook_tasks t on t.id = x.task_id
      where x.state = 'pending' and x.held_for_crashes = 0 and x.held <> 1 - t.enabled`,
  },
];

/** The rules, for the document and the page that list them. */
export const auditRules: readonly { readonly name: string; readonly demands: string }[] = rules.map(
  ({ name, demands }) => ({ name, demands }),
);

/** Runs every rule. `db` should be a transaction that sees one moment, where others are writing. */
export async function runAudit(db: Read): Promise<AuditResult> {
  const findings: Finding[] = [];
  for (const { name, demands, breaches } of rules) {
    const { rows } = await sql<{
      row_name: string;
    }>`select row_name from (${breaches}) as breach limit ${maxOfRule}`.execute(db);
    findings.push(...rows.map(({ row_name }) => ({ rule: name, demands, row: row_name })));
  }
  return { closes: findings.length === 0, findings, counts: await countAll(db) };
}

async function countAll(db: Read): Promise<AuditResult['counts']> {
  const { rows } = await sql<AuditResult['counts']>`
    select (select count(*) from events) as events, (select count(*) from decisions) as decisions,
      (select count(*) from deliveries) as deliveries, (select count(*) from attempts) as attempts`.execute(
    db,
  );
  return rows[0]!;
}
