// Jobs (the API's job groups): launch, read, cancel, results.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sql } from 'kysely';
import { jobGroupEndpoints as endpoints } from '@flowhook/contract/job/job-group';
import { jobNames, stepEmbeds } from '@flowhook/contract/job/job-list';
import type { BodyOf, QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { Problem, notFound } from '../../../base/error.ts';
import type { Database } from '../../../db/database.ts';
import type { Keep, Kept } from '../../../db/kept-answer.ts';
import type { JobPlan } from '../../../flows/job-plan.ts';
import { cancelJobs, requireJob } from '../../../jobs/job.ts';
import type { LaunchAnswer, LaunchRequest } from '../../../jobs/launch.ts';
import { countJobs, readJobs, readSteps } from '../../../jobs/job-read.ts';
import type { FinishContext } from '../../../jobs/finish.ts';
import type { Caller } from '../../../people/caller.ts';
import { visibleFlows } from '../../../people/flow-access-store.ts';
import type { TaskDefinition } from '../../../webhooks/tasks/task-rule.ts';
import { readChain } from '../../../jobs/chain.ts';
import { showChain, showStart } from '../../views/chain-view.ts';
import { readStatus, showJob, showStarted, showStatus, showStep } from '../../views/job-view.ts';
import { readLaunchHeaders, type LaunchHeaders } from '../../launch-header.ts';
import {
  answerList,
  pickFields,
  planList,
  readEmbed,
  requireBounded,
  type ListPlan,
  type ListRules,
} from '../../views/list.ts';
import { readFiles, showFile } from '../../views/output-file.ts';
import { readWebhooksOfJobs } from '../../views/job-webhook.ts';
import { addWriteSettings, withSteps } from '../../views/step-setting.ts';
import { isOneOf } from '../../views/row-list.ts';
import { alreadySent, implement, implementMaking, type Route } from '../../route.ts';
import { readRejects } from '../../../jobs/job-rejects.ts';
import { writeRejects } from '../../views/reject-file.ts';

export interface JobRoutes {
  readonly db: Database;
  readonly finish: FinishContext;
  launch(request: LaunchRequest, keep: Keep): Promise<Kept<LaunchAnswer>>;
  /** What every task of the flow did about a job. */
  readWebhooks(jobId: number, caller: Caller): Promise<ReplyOf<typeof endpoints.webhooks>['data']>;
}

const rules: ListRules<typeof jobNames> = {
  sortable: {
    id: 'j.id',
    name: 'j.name',
    createdAt: 'j.created_at',
    updatedAt: 'j.updated_at',
    startedAt: 'j.started_at',
    finishedAt: 'j.finished_at',
    status: 'j.state',
  },
  filterable: {
    name: "coalesce(j.name, r.name, f.name, '')",
    description: "coalesce(j.description, '')",
    flowName: 'f.name',
  },
  embeds: jobNames.embed,
  costly: ['webhooks', 'jobs', ...stepEmbeds],
  cursor: 'after',
};

export function jobGroupRoutes(options: JobRoutes): Route[] {
  const { db, finish } = options;
  const list = ({ query, caller }: { query: QueryOf<typeof endpoints.list>; caller: Caller }) =>
    listJobs(options, query, caller);
  const cancel = async ({ params, caller }: { params: { id: number }; caller: Caller }) => {
    const job = await requireJob(db, caller, params.id);
    // Whoever may run a job may end it; that of somebody else, only who may change the flow.
    if (job.creator_id !== caller.personId) await requireJob(db, caller, params.id, 'editor');
    const open = await db.read
      .selectFrom('job_steps')
      .select('id')
      .where('job_id', '=', params.id)
      .where('state', 'in', ['queued', 'running'])
      .execute();
    await db.transaction((tx) => cancelJobs(tx, finish, [params.id]));
    return { jobIds: open.map(({ id }) => id), jobgroupId: params.id };
  };
  return [
    implement(endpoints.list, list),
    implement(endpoints.library, list),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countJobs(db.aside, planJobs(query, caller).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller, request }, keep) =>
        options.launch(toLaunch(body, caller, readLaunchHeaders(request.headers)), keep),
      show: async (launched, { request, reply }) => {
        if (!launched.existed || readLaunchHeaders(request.headers).executionId === null)
          return showStarted(launched);
        await reply.status(304).send();
        return alreadySent;
      },
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      await requireJob(db, caller, params.id);
      const embed = withSteps(readEmbed(query.embed, rules));
      const [row] = await readJobs(db.read, {
        where: sql<boolean>`j.id = ${params.id}`,
        orderBy: sql`j.id`,
        page: sql``,
      });
      const plain = showJob(row!, await readSteps(db.read, [params.id]), embed);
      await addWriteSettings(db.read, [plain], embed);
      const shown = { ...plain, startedBy: await showStart(db.read, caller, plain) };
      const whole = embed.has('webhooks')
        ? { ...shown, webhooks: { data: await options.readWebhooks(params.id, caller) } }
        : shown;
      return pickFields(
        whole,
        query.fields === undefined || query.fields === '' ? null : query.fields.split(';'),
      );
    }),
    implement(endpoints.status, async ({ params, caller }) =>
      showStatus((await requireJob(db, caller, params.id)).state),
    ),
    implement(endpoints.jobs, async ({ params, caller }) => {
      await requireJob(db, caller, params.id);
      return { data: (await readSteps(db.read, [params.id])).map(showStep) };
    }),
    implement(endpoints.jobStatus, async ({ params, caller }) => {
      const step = await db.read
        .selectFrom('job_steps')
        .select(['job_id', 'state'])
        .where('id', '=', params.id)
        .executeTakeFirst();
      if (step === undefined) throw notFound('step', params.id);
      await requireJob(db, caller, step.job_id);
      return showStatus(step.state);
    }),
    implement(endpoints.cancel, cancel),
    implement(endpoints.remove, cancel),
    ...resultRoutes(options),
    implement(endpoints.chain, async ({ params, caller }) => {
      await requireJob(db, caller, params.id);
      return showChain(db.read, await readChain(db.read, caller, params.id));
    }),
    implement(endpoints.webhooks, async ({ params, caller }) => {
      await requireJob(db, caller, params.id);
      return { data: await options.readWebhooks(params.id, caller) };
    }),
  ];
}

