// A job as the API shows it: the original's names over our rows.
import { createHash } from 'node:crypto';
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { Parameter } from '../../engine/engine.ts';
import type { LaunchedJob } from '../../jobs/launch-path.ts';
import type { JobRow, StepRow } from '../../jobs/job-read.ts';
import type { FlowRunState } from '../../jobs/flow-runs/flow-run-state.ts';
import type { JobState } from '../../jobs/job-state.ts';
import { refer, writeTime, writeTimeOrNull } from './list.ts';

type JobGroup = ReplyOf<typeof jobGroupEndpoints.get>;
type Status = JobGroup['status'];

const statuses: Readonly<Record<JobState, Status>> = {
  queued: 'Created',
  running: 'InProgress',
  complete: 'Complete',
  failed: 'Failed',
  canceled: 'Canceled',
};

export function showStatus(state: JobState): Status {
  return statuses[state];
}

/** The state that a status of the API stands for. */
export function readStatus(status: Status): JobState {
  return (Object.keys(statuses) as JobState[]).find((state) => statuses[state] === status)!;
}

/** Told as long as it is so. */
function describeUnplaced({ unplaced }: JobRow): string[] {
  if (unplaced === 0) return [];
  const files = unplaced === 1 ? 'One of its files is' : `${unplaced} of its files are`;
  return [`${files} not in place below the outputs folder: the outputs say why, and what is tried again.`];
}

export function showJob(
  row: JobRow,
  steps: readonly StepRow[],
  embed: ReadonlySet<string> = new Set(),
): JobGroup {
  const creator = row.creator_id === null ? null : showCreator(row, embed);
  return {
    id: row.id,
    name: row.name ?? row.recipe_name ?? row.flow_name,
    description: row.description,
    ranfrom: row.ran_from,
    startedBy: showStarter(row),
    ranfor: 'recipe',
    status: statuses[row.state],
    profilingEnabled: row.profiler === 1,
    percentComplete: row.percent,
    workloadError: showError(row),
    warnings: [...(parse<string[]>(row.warnings) ?? []), ...describeUnplaced(row)],
    external: row.kind === 'external',
    facts: parse<Record<string, unknown>>(row.facts),
    rows: row.rows_written,
    bytes: row.bytes_written,
    rejectedRows: row.rejected_rows,
    flowrun: refer(row.flow_run_id),
    runParameters: { data: showParameters(row) },
    runParameterReferenceDate: writeTimeOrNull(row.reference_at),
    snapshot: null,
    wrangledDataset: row.recipe_id === null ? null : showRecipe(row, embed),
    outputObject: refer(row.output_id),
    flow: embed.has('flow') ? { id: row.flow_id, name: row.flow_name } : { id: row.flow_id },
    jobs: { data: embed.has('jobs') ? steps.map(showStep) : steps.map(({ id }) => ({ id })) },
    creator,
    updater: refer(row.updater_id),
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
    startedAt: writeTimeOrNull(row.started_at),
    finishedAt: writeTimeOrNull(row.finished_at),
  };
}

function showParameters({ parameters }: JobRow): JobGroup['runParameters']['data'] {
  const values = parse<Parameter[]>(parameters) ?? [];
  return values.map(({ name, type, value }) => ({ key: name, type, value }));
}

/** What started a job or a flow run. */
export function showStarter(
  row: Pick<JobRow, 'started_by' | 'started_by_delivery' | 'schedule_id'>,
): JobGroup['startedBy'] {
  return {
    kind: row.started_by,
    delivery: row.started_by_delivery,
    schedule: refer(row.schedule_id),
  };
}

function showCreator(row: JobRow, embed: ReadonlySet<string>): { id: number } {
  const id = row.creator_id!;
  const embedded = { id, name: row.creator_name, email: row.creator_email };
  return embed.has('creator') ? embedded : { id };
}

function showRecipe(row: JobRow, embed: ReadonlySet<string>): { id: number } {
  const id = row.recipe_id!;
  const embedded = { id, name: row.recipe_name, flow: { id: row.flow_id } };
  return embed.has('wrangledDataset') ? embedded : { id };
}

function showError(row: JobRow): JobGroup['workloadError'] {
  if (row.error_reason === null) return null;
  return { reason: row.error_reason, message: row.error_message ?? '', detail: parse(row.error_detail) };
}

export function showStep(row: StepRow) {
  return {
    id: row.id,
    status: statuses[row.state],
    jobType: row.kind,
    percentComplete: row.percent,
    errorMessage: row.error_message,
    rows: row.rows,
    bytes: row.bytes,
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
    startedAt: writeTimeOrNull(row.started_at),
    finishedAt: writeTimeOrNull(row.finished_at),
  };
}

function parse<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
}

/** The answer to a launch. */
export function showStarted({ id, stepIds }: LaunchedJob): ReplyOf<typeof jobGroupEndpoints.create> {
  const edges = stepIds.slice(1).map((target, index) => ({ source: stepIds[index]!, target }));
  return {
    sessionId: nameSession(id),
    reason: 'JobStarted',
    jobGraph: { vertices: [...stepIds], edges },
    id,
    jobs: { data: stepIds.map((stepId) => ({ id: stepId })) },
  };
}

/** Always the same for one job, so that a repeated launch is told the same. In the form of a UUID (version 8). */
function nameSession(jobId: number): string {
  const hex = createHash('sha256').update(`job ${jobId}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The state that a status of the API stands for; jobs of a run that have not begun are Created. */
export function showRunStatus(state: FlowRunState, begun: boolean): Status {
  return state === 'running' && !begun ? 'Created' : statuses[state];
}
