// Deliveries: what is owed, every attempt, redeliver and cancel.
import { sql } from 'kysely';
import { webhookDeliveryEndpoints as endpoints } from '@flowhook/contract/webhook-delivery';
import type { QueryOf } from '@flowhook/contract/endpoint';
import { Problem, notFound } from '../../base/error.ts';
import type { Caller } from '../../people/caller.ts';
import { requireFlow, visibleFlows } from '../../people/flow-access-store.ts';
import { cancelDelivery, redeliver, sendAsNew, type ByHandContext } from '../../webhooks/delivery.ts';
import {
  countDeliveries,
  readAttempts,
  readDeliveries,
  type DeliveryRow,
} from '../../webhooks/delivery-read.ts';
import { readMaskedBody, showAttempt, showDelivery, type BodyReading } from '../delivery-view.ts';
import { answerList, pickFields, planList, type ListPlan } from '../list.ts';
import { implement, type Route } from '../route.ts';

const rules = {
  sortable: {
    id: 'd.id',
    createdAt: 'd.created_at',
    updatedAt: 'd.updated_at',
    state: 'd.state',
    host: 'd.host',
    attemptCount: 'd.attempt_count',
  },
  filterable: { name: 't.name', host: 'd.host', deliveryId: 'd.public_id' },
  embeds: [],
};

export type DeliveryRoutes = ByHandContext & BodyReading;

export function webhookDeliveryRoutes(context: DeliveryRoutes): Route[] {
  const { db } = context;
  return [
    implement(endpoints.list, async ({ query, caller }) => {
      const plan = planDeliveries(query, caller);
      const rows = await readDeliveries(db.read, plan);
      return answerList(
        rows.map(showDelivery),
        plan,
        plan.includeCount ? await countDeliveries(db.read, plan.where) : 0,
      );
    }),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countDeliveries(db.read, planDeliveries(query, caller).where),
    })),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { row, seesAll } = await requireDelivery(context, caller, params.id);
      const shown = { ...showDelivery(row), body: seesAll ? await readMaskedBody(context, row) : null };
      return pickFields(
        shown,
        query.fields === undefined || query.fields === '' ? null : query.fields.split(';'),
      );
    }),
    implement(endpoints.attempts, async ({ params, query, caller }) => {
      const attempts = await showAttempts(context, caller, params.id);
      const from = query.offset ?? 0;
      const data = query.noLimit === true ? attempts : attempts.slice(from, from + (query.limit ?? 25));
      return query.includeCount === true ? { data, count: attempts.length } : { data };
    }),
    implement(endpoints.attempt, async ({ params, caller }) => {
      const attempt = (await showAttempts(context, caller, params.id)).find(
        (each) => each.attempt === params.n,
      );
      if (attempt === undefined) throw notFound('attempt', params.n);
      return attempt;
    }),
    implement(endpoints.redeliver, async ({ params, body, caller }) => {
      await requireDelivery(context, caller, params.id, true);
      const id = body.asNew ? await sendAsNew(context, params.id) : params.id;
      if (!body.asNew) await redeliver(context, params.id);
      return showDelivery((await requireDelivery(context, caller, id)).row);
    }),
    implement(endpoints.cancel, async ({ params, caller }) => {
      await requireDelivery(context, caller, params.id, true);
      await cancelDelivery(context, params.id);
      return showDelivery((await requireDelivery(context, caller, params.id)).row);
    }),
  ];
}

/** A delivery that the caller may see; `seesAll`: headers and bodies too, as an editor of the flow does. */
async function requireDelivery(
  { db }: ByHandContext,
  caller: Caller,
  id: number,
  toChange = false,
): Promise<{ row: DeliveryRow; seesAll: boolean }> {
  const where = sql<boolean>`d.id = ${id} and ${visibleFlows(caller, 'd.flow_id')}`;
  const [row] = await readDeliveries(db.read, { where, orderBy: sql`d.id`, page: sql`` });
  if (row === undefined) throw notFound('delivery', id);
  if (toChange) await requireFlow(db.read, caller, row.flow_id, 'editor', true);
  return { row, seesAll: toChange || (await isEditor(db, caller, row.flow_id)) };
}

/** Whether the caller sees what was sent: editors of the flow do, viewers see neither headers nor bodies. */
export async function isEditor(db: ByHandContext['db'], caller: Caller, flowId: number): Promise<boolean> {
  try {
    await requireFlow(db.read, caller, flowId, 'editor', true);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

async function showAttempts(context: DeliveryRoutes, caller: Caller, id: number) {
  const { row, seesAll } = await requireDelivery(context, caller, id);
  const body = seesAll ? await readMaskedBody(context, row) : null;
  return (await readAttempts(context.db.read, [row.id])).map((attempt) =>
    showAttempt(attempt, body, seesAll),
  );
}

function planDeliveries(query: QueryOf<typeof endpoints.list>, caller: Caller): ListPlan {
  const plan = planList(query, rules);
  const conditions = [plan.where, visibleFlows(caller, 'd.flow_id')];
  const add = <Value>(
    value: Value | undefined,
    condition: (value: Value) => ReturnType<typeof sql<boolean>>,
  ) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  add(query.webhookFlowTaskId, (id) => sql<boolean>`d.task_id = ${id}`);
  add(query.jobGroupId, (id) => sql<boolean>`d.job_id = ${id}`);
  add(query.flowId, (id) => sql<boolean>`d.flow_id = ${id}`);
  add(query.state, (states) =>
    states.length === 0 ? sql<boolean>`1 = 1` : sql<boolean>`d.state in (${sql.join(states)})`,
  );
  add(query.host, (host) => sql<boolean>`d.host = ${host}`);
  add(query.statusCode, (status) => sql<boolean>`d.last_status_code = ${status}`);
  add(query.after, (id) => sql<boolean>`d.id < ${id}`);
  add(query.from, (time) => sql<boolean>`d.created_at >= ${Date.parse(time)}`);
  add(query.to, (time) => sql<boolean>`d.created_at < ${Date.parse(time)}`);
  return { ...plan, where: sql<boolean>`${sql.join(conditions, sql` and `)}` };
}