function resultRoutes({ db }: JobRoutes): Route[] {
  return [
    implement(endpoints.inputs, async ({ params, caller }) => {
      const plan = JSON.parse((await requireJob(db, caller, params.id)).plan) as JobPlan | null;
      const inputs = plan?.inputs ?? [];
      return {
        data: inputs.map(({ name, uris }) => ({
          name,
          inputs: uris.map((uri) => ({ uri, name: basename(uri), format: formatOf(plan, name) })),
        })),
      };
    }),
    implement(endpoints.outputs, async ({ params, caller }) => {
      await requireJob(db, caller, params.id);
      return { files: (await readFiles(db, params.id)).map(showFile), tables: [] };
    }),
    implement(endpoints.download, async ({ params, caller, reply }) => {
      const job = await requireJob(db, caller, params.id);
      const file = (await readFiles(db, params.id)).find(({ id }) => id === params.fileId);
      if (file === undefined || job.result_folder === null) throw notFound('file', params.fileId);
      const path = join(job.result_folder, file.source_path);
      const info = await stat(path).catch(() => null);
      if (info === null) throw new Problem('gone', 'The file of this job is no longer kept.');
      void reply
        .header('content-length', info.size)
        .header(
          'content-disposition',
          `attachment; filename*=UTF-8''${encodeURIComponent(basename(file.path))}`,
        );
      await reply.type('application/octet-stream').send(createReadStream(path));
      return alreadySent;
    }),
    implement(endpoints.profile, async ({ params, caller }) => {
      await requireJob(db, caller, params.id);
      const row = await db.read
        .selectFrom('job_profiles')
        .select('profile')
        .where('job_id', '=', params.id)
        .executeTakeFirst();
      if (row === undefined)
        throw new Problem(
          'not_found',
          'This job has no profile: set `profiler` on its output and run it again.',
        );
      return JSON.parse(row.profile) as ReplyOf<typeof endpoints.profile>;
    }),
    implement(endpoints.rejects, async ({ params, caller }) => {
      const { rows, data } = await readRejects(db, await requireJob(db, caller, params.id));
      return { rows, data: [...data] };
    }),
    implement(endpoints.downloadRejects, async ({ params, caller, reply }) => {
      const rejects = await readRejects(db, await requireJob(db, caller, params.id));
      void reply.header('content-disposition', `attachment; filename="rejects-${params.id}.csv"`);
      await reply.type('text/csv; charset=utf-8').send(writeRejects(rejects));
      return alreadySent;
    }),
    implement(endpoints.logs, async ({ params, caller, reply }) => {
      const job = await requireJob(db, caller, params.id);
      await reply.type('text/plain; charset=utf-8').send(job.log_tail ?? job.error_message ?? '');
      return alreadySent;
    }),
  ];
}

