// Webhook tasks: what a flow calls when a job ends.
import { sql } from 'kysely';
import { webhookTaskEndpoints as endpoints, taskNames } from '@flowhook/contract/webhook/webhook-task';
import { showFields } from '@flowhook/contract/webhook/task-field';
import type { QueryOf, ReplyOf } from '@flowhook/contract/endpoint';
import { invalidField } from '../../../base/error.ts';
import type { Read } from '../../../db/database.ts';
import type { Caller } from '../../../people/caller.ts';
import { findEditable, requireFlow, visibleFlows } from '../../../people/flow-access-store.ts';
import type { EgressDecision } from '../../../webhooks/sending/egress/policy.ts';
import { lookAtUrl } from '../../../webhooks/sending/egress-look.ts';
import { readFlowChain, type FlowChain } from '../../../webhooks/tasks/flow-chain.ts';
import { isSecretHeader } from '@flowhook/contract/webhook/webhook-definition';
import { allReferences } from '../../../webhooks/messages/reference.ts';
import { maskUrl } from '../../../webhooks/tasks/task-change.ts';
import { countTasks, ofFlowItself, readTasks, type Task } from '../../../webhooks/tasks/stored-task.ts';
import { listWithheld } from '../../../webhooks/tasks/missing-secret.ts';
import {
  createTask,
  listWarnings,
  removeTask,
  requireTask,
  requireTaskPlace,
  updateTaskOf,
  type TaskContext,
} from '../../../webhooks/tasks/task-editing.ts';
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
import type { Resolve } from '../../../webhooks/sending/resolve.ts';
import { implement, implementMaking, type Route } from '../../route.ts';
import { inApiWords, takeRecipeIds } from '../../views/task-word.ts';

type Shown = ReplyOf<typeof endpoints.get>;

const rules: ListRules<typeof taskNames> = {
  sortable: { id: 't.id', name: 't.name', createdAt: 't.created_at', updatedAt: 't.updated_at' },
  filterable: { name: 't.name', url: 't.url' },
  embeds: taskNames.embed,
};

export function webhookTaskRoutes(context: TaskContext & { readonly resolve: Resolve }): Route[] {
  const { db, box, resolve } = context;
  const read = (caller: Caller, id: number) =>
    requireTask(context, caller, id, { role: 'viewer', includeDeleted: true });
  const show = async (caller: Caller, task: Task) => (await showTasks(db.read, caller, [task]))[0]!;
  const showWithWarnings = async (caller: Caller, task: Task) => {
    const lost = task.unopened === null ? [] : [task.unopened.message];
    return { ...(await show(caller, task)), warnings: [...lost, ...listWarnings(task)] };
  };
  const list = async (
    query: QueryOf<typeof endpoints.listOfFlow>,
    caller: Caller,
    flowId: number | undefined,
  ) => {
    const plan = planTasks(query, caller, flowId);
    const tasks = await readTasks(db.read, box, plan);
    return answerList(
      await showTasks(db.read, caller, tasks, plan.embed),
      plan,
      plan.includeCount ? await countTasks(db.read, plan.where) : 0,
    );
  };
  return [
    implement(endpoints.list, ({ query, caller }) => list(query, caller, query.flowId)),
    implement(endpoints.listOfFlow, async ({ params, query, caller }) => {
      await requireFlow(db.read, caller, params.id, { role: 'viewer', includeDeleted: query.includeDeleted });
      return list(query, caller, params.id);
    }),
    implement(endpoints.chainOfFlow, async ({ params, caller }) => {
      await requireFlow(db.read, caller, params.id, 'viewer');
      return showFlowChain(await readFlowChain(db.read, caller, params.id));
    }),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countTasks(db.read, planTasks(query, caller, query.flowId).where),
    })),
    implementMaking(endpoints.create, {
      make: ({ body, caller }, keep) => {
        const { flowId, ...given } = body;
        const { flowNodeIds: recipeIds, runWrangledDataset, missingSecrets, ...rest } = given;
        const task = {
          ...rest,
          recipeIds,
          runRecipeId: runWrangledDataset?.id ?? null,
          url: rest.url ?? '',
          method: rest.method ?? 'post',
          secretKey: rest.secretKey || null,
        };
        return inApiWords(createTask({ ...context, keep }, caller, flowId, task, missingSecrets));
      },
      show: async ({ id }, { caller }) => showWithWarnings(caller, await read(caller, id)),
    }),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const task = await requireTask(context, caller, params.id, {
        role: 'viewer',
        includeDeleted: query.includeDeleted,
      });
      const { embed, fields } = planList(query, rules);
      const [shown] = await showTasks(db.read, caller, [task], embed);
      return pickFields(shown!, fields);
    }),
    implement(endpoints.change, async ({ params, body, caller, held }) => {
      const { flowId, missingSecrets, ...change } = body;
      const place = await requireTaskPlace(context, caller, params.id, 'editor');
      if (flowId !== undefined && flowId !== place.flowId)
        throw invalidField('flowId', 'A task stays in its flow: make a new one there.');
      const changing = updateTaskOf(held(context), caller, params.id, takeRecipeIds(change), missingSecrets);
      return showWithWarnings(caller, await inApiWords(changing));
    }),
    implement(endpoints.remove, async ({ params, caller, held }) => {
      await removeTask(held(context), caller, params.id);
      return show(caller, await read(caller, params.id));
    }),
    implement(endpoints.references, async () => ({
      data: allReferences.map(({ name, kind, description, example }) => ({
        name,
        kind,
        description,
        example: example as never,
      })),
    })),
    implement(endpoints.egress, async ({ query }) => {
      const { decision, addresses, unresolved } = await lookAtUrl(context.policy(), query.url, resolve);
      return { ...showDecision(decision), addresses: addresses.map(showDecision), unresolved };
    }),
  ];
}

