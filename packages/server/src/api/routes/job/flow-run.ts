// Flow runs: run a flow's outputs together, read how they do, cancel what is left of them.
import { sql, type RawBuilder } from 'kysely';
import type { BodyOf, QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { flowRunEndpoints as endpoints, flowRunNames } from '@flowhook/contract/job/flow-run';
import type { Database, Read } from '../../../db/database.ts';
import type { Keep, Kept } from '../../../db/kept-answer.ts';
import type { FinishContext } from '../../../jobs/finish.ts';
import type {
  FlowLaunchAnswer,
  FlowLaunchRequest,
  OutputOverrides,
} from '../../../jobs/flow-runs/flow-launch.ts';
import {
  countFlowRuns,
  readFlowRuns,
  readJobIdsOfRuns,
  requireFlowRun,
  type FlowRunRow,
} from '../../../jobs/flow-runs/flow-run-read.ts';
import { cancelJobs } from '../../../jobs/job.ts';
import { readJobs, readSteps } from '../../../jobs/job-read.ts';
import type { Caller } from '../../../people/caller.ts';
import { requireFlow, visibleFlows } from '../../../people/flow-access-store.ts';
import { readStatus, showJob, showRunStatus, showStarted, showStarter } from '../../views/job-view.ts';
import { readLaunchHeaders, type LaunchHeaders } from '../../launch-header.ts';
import {
  answerList,
  pickFields,
  planList,
  refer,
  writeTime,
  writeTimeOrNull,
  type ListPlan,
  type ListRules,
} from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';

export interface FlowRunRoutes {
  readonly db: Database;
  readonly finish: FinishContext;
  launch(request: FlowLaunchRequest, keep: Keep): Promise<Kept<FlowLaunchAnswer>>;
}

type FlowRun = ReplyOf<typeof endpoints.get>;

const rules: ListRules<typeof flowRunNames> = {
  sortable: {
    id: 'r.id',
    createdAt: 'r.created_at',
    updatedAt: 'r.updated_at',
    finishedAt: 'r.finished_at',
    status: 'r.state',
  },
  filterable: { name: 'f.name' },
  embeds: flowRunNames.embed,
};

export function flowRunRoutes({ db, finish, launch }: FlowRunRoutes): Route[] {
  const show = async (caller: Caller, id: number, embed: ReadonlySet<string> = new Set()) =>
    (await showRuns(db.read, [await requireFlowRun(db.read, caller, id)], embed))[0]!;
  return [
    implementMaking(endpoints.create, {
      make: ({ params, body, caller, request }, keep) =>
        launch(toLaunch(params.id, body, caller, readLaunchHeaders(request.headers)), keep),
      show: async (launched) => showLaunched(launched),
    }),
    implement(endpoints.list, async ({ query, caller }) => {
      const plan = planRuns(query, caller);
      const items = await showRuns(db.read, await readFlowRuns(db.aside, plan), plan.embed);
      return answerList(items, plan, plan.includeCount ? await countFlowRuns(db.aside, plan.where) : 0);
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields } = planList(query, rules);
      return pickFields(await show(caller, params.id, embed), fields);
    }),
    implement(endpoints.status, async ({ params, caller }) => {
      const { state, begun } = await requireFlowRun(db.read, caller, params.id);
      return showRunStatus(state, begun);
    }),
    implement(endpoints.jobGroups, async ({ params, caller }) => {
      await requireFlowRun(db.read, caller, params.id);
      return { data: await readJobsOfRun(db.read, params.id) };
    }),
    implement(endpoints.cancel, async ({ params, caller }) => {
      const run = await requireFlowRun(db.read, caller, params.id);
      if (run.creator_id !== caller.personId)
        await requireFlow(db.read, caller, run.flow_id, { role: 'editor', includeDeleted: true });
      const jobs = await readJobIdsOfRuns(db.read, [params.id]);
      await db.transaction((tx) =>
        cancelJobs(
          tx,
          finish,
          jobs.map(({ id }) => id),
        ),
      );
      return show(caller, params.id);
    }),
  ];
}

function toLaunch(
  flowId: number,
  body: BodyOf<typeof endpoints.create>,
  caller: Caller,
  { delivery, hop }: LaunchHeaders,
): FlowLaunchRequest {
  const overrides = new Map<string, OutputOverrides>(
    body.overrides.map(({ recipeName, ...given }) => [recipeName, given]),
  );
  return {
    caller,
    flowId,
    recipeIds: body.wrangledDatasetIds,
    isAdhoc: true,
    ranFrom: body.ranfrom ?? 'api',
    startedBy: delivery === null ? 'person' : 'webhook',
    overrides,
    parameters: body.parameters,
    delivery,
    hop,
  };
}

function showLaunched({ flowRunId, jobs }: FlowLaunchAnswer): ReplyOf<typeof endpoints.create> {
  return { flowRunId, data: jobs.map((job) => ({ ...showStarted(job), flowRun: { id: flowRunId } })) };
}

function planRuns(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  const plan = planList(query, rules);
  const conditions = [plan.where, visibleFlows(caller, 'r.flow_id')];
  if (query.flowId !== undefined) conditions.push(sql<boolean>`r.flow_id = ${query.flowId}`);
  if (query.status !== undefined) conditions.push(isStatus(query.status));
  if (query.after !== undefined) conditions.push(sql<boolean>`r.id < ${query.after}`);
  return { ...plan, where: sql<boolean>`${sql.join(conditions, sql` and `)}` };
}

/** Created and InProgress are both running; whether a job has begun tells them apart. */
function isStatus(status: FlowRun['status']): RawBuilder<boolean> {
  const state = readStatus(status);
  const begun = sql`exists (select 1 from jobs j where j.flow_run_id = r.id and j.state <> 'queued')`;
  if (state === 'queued') return sql<boolean>`(r.state = 'running' and not ${begun})`;
  return state === 'running'
    ? sql<boolean>`(r.state = 'running' and ${begun})`
    : sql<boolean>`r.state = ${state}`;
}

async function showRuns(
  db: Read,
  rows: readonly FlowRunRow[],
  embed: ReadonlySet<string>,
): Promise<FlowRun[]> {
  const jobs = await readJobIdsOfRuns(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) =>
    showRun(
      row,
      jobs.filter(({ flow_run_id }) => flow_run_id === row.id).map(({ id }) => id),
      embed,
    ),
  );
}

function showRun(row: FlowRunRow, jobIds: readonly number[], embed: ReadonlySet<string>): FlowRun {
  const { creator_id: creator } = row;
  return {
    id: row.id,
    flow: embed.has('flow') ? { id: row.flow_id, name: row.flow_name } : { id: row.flow_id },
    status: showRunStatus(row.state, row.begun),
    ranfrom: row.ran_from,
    startedBy: showStarter(row),
    schedule: refer(row.schedule_id),
    jobGroups: { data: jobIds.map((id) => ({ id })) },
    creator:
      creator !== null && embed.has('creator')
        ? { id: creator, name: row.creator_name, email: row.creator_email }
        : refer(creator),
    updater: refer(creator),
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
    startedAt: writeTime(row.created_at),
    finishedAt: writeTimeOrNull(row.finished_at),
  };
}

async function readJobsOfRun(db: Read, runId: number) {
  const where = sql<boolean>`j.flow_run_id = ${runId}`;
  const rows = await readJobs(db, { where, orderBy: sql`j.id`, page: sql`` });
  const steps = await readSteps(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) =>
    showJob(
      row,
      steps.filter(({ job_id }) => job_id === row.id),
    ),
  );
}