function toLaunch(
  body: BodyOf<typeof endpoints.create>,
  caller: Caller,
  headers: LaunchHeaders,
): LaunchRequest {
  const { webhooks, skipWebhooks, profiler, writeSettings, writeSettingsAt } = body.overrides;
  return {
    caller,
    recipeId: body.wrangledDatasetId,
    name: body.name ?? null,
    description: body.description ?? null,
    ranFrom: body.ranfrom ?? 'api',
    profiler,
    writeSettings,
    writeSettingsAt,
    parameters: body.parameters,
    webhooks: { skipsOwn: skipWebhooks ?? false, added: (webhooks ?? []).map(toOverride) },
    ...headers,
  };
}

type Override = NonNullable<BodyOf<typeof endpoints.create>['overrides']['webhooks']>[number];

function toOverride({ secretKey, ...rest }: Override): TaskDefinition {
  return {
    ...rest,
    secretKey: secretKey || null,
    triggerObject: 'any',
    recipeIds: [],
    condition: null,
    enabled: true,
  };
}

function planJobs(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  const plan = planList(query, rules);
  const conditions = [plan.where, visibleFlows(caller, 'j.flow_id')];
  if (query.flowId !== undefined) conditions.push(sql<boolean>`j.flow_id = ${query.flowId}`);
  if (query.wrangledDatasetId !== undefined)
    conditions.push(sql<boolean>`j.recipe_id = ${query.wrangledDatasetId}`);
  if (query.flowRunId !== undefined) conditions.push(sql<boolean>`j.flow_run_id = ${query.flowRunId}`);
  if (query.creatorId !== undefined) conditions.push(sql<boolean>`j.creator_id = ${query.creatorId}`);
  if (query.external !== undefined)
    conditions.push(sql<boolean>`j.kind = ${query.external ? 'external' : 'engine'}`);
  conditions.push(isOneOf('j.state', query.status?.map(readStatus)));
  conditions.push(isOneOf('j.started_by', query.startedBy), isOneOf('j.ran_from', query.ranfrom));
  if (query.from !== undefined) conditions.push(sql<boolean>`j.created_at >= ${Date.parse(query.from)}`);
  if (query.to !== undefined) conditions.push(sql<boolean>`j.created_at < ${Date.parse(query.to)}`);
  if (query.after !== undefined) conditions.push(sql<boolean>`j.id < ${query.after}`);
  return { ...plan, where: sql<boolean>`${sql.join(conditions, sql` and `)}` };
}

async function listJobs({ db }: JobRoutes, query: QueryOf<typeof endpoints.list>, caller: Caller) {
  const plan = planJobs(query, caller);
  const rows = await readJobs(db.aside, plan);
  requireBounded(rows, plan);
  const ids = rows.map(({ id }) => id);
  const steps = Map.groupBy(await readSteps(db.read, ids), ({ job_id }) => job_id);
  const embed = withSteps(plan.embed);
  const items = rows.map((row) => showJob(row, steps.get(row.id) ?? [], embed));
  await addWriteSettings(db.read, items, embed);
  if (plan.embed.has('webhooks')) {
    const webhooks = await readWebhooksOfJobs(db.read, caller, ids);
    for (const item of items) Object.assign(item, { webhooks: { data: webhooks.get(item.id) ?? [] } });
  }
  return answerList(items, plan, plan.includeCount ? await countJobs(db.aside, plan.where) : 0);
}

function formatOf(plan: JobPlan | null, name: string): string {
  return plan?.datasets.find((dataset) => dataset.name === name)?.format ?? '';
}
