// External jobs: runs of something else, reported through the API; their ends are committed in batches.
import { longestLogTail } from '@flowhook/contract/job/external-job';
import { sql } from 'kysely';
import { createBatch } from '../../base/batch.ts';
import { Problem, notFound } from '../../base/error.ts';
import type { Database, Tx } from '../../db/database.ts';
import { isOutage } from '../../db/outage.ts';
import { tableOf } from '../../db/rows.ts';
import type { Caller } from '../../people/caller.ts';
import { findFlowRole } from '../../people/flow-access.ts';
import { maxCrashesInRow } from '../../base/max-crashes.ts';
import { endCrashes } from '../end-note.ts';
import { finishJobs, jobsChanged, type FinishContext, type JobEnd } from '../finish.ts';
import { recordWatched } from '../../webhooks/events/suspect.ts';
import { readJobsById, type JobRow } from '../job-read.ts';
import { failSilent, forgiveSilence, maxTogether, readSilent } from './silent-job.ts';
import { canReport, takeReports } from './reporting.ts';
import { failureReasons, isFinal, type FinalState, type JobEvent, type JobState } from '../job-state.ts';

/** What a report says; an end (`state` final) is committed with its deliveries before it is answered. */
export interface ExternalReport {
  readonly caller: Caller;
  readonly jobId: number;
  readonly state: FinalState | 'running' | null;
  readonly percent: number | null;
  readonly facts: Readonly<Record<string, unknown>> | null;
  readonly errorMessage: string | null;
  readonly logTail: string | null;
}

export interface ExternalJobs {
  /**
   * Returns the job as it is since. Throws `not_found`, `forbidden` or, where the job has ended otherwise, `conflict`.
   */
  report(report: ExternalReport): Promise<JobRow>;
  /** From now on this node takes reports; every job that promised a heartbeat has the whole of its time again. */
  open(): Promise<void>;
  /** Gives every job that promised a heartbeat the whole of its time from now on. */
  forgiveSilence(): Promise<void>;
  /** Fails jobs that promised a heartbeat and fell silent while they could be reported; gives how many. */
  failSilent(): Promise<number>;
  idle(): Promise<void>;
}

interface TargetRow {
  id: number;
  flow_id: number;
  kind: 'engine' | 'external';
  state: JobState;
  owner_id: number;
  task_revision: number;
  heartbeat_seconds: number | null;
  /** How often the recording of its end may have ended a process. */
  crashes: number;
}

export function createExternalJobs(db: Database, finish: FinishContext): ExternalJobs {
  const apply = (reports: readonly ExternalReport[]) =>
    db.transaction(async (tx) => {
      const { refusals, ended } = await applyReports(tx, finish, reports);
      return showReported(tx, reports, { refusals, ended });
    });
  const batch = createBatch<ExternalReport, JobRow>(maxTogether, apply, isOutage);
  return {
    report: batch.add,
    open: () =>
      db.transaction(async (tx) => {
        await takeReports(tx, db.nodeId);
        await forgiveSilence(tx);
      }),
    forgiveSilence: () => db.transaction(forgiveSilence),
    async failSilent() {
      if ((await readSilent(db.read)).length === 0) return 0;
      if (await canReport(db))
        return recordWatched<number>(db, {
          key: 'silent',
          list: async () => (await readSilent(db.read)).map(({ id }) => ({ key: `silent:${id}`, item: id })),
          record: (tx, jobId, setAside) => failSilent(tx, finish, { jobId, setAside }),
        });
      await db.transaction(forgiveSilence);
      return 0;
    },
    idle: batch.idle,
  };
}

interface Applied {
  /** What refuses each report, null where nothing does. */
  readonly refusals: readonly (Error | null)[];
  /** The jobs that were ended, by id. */
  readonly ended: ReadonlyMap<number, JobRow>;
}

/** An ended job has been read already; the others of a batch are read at once, for its answers. */
async function showReported(
  tx: Tx,
  reports: readonly ExternalReport[],
  { refusals, ended }: Applied,
): Promise<(JobRow | Error)[]> {
  const taken = reports.filter((_, index) => refusals[index] === null);
  const open = new Set(taken.map(({ jobId }) => jobId).filter((id) => !ended.has(id)));
  const rows = await readJobsById(
    tx,
    [...open].map((id) => ({ id })),
  );
  const byId = new Map([...ended.values(), ...rows].map((row) => [row.id, row]));
  return reports.map(({ jobId }, index) => refusals[index] ?? byId.get(jobId)!);
}

/** Among several: each is applied alone then, so that it is known which one ends the process. */
class SuspectedEnd extends Error {}

/**
 * Applies reports in their order; two about one job in one batch are the same as one after the other.
 */
async function applyReports(
  tx: Tx,
  finish: FinishContext,
  reports: readonly ExternalReport[],
): Promise<Applied> {
  const targets = await readTargets(tx, reports);
  const grants = await readGrants(tx, reports, targets);
  const ends: JobEnd[] = [];
  const refusals: (Error | null)[] = [];
  for (const report of reports) {
    const target = targets.get(report.jobId);
    const refusal = refuse(report, target, grants);
    refusals.push(refusal);
    if (refusal !== null || target === undefined || isFinal(target.state)) continue;
    if (report.state === null || !isFinal(report.state)) await writeReport(tx, finish, report, target);
    else {
      if (target.crashes > 0 && reports.length > 1) throw new SuspectedEnd();
      ends.push(toEnd(report, report.state, target));
      targets.set(report.jobId, { ...target, state: report.state });
    }
  }
  finish.notes?.note(
    tx,
    ends.map(({ jobId }) => jobId),
  );
  const revisions = new Map([...targets.values()].map((target) => [target.flow_id, target.task_revision]));
  const ended = await finishJobs(tx, finish, ends, revisions);
  const late = reports.filter((report) => wasOvertaken(report, ends, ended));
  const now = late.length === 0 ? targets : await readTargets(tx, late);
  const last = refusals.map((refusal, index) => {
    const report = reports[index]!;
    return late.includes(report) ? refuse(report, now.get(report.jobId), grants) : refusal;
  });
  return { refusals: last, ended };
}

