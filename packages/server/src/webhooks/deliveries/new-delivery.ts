// What an event owes: one delivery for each decision that fires, with its frozen body.
import type { Announcement, Database, Tx } from '../../db/database.ts';
import { insertMany } from '../../db/rows.ts';
import type { Claim } from './delivery-claim.ts';
import { birthColumns, columnsOfBirth, insertBorn, type BirthTimes } from './delivery-move.ts';
import type { DeliveryBirth } from './delivery-state.ts';
import { takeSlot, type DirectLease } from './direct-lease.ts';
import type { RecordedKind } from '@flowhook/contract/webhook/event-kind';
import type { Facts } from '../messages/fact.ts';
import { freezeBody, packBody } from '../messages/frozen-body.ts';
import type { Template } from '../messages/template.ts';

export interface OweContext {
  readonly db: Pick<Database, 'announce' | 'afterCommit' | 'afterRollback'>;
  /** The lease under which the worker of this process sends at once; null where there is none, or none that does so. */
  direct(): DirectLease | null;
  /** The public id of a delivery: random, so that two servers never collide at a common receiver. */
  makePublicId(): string;
  settings(): { readonly switchedOn: boolean; readonly maximumAgeMs: number };
}

/** The fields of a webhook task by which deliveries are made. */
export interface OwedTask {
  readonly id: number;
  /** Raised with every change of the task. */
  readonly version: number;
  /** Null where the task has no body. */
  readonly bodyTemplate: Template | null;
  /** Host and port of the URL, by which a slow receiver is kept from taking every slot. */
  readonly host: string;
}

export interface Owed {
  readonly publicId: string;
  readonly eventId: number;
  readonly eventKind: RecordedKind;
  readonly hop: number;
  readonly jobId: number | null;
  readonly flowId: number;
  readonly task: OwedTask;
  readonly body: string | null;
  /** Why it is born dead; null where it can be sent. */
  readonly deadReason: string | null;
}

/** The topic of announcements about deliveries that may be due. */
export const deliveriesDue = 'deliveries.due';
/** The topic of announcements about deliveries that have changed. */
export const deliveriesChanged = 'deliveries.changed';

/** Returns the delivery that an event owes to one task, its body frozen; `deadReason` says why that could not be made. */
export function oweDelivery(
  context: OweContext,
  event: {
    readonly id: number;
    readonly jobId: number | null;
    readonly flowId: number;
    readonly kind: RecordedKind;
    readonly hop: number;
    readonly facts: Facts;
  },
  task: OwedTask,
): Owed {
  const { id: eventId, jobId, flowId, kind: eventKind, hop } = event;
  const born = { publicId: context.makePublicId(), eventId, eventKind, hop, jobId, flowId, task };
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
  ...birthColumns,
  host: 'text',
  end_reason: 'text',
  created_at: 'bigint',
  updated_at: 'bigint',
  expires_at: 'bigint',
} as const;
const bodyColumns = { delivery_id: 'bigint', body: 'text' } as const;

interface Born extends Owed {
  readonly birth: DeliveryBirth;
}

interface Times extends BirthTimes {
  readonly expiresAt: number;
}

/**
 * Writes deliveries; `now` is the database's time, epoch milliseconds. Those that find a slot free are sent after the commit;
 * for the others an announcement wakes the workers.
 */
export async function insertDeliveries(
  tx: Tx,
  { db, settings, direct }: OweContext,
  owed: readonly Owed[],
  now: number,
): Promise<void> {
  if (owed.length === 0) return;
  const lease = direct();
  const times = { now, expiresAt: now + settings().maximumAgeMs, leasedUntil: now + (lease?.leaseMs() ?? 0) };
  const born = owed.map((each) => ({ ...each, birth: chooseBirth(tx, db, lease, each) }));
  const ids = await insertBorn(
    tx,
    deliveryColumns,
    born.map((each) => toRow(each, times, lease)),
  );
  const bodies = owed
    .filter(({ body }) => body !== null)
    .map(({ publicId, body }) => ({ delivery_id: ids.get(publicId)!, body }));
  await insertMany(tx, { table: 'delivery_bodies', columns: bodyColumns, rows: bodies });
  const sent = born.filter(({ birth }) => birth === 'leased');
  const claims = sent.map((each) => toClaim(each, ids.get(each.publicId)!, times));
  if (claims.length > 0) db.afterCommit(tx, () => lease!.send(claims));
  announceBorn(tx, db, born, ids);
}

function chooseBirth(tx: Tx, db: OweContext['db'], lease: DirectLease | null, owed: Owed): DeliveryBirth {
  if (owed.deadReason !== null) return 'unmade';
  return takeSlot(tx, db, lease, { publicId: owed.publicId, host: owed.task.host }) ? 'leased' : 'owed';
}

function toRow(born: Born, times: Times, lease: DirectLease | null) {
  const { now, expiresAt } = times;
  return {
    public_id: born.publicId,
    event_id: born.eventId,
    task_id: born.task.id,
    flow_id: born.flowId,
    job_id: born.jobId,
    ...columnsOfBirth(born.birth, times, lease?.nodeId ?? null),
    host: born.task.host,
    end_reason: born.deadReason,
    created_at: now,
    updated_at: now,
    expires_at: expiresAt,
  };
}

function toClaim(born: Born, id: number, { now, expiresAt, leasedUntil }: Times): Claim {
  const { publicId, eventId, eventKind, hop, jobId, flowId, body, task } = born;
  return {
    id,
    publicId,
    taskId: task.id,
    taskVersion: task.version,
    eventId,
    eventKind,
    flowId,
    jobId,
    hop,
    host: task.host,
    attemptCount: 1,
    roundStart: 0,
    interruptedInRow: 0,
    crashesInRow: 0,
    createdAt: now,
    expiresAt,
    body,
    claimedUntil: leasedUntil,
  };
}

function announceBorn(
  tx: Tx,
  db: OweContext['db'],
  born: readonly Born[],
  ids: ReadonlyMap<string, number>,
): void {
  for (const flowId of new Set(born.map((each) => each.flowId))) {
    const ofFlow = born.filter((each) => each.flowId === flowId);
    if (ofFlow.some(({ birth }) => birth === 'owed'))
      db.announce(tx, { topic: deliveriesDue, flowId, ids: [] } satisfies Announcement);
    const others = ofFlow.filter(({ birth }) => birth !== 'owed');
    if (others.length > 0)
      db.announce(tx, {
        topic: deliveriesChanged,
        flowId,
        ids: others.map(({ publicId }) => ids.get(publicId)!),
      });
  }
}