function showDecision({ explanation, ...decision }: EgressDecision) {
  return { ...decision, detail: explanation };
}

function showFlowChain({ recipes, links }: FlowChain): ReplyOf<typeof endpoints.chainOfFlow> {
  return {
    wrangledDatasets: recipes.map(({ id, name, flow }) => ({ id, name, flow: { ...flow } })),
    links: links.map(({ source, target, task: { id, name, flowId, enabled } }) => ({
      source,
      target,
      webhookFlowTask: { id, name, flow: { id: flowId }, enabled },
    })),
  };
}

function planTasks(
  query: QueryOf<typeof endpoints.listOfFlow>,
  caller: Caller,
  flowId: number | undefined,
): ListPlan {
  const plan = planList(query, rules);
  const conditions = [plan.where, visibleFlows(caller, 't.flow_id'), ofFlowItself];
  if (!plan.includeDeleted) conditions.push(sql<boolean>`t.deleted_at is null`);
  if (flowId !== undefined) conditions.push(sql<boolean>`t.flow_id = ${flowId}`);
  return { ...plan, where: sql<boolean>`${sql.join(conditions, sql` and `)}` };
}

/** Tasks as the caller may see them: header values and bodies only where they may change the flow. */
export async function showTasks(
  db: Read,
  caller: Caller,
  tasks: readonly Task[],
  embed: ReadonlySet<string> = new Set(),
): Promise<Shown[]> {
  const editable = await findEditable(
    db,
    caller,
    tasks.map(({ flowId }) => flowId),
  );
  const shown = tasks.map((task) => showTask(task, editable.has(task.flowId)));
  if (!embed.has('runWrangledDataset')) return shown;
  const ids = shown.flatMap(({ runWrangledDataset: recipe }) => (recipe === null ? [] : [recipe.id]));
  const named = await readRunRecipes(db, caller, ids);
  return shown.map((task) => {
    const recipe = named.get(task.runWrangledDataset?.id ?? 0);
    return recipe === undefined ? task : { ...task, runWrangledDataset: recipe };
  });
}

/** Recipes that tasks run, with their flows; those of flows that the caller may not see stay away. */
async function readRunRecipes(db: Read, caller: Caller, ids: readonly number[]) {
  const { rows } = await sql<{ id: number; name: string; flow_id: number; flow_name: string }>`
    select r.id, r.name, f.id as flow_id, f.name as flow_name from recipes r join flows f on f.id = r.flow_id
    where r.id in (${sql.join([0, ...ids])}) and ${visibleFlows(caller, 'r.flow_id')}`.execute(db);
  return new Map(
    rows.map(({ id, name, flow_id, flow_name }) => [
      id,
      { id, name, flow: { id: flow_id, name: flow_name } },
    ]),
  );
}

/** No secret, and null for each secret header; for all headers and the body where `seesAll` is false. */
function showTask(task: Task, seesAll: boolean): Shown {
  const headers = Object.entries(task.headers).map(([name, value]) => [
    name,
    seesAll && !isSecretHeader(name, task.secretHeaders) ? value : null,
  ]);
  return {
    id: task.id,
    flow: { id: task.flowId },
    ...showFields(task, seesAll),
    url: maskUrl(task),
    flowNodeIds: [...task.recipeIds],
    kind: task.runRecipeId ? 'runJob' : 'request',
    runWrangledDataset: refer(task.runRecipeId ?? null),
    headers: Object.fromEntries(headers) as Record<string, string | null>,
    secretKeySet: task.secretKey !== null && task.secretKey !== '',
    earlierSecretKeyUntil: writeTimeOrNull(task.earlierKey?.until ?? null),
    secretNames: Object.keys(task.secrets),
    missingSecrets: listWithheld(task),
    disabledReason: task.disabledReason,
    creator: refer(task.creatorId),
    updater: refer(task.updaterId),
    createdAt: writeTime(task.createdAt),
    updatedAt: writeTime(task.updatedAt),
  };
}
