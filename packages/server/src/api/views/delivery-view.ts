// Deliveries and attempts as the API shows them. Secrets were masked before they were stored.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import type { Read } from '../../db/database.ts';
import { readBodies, type AttemptRow, type DeliveryRow } from '../../webhooks/deliveries/delivery-read.ts';
import { createTaskMask, type TaskOfNow } from '../../webhooks/messages/compiled-task.ts';
import type { SecretMask } from '../../webhooks/messages/secret-mask.ts';
import { maskSecrets, unpackBody } from '../../webhooks/messages/frozen-body.ts';
import { Unusable, readStored } from '../../webhooks/messages/unusable.ts';
import { refer, writeTime, writeTimeOrNull } from './list.ts';

type Delivery = ReplyOf<typeof webhookDeliveryEndpoints.redeliver>;
type Attempt = ReplyOf<typeof webhookDeliveryEndpoints.attempt>;

export function showDelivery(row: DeliveryRow, embed: ReadonlySet<string> = new Set()): Delivery {
  const flow = { id: row.flow_id, ...(embed.has('flow') && { name: row.flow_name }) };
  const job = { id: row.job_id!, ...(embed.has('jobGroup') && { name: row.job_name }) };
  return {
    id: row.id,
    deliveryId: row.public_id,
    state: row.state,
    held: row.held === 1,
    heldReason: readHeldReason(row),
    webhookFlowTask: { id: row.task_id, name: row.task_name },
    flow,
    jobGroup: row.job_id === null ? null : job,
    event: row.event_kind,
    repeats: refer(row.repeats_id),
    host: row.host,
    attemptCount: row.attempt_count,
    nextAttemptAt: row.state === 'pending' ? writeTimeOrNull(row.due_at) : null,
    lastStatusCode: row.last_status_code,
    lastReason: row.last_reason,
    // While it is being sent it is the reason of a cancel that may yet come too late.
    endReason: row.ended_at === null ? null : row.end_reason,
    expiresAt: writeTime(row.expires_at),
    endedAt: writeTimeOrNull(row.ended_at),
    creator: null,
    updater: null,
    createdAt: writeTime(row.created_at),
    updatedAt: writeTime(row.updated_at),
  };
}

export function readHeldReason({
  held,
  held_for_crashes: forCrashes,
}: Pick<DeliveryRow, 'held' | 'held_for_crashes'>): Delivery['heldReason'] {
  if (held === 0) return null;
  return forCrashes === 1 ? 'crashes' : 'taskDisabled';
}

/** `body` is the frozen one, masked; null for those who may not see what was sent. */
export function showAttempt(row: AttemptRow, body: string | null, seesAll: boolean): Attempt {
  const { exchange } = row;
  const hasBody = exchange !== null && ['POST', 'PUT', 'PATCH'].includes(exchange.request.method);
  return {
    attempt: row.number,
    startedAt: writeTime(row.started_at),
    durationMs: row.duration_ms,
    outcome: row.outcome,
    statusCode: row.status_code,
    reason: row.reason,
    detail: row.detail,
    address: row.address,
    timing: exchange && { ...exchange.timing },
    request: exchange && {
      ...exchange.request,
      headers: seesAll ? { ...exchange.request.headers } : {},
      body: hasBody && seesAll ? body : null,
    },
    response: exchange?.response ? showResponse(exchange.response, seesAll) : null,
    egress: exchange && {
      allowed: exchange.egress.allowed,
      rule: exchange.egress.rule,
      detail: exchange.egress.explanation,
      address: exchange.egress.address,
    },
  };
}

type Stored = NonNullable<NonNullable<AttemptRow['exchange']>['response']>;

function showResponse(response: Stored, seesAll: boolean) {
  return {
    ...response,
    headers: seesAll ? { ...response.headers } : {},
    body: seesAll ? response.body : null,
  };
}

export interface BodyReading {
  readonly db: { readonly read: Read };
  /** Tasks as they are now, their secrets in clear, by id; one whose secrets can't be opened is not there. */
  loadTasks(ids: readonly number[]): Promise<ReadonlyMap<number, TaskOfNow>>;
}

/** The frozen bodies of deliveries, each slot of a secret masked and each value that the task keeps secret now, by delivery. */
export async function readMaskedBodies(
  { db, loadTasks }: BodyReading,
  deliveries: readonly Pick<DeliveryRow, 'id' | 'task_id'>[],
): Promise<ReadonlyMap<number, string>> {
  const stored = await readBodies(
    db.read,
    deliveries.map(({ id }) => id),
  );
  const tasks = await loadTasks([...new Set(deliveries.map(({ task_id }) => task_id))]);
  const masks = new Map([...tasks].map(([id, task]) => [id, createTaskMask(task)]));
  return new Map(
    deliveries.flatMap(({ id, task_id }) => {
      const body = maskBody(stored.get(id), masks.get(task_id));
      return body === null ? [] : [[id, body]];
    }),
  );
}

/** What is secret in it can't be told without its task: then none of it is shown. The attempt says why. */
function maskBody(stored: string | undefined, mask: SecretMask | undefined): string | null {
  if (stored === undefined || mask === undefined) return null;
  try {
    return mask.maskText(maskSecrets(readStored(stored, unpackBody, 'body of this delivery')));
  } catch (error) {
    if (error instanceof Unusable) return null;
    throw error;
  }
}
