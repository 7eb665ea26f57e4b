// What an event owes: one delivery for each decision that fires, with its frozen body.
import type { Announcement, Database, Tx } from '../db/database.ts';
import { readNow } from '../db/dialect.ts';
import { insertMany } from '../db/rows.ts';
import type { Facts } from './fact.ts';
import { freezeBody, packBody } from './frozen-body.ts';
import type { LoadedTask } from './task-cache.ts';

export interface OweContext {
  readonly db: Pick<Database, 'engine' | 'announce'>;
  /** The public id of a delivery: random, so that two servers never collide at a common receiver. */
  makePublicId(): string;
  settings(): { readonly switchedOn: boolean; readonly maximumAgeMs: number };
}

export interface Owed {
  readonly publicId: string;
  readonly eventId: number;
  readonly jobId: number | null;
  readonly flowId: number;
  readonly task: LoadedTask;
  readonly body: string | null;
  /** Why it is born dead; null where it can be sent. */
  readonly deadReason: string | null;
}

/** The topic of announcements about deliveries that may be due. */
export const deliveriesDue = 'deliveries.due';

/** Freezes the body of what is owed to one task. */
export function oweDelivery(
  context: OweContext,
  event: {
    readonly id: number;
    readonly jobId: number | null;
    readonly flowId: number;
    readonly facts: Facts;
  },
  task: LoadedTask,
): Owed {
  const { id: eventId, jobId, flowId } = event;
  const born = { publicId: context.makePublicId(), eventId, jobId, flowId, task };
  if (task.bodyTemplate === null) return { ...born, body: null, deadReason: null };
  const frozen = freezeBody(task.bodyTemplate, event.facts);
  if (frozen.ok) return { ...born, body: packBody(frozen.body), deadReason: null };
  return { ...born, body: null, deadReason: frozen.reason };
}

const deliveryColumns = {
  public_id: 'text',
  event_id: 'bigint',
  task_id: 'bigint',
  flow_id: 'bigint',
  job_id: 'bigint',
  state: 'text',
  due_at: 'bigint',
  host: 'text',
  end_reason: 'text',
  created_at: 'bigint',
  updated_at: 'bigint',
  expires_at: 'bigint',
  ended_at: 'bigint',
} as const;
const bodyColumns = { delivery_id: 'bigint', body: 'text' } as const;

/** Writes what is owed, and wakes those who send it. */
export async function insertDeliveries(
  tx: Tx,
  { db, settings }: OweContext,
  owed: readonly Owed[],
): Promise<void> {
  if (owed.length === 0) return;
  const now = await readNow(db.engine, tx);
  const { maximumAgeMs } = settings();
  const rows = owed.map(({ publicId, eventId, jobId, flowId, task, deadReason }) => ({
    public_id: publicId,
    event_id: eventId,
    task_id: task.id,
    flow_id: flowId,
    job_id: jobId,
    state: deadReason === null ? 'pending' : 'dead',
    due_at: deadReason === null ? now : null,
    host: task.host,
    end_reason: deadReason,
    created_at: now,
    updated_at: now,
    expires_at: now + maximumAgeMs,
    ended_at: deadReason === null ? null : now,
  }));
  const inserted = await insertMany<typeof deliveryColumns, { id: number; public_id: string }>(
    tx,
    db.engine,
    {
      table: 'deliveries',
      columns: deliveryColumns,
      rows,
      returning: ['id', 'public_id'],
    },
  );
  const ids = new Map(inserted.map(({ id, public_id }) => [public_id, id]));
  const bodies = owed
    .filter(({ body }) => body !== null)
    .map(({ publicId, body }) => ({ delivery_id: ids.get(publicId)!, body }));
  await insertMany(tx, db.engine, { table: 'delivery_bodies', columns: bodyColumns, rows: bodies });
  announceOwed(tx, db, owed);
}

function announceOwed(tx: Tx, db: OweContext['db'], owed: readonly Owed[]): void {
  const flows = new Set(owed.map(({ flowId }) => flowId));
  for (const flowId of flows)
    db.announce(tx, { topic: deliveriesDue, flowId, ids: [] } satisfies Announcement);
}