/** Ended by somebody else between our look and our lock: who says the same end is right, any other is too late. */
function wasOvertaken(report: ExternalReport, ends: readonly JobEnd[], ended: Applied['ended']): boolean {
  return ends.some(({ jobId }) => jobId === report.jobId) && !ended.has(report.jobId);
}

function refuse(report: ExternalReport, target: TargetRow | undefined, grants: Grants): Problem | null {
  const { caller, jobId, state } = report;
  if (target === undefined) return notFound('job', jobId);
  const grant = grants.get(`${target.flow_id}/${caller.personId}`) ?? null;
  const role = findFlowRole(caller, { flowId: target.flow_id, ownerId: target.owner_id, grant });
  if (role === null) return notFound('job', jobId);
  if (role === 'viewer')
    return new Problem('forbidden', 'Reporting a job needs to be an editor of its flow; you are its viewer.');
  if (target.kind !== 'external')
    return new Problem('conflict', `Job ${jobId} is run by this server: only external jobs are reported.`);
  if (!isFinal(target.state) || state === target.state) return null;
  return new Problem('conflict', `Job ${jobId} has already ended (${target.state}) and can't be changed.`);
}

/** What the reports are about. Its flows are locked, as `finishJobs` needs them: one query less from call to request. */
async function readTargets(tx: Tx, reports: readonly ExternalReport[]): Promise<Map<number, TargetRow>> {
  const ids = [...new Set(reports.map(({ jobId }) => jobId))].map((id) => ({ id }));
  const { rows } = await sql<TargetRow>`
    select j.id, j.flow_id, j.kind, j.state, f.owner_id, f.task_revision, j.heartbeat_seconds, ${endCrashes} as crashes
    from ${tableOf(tx, 'given', { id: 'bigint' }, ids)} join jobs j on j.id = given.id join flows f on f.id = j.flow_id
    order by f.id ${tx.forNoKeyUpdate} ${tx.of('f')}`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}

/** By flow and person: `7/3`. */
type Grants = ReadonlyMap<string, 'editor' | 'viewer'>;

/** What is granted to those who neither own the flow nor administer: for most batches, nothing to be read. */
async function readGrants(
  tx: Tx,
  reports: readonly ExternalReport[],
  targets: ReadonlyMap<number, TargetRow>,
): Promise<Grants> {
  const others = reports.filter(({ caller, jobId }) => {
    const owner = targets.get(jobId)?.owner_id;
    return owner !== undefined && caller.role !== 'administrator' && caller.personId !== owner;
  });
  if (others.length === 0) return new Map();
  const flowIds = others.map(({ jobId }) => targets.get(jobId)!.flow_id);
  const personIds = others.map(({ caller }) => caller.personId);
  const rows = await tx
    .selectFrom('flow_grants')
    .selectAll()
    .where('flow_id', 'in', [...new Set(flowIds)])
    .where('person_id', 'in', [...new Set(personIds)])
    .execute();
  return new Map(rows.map(({ flow_id, person_id, role }) => [`${flow_id}/${person_id}`, role]));
}

/** What a report of an end is to the job. */
const endEvents = { complete: 'complete', failed: 'fail', canceled: 'cancel' } as const satisfies Record<
  FinalState,
  JobEvent
>;

function toEnd(report: ExternalReport, state: FinalState, { flow_id: flowId, crashes }: TargetRow): JobEnd {
  const message = report.errorMessage ?? failureReasons.reported;
  return {
    jobId: report.jobId,
    flowId,
    event: endEvents[state],
    attempt: null,
    rows: readCount(report.facts, 'rows'),
    bytes: readCount(report.facts, 'bytes'),
    columns: readCount(report.facts, 'columns'),
    resultFolder: null,
    error: state === 'failed' ? { reason: 'reported', message, detail: null } : null,
    files: [],
    facts: report.facts ?? undefined,
    logTail: report.logTail?.slice(-longestLogTail),
    setAside: crashes >= maxCrashesInRow,
  };
}

/** `rows`, `bytes` and `columns` among the reported facts are taken as the job's own. */
function readCount(facts: ExternalReport['facts'], name: string): number | null {
  const value = facts?.[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

async function writeReport(
  tx: Tx,
  { db }: FinishContext,
  report: ExternalReport,
  target: TargetRow,
): Promise<void> {
  const { now } = tx;
  const seconds = target.heartbeat_seconds;
  await tx
    .updateTable('jobs')
    .set({
      updated_at: now,
      ...(report.percent === null ? {} : { percent: Math.round(report.percent) }),
      ...(report.facts === null ? {} : { facts: JSON.stringify(report.facts) }),
      ...(report.logTail === null ? {} : { log_tail: report.logTail.slice(-longestLogTail) }),
      ...(seconds === null ? {} : { heartbeat_due_at: sql<number>`${now} + ${sql.lit(seconds * 1000)}` }),
    })
    .where('id', '=', report.jobId)
    .where('state', '=', 'running')
    .execute();
  db.announce(tx, { topic: jobsChanged, flowId: target.flow_id, ids: [report.jobId] });
}
