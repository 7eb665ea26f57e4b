// Flows: list, make, change, delete, and their graph.
import { sql } from 'kysely';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { flowEndpoints as endpoints, flowNames } from '@flowhook/contract/flow/flow';
import type { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import type { Read } from '../../../db/database.ts';
import {
  changeFlow,
  createFlow,
  describeDeletion,
  readFlow,
  removeFlow,
  type FlowDeletion,
} from '../../../flows/flow.ts';
import type { FlowRoom } from '../../../flows/flow-room.ts';
import { countJobsOfFlow, readOpenJobsOfFlow } from '../../../jobs/open-job.ts';
import { readLastJobs, type LastJobRow } from '../../../jobs/job-read.ts';
import { countFlows, readFlows, type FlowRow } from '../../../flows/flow-store.ts';
import { readGraph } from '../../../flows/graph-store.ts';
import { readOutputsOfFlow } from '../../../flows/output.ts';
import type { Caller } from '../../../people/caller.ts';
import { readFlowRoles, visibleFlows } from '../../../people/flow-access-store.ts';
import { readScheduleIdsOfFlow } from '../../../schedules/owned-schedule.ts';
import { countWaiting } from '../../../webhooks/deliveries/held-delivery.ts';
import { findStoppedByFlow, listTasksOfFlow } from '../../../webhooks/tasks/stopped-task.ts';
import { showFlow, showGraph, showNodes, showStopped } from '../../views/flow-view.ts';
import { showStatus } from '../../views/job-view.ts';
import {
  pickFields,
  planList,
  refer,
  writeTime,
  writeTimeOrNull,
  type ListPlan,
  type ListRules,
} from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { answerRows, narrowPlan } from '../../views/row-list.ts';

export interface FlowRoutes {
  readonly room: FlowRoom;
  /** The webhook tasks of a flow, as the API shows them. */
  readTasks(caller: Caller, flowId: number): Promise<ReplyOf<typeof webhookTaskEndpoints.get>[]>;
}

const rules: ListRules<typeof flowNames> = {
  sortable: { id: 'f.id', name: 'f.name', createdAt: 'f.created_at', updatedAt: 'f.updated_at' },
  filterable: { name: 'f.name', description: "coalesce(f.description, '')" },
  embeds: flowNames.embed,
  costly: ['flownodes', 'webhookFlowTasks'],
};

export function flowRoutes(options: FlowRoutes): Route[] {
  const { room } = options;
  const { read } = room.db;
  return [
    implement(endpoints.list, ({ query, caller }) =>
      answerRows(planFlows(query, caller), {
        read: (plan) => readFlows(read, plan),
        count: (where) => countFlows(read, where),
        show: (rows, embed) => showAll(options, caller, rows, embed),
      }),
    ),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countFlows(read, planFlows(query, caller).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) =>
        createFlow({ ...room, keep }, caller, { ...body, description: body.description ?? null }),
      show: async ({ id }, { caller }) => showFlow(await readFlow(room, caller, id), 'owner'),
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { embed, fields, includeDeleted } = planList(query, rules);
      const row = await readFlow(room, caller, params.id, includeDeleted);
      return pickFields(await showOne(options, caller, row, embed), fields);
    }),
    implement(endpoints.change, async ({ params, body, caller, held }) => {
      const { name, description } = body;
      const change = {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
      };
      return showOne(options, caller, await changeFlow(held(room), caller, params.id, change));
    }),
    implement(endpoints.replace, async ({ params, body, caller, held }) => {
      const flow = { name: body.name, description: body.description ?? null };
      return showOne(options, caller, await changeFlow(held(room), caller, params.id, flow));
    }),
    implement(endpoints.remove, ({ params, caller, held }) => removeFlow(held(room), caller, params.id)),
    implement(endpoints.deletion, async ({ params, caller }) =>
      showDeletion(read, caller, await describeDeletion(room, caller, params.id)),
    ),
    implement(endpoints.flowNodes, async ({ params, caller }) => {
      await readFlow(room, caller, params.id);
      const outputs = await readOutputsOfFlow(room, params.id);
      return showGraph(params.id, await readGraph(read, params.id), outputs);
    }),
  ];
}

function planFlows(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  const whose = query.flowsFilter ?? query.flowFilter;
  const mine = sql<boolean>`f.owner_id = ${caller.personId}`;
  const others = sql<boolean>`f.owner_id <> ${caller.personId}`;
  return narrowPlan(planList(query, rules), 'f', [
    visibleFlows(caller, 'f.id'),
    whose === 'owned' ? mine : undefined,
    whose === 'shared' ? others : undefined,
  ]);
}

async function showOne(
  options: FlowRoutes,
  caller: Caller,
  row: FlowRow,
  embed: ReadonlySet<string> = new Set(),
): Promise<ReplyOf<typeof endpoints.get>> {
  return (await showAll(options, caller, [row], embed))[0]!;
}

async function showAll(
  options: FlowRoutes,
  caller: Caller,
  rows: readonly FlowRow[],
  embed: ReadonlySet<string>,
): Promise<ReplyOf<typeof endpoints.get>[]> {
  const { read } = options.room.db;
  const ids = rows.map(({ id }) => id);
  const jobs = await readLastJobs(read, embed.has('lastJobGroup') ? ids : []);
  const last = new Map(jobs.map((job) => [job.flow_id, job]));
  const roles = await readFlowRoles(read, caller, ids);
  return Promise.all(
    rows.map(async (row) => ({
      ...showFlow(row, roles.get(row.id) ?? 'viewer', embed),
      ...(await showEmbedded(options, caller, row, embed)),
      ...(embed.has('lastJobGroup') && { lastJobGroup: showLastJob(last.get(row.id)) }),
    })),
  );
}

function showLastJob(job: LastJobRow | undefined) {
  if (job === undefined) return null;
  const { id, state, created_at, finished_at } = job;
  return {
    id,
    status: showStatus(state),
    createdAt: writeTime(created_at),
    finishedAt: writeTimeOrNull(finished_at),
  };
}

async function showEmbedded(
  { room, readTasks }: FlowRoutes,
  caller: Caller,
  row: FlowRow,
  embed: ReadonlySet<string>,
) {
  const nodes = embed.has('flownodes') && {
    flownodes: { data: showNodes(row.id, await readGraph(room.db.read, row.id)) },
  };
  const tasks = embed.has('webhookFlowTasks') && {
    webhookFlowTasks: { data: await readTasks(caller, row.id) },
  };
  return { ...nodes, ...tasks };
}

/** Each room says what of it would go. */
async function showDeletion(
  read: Read,
  caller: Caller,
  { flow, recipes, outputIds, datasets }: FlowDeletion,
): Promise<ReplyOf<typeof endpoints.deletion>> {
  const refers = (ids: readonly number[]) => ids.map((id) => refer(id));
  return {
    flow,
    wrangledDatasets: [...recipes],
    schedules: refers(await readScheduleIdsOfFlow(read, flow.id)),
    outputObjects: refers(outputIds),
    webhookFlowTasks: await listTasksOfFlow(read, flow.id),
    runningJobGroups: refers(await readOpenJobsOfFlow(read, flow.id)),
    waitingDeliveryCount: await countWaiting(read, flow.id),
    jobGroupCount: await countJobsOfFlow(read, flow.id),
    importedDatasets: [...datasets],
    ...showStopped(await findStoppedByFlow(read, caller, flow.id)),
  };
}
