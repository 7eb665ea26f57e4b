// Deliveries: what is owed, every attempt, redeliver and cancel.
import { sql } from 'kysely';
import { webhookDeliveryEndpoints as endpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { Problem, notFound } from '../../../base/error.ts';
import { readStartedJob } from '../../../jobs/chain.ts';
import type { Caller } from '../../../people/caller.ts';
import { requireFlow, visibleFlows } from '../../../people/flow-access-store.ts';
import {
  cancelDelivery,
  redeliver,
  sendAsNew,
  type ByHandContext,
} from '../../../webhooks/deliveries/delivery.ts';
import {
  countDeliveries,
  readAttempts,
  readDeliveries,
  type DeliveryRow,
} from '../../../webhooks/deliveries/delivery-read.ts';
import { readMaskedBodies, showAttempt, showDelivery, type BodyReading } from '../../views/delivery-view.ts';
import { planDeliveries } from '../../views/delivery-list.ts';
import { answerList, pickFields, refer } from '../../views/list.ts';
import { implement, implementMaking, type Route } from '../../route.ts';

export type DeliveryRoutes = ByHandContext & BodyReading;

export function webhookDeliveryRoutes(context: DeliveryRoutes): Route[] {
  const { db } = context;
  return [
    implement(endpoints.list, async ({ query, caller }) => {
      const plan = planDeliveries(query, caller);
      const rows = await readDeliveries(db.aside, plan);
      return answerList(
        rows.map((row) => showDelivery(row, plan.embed)),
        plan,
        plan.includeCount ? await countDeliveries(db.aside, plan.where) : 0,
      );
    }),
    implement(endpoints.count, async ({ query, caller }) => ({
      count: await countDeliveries(db.aside, planDeliveries(query, caller).where),
    })),
    implement(endpoints.get, async ({ params, query, caller }) => {
      const { row, seesAll } = await requireDelivery(context, caller, params.id);
      const shown = {
        ...showDelivery(row),
        body: seesAll ? await readMaskedBodyOf(context, row) : null,
        startedJobGroup: refer(await readStartedJob(db.read, caller, row.public_id)),
      };
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
    implementMaking(endpoints.redeliver, {
      make: async ({ params, body, caller }, keep) => {
        await requireDelivery(context, caller, params.id, true);
        const send = body.asNew ? sendAsNew : redeliver;
        return send({ ...context, keep }, params.id);
      },
      show: async ({ id }, { caller }) => showDelivery((await requireDelivery(context, caller, id)).row),
    }),
    implement(endpoints.cancel, async ({ params, caller }) => {
      await requireDelivery(context, caller, params.id, true);
      await cancelDelivery(context, params.id);
      return showDelivery((await requireDelivery(context, caller, params.id)).row);
    }),
  ];
}

/** A delivery that the caller may see; `seesAll`: headers and bodies too, as an editor of the flow does. */
export async function requireDelivery(
  { db }: ByHandContext,
  caller: Caller,
  id: number,
  toChange = false,
): Promise<{ row: DeliveryRow; seesAll: boolean }> {
  const where = sql<boolean>`d.id = ${id} and ${visibleFlows(caller, 'd.flow_id')}`;
  const [row] = await readDeliveries(db.read, { where, orderBy: sql`d.id`, page: sql`` });
  if (row === undefined) throw notFound('delivery', id);
  if (toChange) await requireFlow(db.read, caller, row.flow_id, { role: 'editor', includeDeleted: true });
  return { row, seesAll: toChange || (await isEditor(db, caller, row.flow_id)) };
}

/** Whether the caller sees what was sent: editors of the flow do, viewers see neither headers nor bodies. */
async function isEditor(db: ByHandContext['db'], caller: Caller, flowId: number): Promise<boolean> {
  try {
    await requireFlow(db.read, caller, flowId, { role: 'editor', includeDeleted: true });
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

async function showAttempts(context: DeliveryRoutes, caller: Caller, id: number) {
  const { row, seesAll } = await requireDelivery(context, caller, id);
  const body = seesAll ? await readMaskedBodyOf(context, row) : null;
  return (await readAttempts(context.db.read, [row.id])).map((attempt) =>
    showAttempt(attempt, body, seesAll),
  );
}

async function readMaskedBodyOf(context: DeliveryRoutes, row: DeliveryRow): Promise<string | null> {
  return (await readMaskedBodies(context, [row])).get(row.id) ?? null;
}
