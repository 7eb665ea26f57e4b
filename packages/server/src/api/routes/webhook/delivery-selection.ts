// Many deliveries at once: asking for a selection again, and the export of a list.
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { deliverySelectionEndpoints as endpoints } from '@flowhook/contract/webhook/delivery-selection';
import type { ReplyOf } from '@flowhook/contract/endpoint';
import { Problem } from '../../../base/error.ts';
import { keepNothing } from '../../../db/kept-answer.ts';
import type { Caller } from '../../../people/caller.ts';
import { redeliver, sendAsNew, type ByHandContext } from '../../../webhooks/deliveries/delivery.ts';
import { readDeliveries, type DeliveryRow } from '../../../webhooks/deliveries/delivery-read.ts';
import { writeCsvRow } from '../../views/csv.ts';
import { readHeldReason } from '../../views/delivery-view.ts';
import { planDeliveries, type DeliveryQuery } from '../../views/delivery-list.ts';
import { writeTime, writeTimeOrNull } from '../../views/list.ts';
import { alreadySent, implement, type Route } from '../../route.ts';
import { requireDelivery } from './webhook-delivery.ts';

type Done = ReplyOf<typeof endpoints.redeliver>['data'][number];

export function deliverySelectionRoutes(context: ByHandContext): Route[] {
  return [
    implement(endpoints.redeliver, async ({ body, caller }) => {
      const data: Done[] = [];
      // One after the other, each in a transaction of its own: what was done stays done, whatever follows.
      for (const id of new Set(body.ids)) data.push(await redeliverOne(context, caller, id, body.asNew));
      return { data };
    }),
    implement(endpoints.export, async ({ query, caller, reply }) => {
      // Judged before the first byte, as the list judges it; what follows must not fail for the query's sake.
      planDeliveries(query, caller);
      const asked = planExport(query);
      const first = await readPage(context, asked, caller);
      const pages = writePages(context, asked, caller, first);
      void reply
        .header('content-disposition', 'attachment; filename="deliveries.csv"')
        .type('text/csv; charset=utf-8');
      await reply.send(Readable.from(pages));
      return alreadySent;
    }),
  ];
}

async function redeliverOne(
  context: ByHandContext,
  caller: Caller,
  id: number,
  asNew: boolean,
): Promise<Done> {
  try {
    await requireDelivery(context, caller, id, true);
    const send = asNew ? sendAsNew : redeliver;
    const { id: sent } = await send({ ...context, keep: keepNothing }, id);
    const { row } = await requireDelivery(context, caller, sent);
    return { id, done: true, delivery: { id: sent, state: row.state }, problem: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { id, done: false, delivery: null, problem: { code: error.code, detail: error.message } };
  }
}

/** Pages and members are the export's own. */
function planExport(query: DeliveryQuery): DeliveryQuery {
  return {
    ...query,
    sort: undefined,
    limit: undefined,
    offset: undefined,
    noLimit: undefined,
    embed: undefined,
  };
}

const pageSize = 1000;
const columns = [
  'id',
  'deliveryId',
  'state',
  'held',
  'heldReason',
  'webhookFlowTaskId',
  'webhookFlowTask',
  'flowId',
  'flow',
  'jobGroupId',
  'event',
  'host',
  'attemptCount',
  'nextAttemptAt',
  'lastStatusCode',
  'lastReason',
  'endReason',
  'createdAt',
  'endedAt',
  'expiresAt',
];

async function readPage({ db }: ByHandContext, query: DeliveryQuery, caller: Caller): Promise<DeliveryRow[]> {
  const { where } = planDeliveries(query, caller);
  const page = sql`limit ${sql.lit(pageSize)}`;
  return readDeliveries(db.aside, { where, orderBy: sql`d.id desc`, page });
}

/**
 * The newest first, a page of rows in memory at a time; the client's pace decides when the next one is read. Where a later
 * page can't be read the connection breaks before the last chunk: every HTTP client tells that the file is not whole.
 */
async function* writePages(
  context: ByHandContext,
  query: DeliveryQuery,
  caller: Caller,
  first: readonly DeliveryRow[],
): AsyncGenerator<string> {
  yield writeCsvRow(columns);
  let rows = first;
  for (;;) {
    if (rows.length > 0) yield rows.map(writeDelivery).join('');
    if (rows.length < pageSize) return;
    rows = await readPage(context, { ...query, after: rows.at(-1)!.id }, caller);
  }
}

function writeDelivery(row: DeliveryRow): string {
  return writeCsvRow([
    row.id,
    row.public_id,
    row.state,
    row.held === 1,
    readHeldReason(row),
    row.task_id,
    row.task_name,
    row.flow_id,
    row.flow_name,
    row.job_id,
    row.event_kind,
    row.host,
    row.attempt_count,
    row.state === 'pending' ? writeTimeOrNull(row.due_at) : null,
    row.last_status_code,
    row.last_reason,
    row.end_reason,
    writeTime(row.created_at),
    writeTimeOrNull(row.ended_at),
    writeTime(row.expires_at),
  ]);
}
