// Deliveries and attempts as the API shows them. Secrets were masked before they were stored.
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { sql } from 'kysely';
import type { Read } from '../../db/database.ts';
import {
  readAttempts,
  readBody,
  readDecisions,
  readDeliveries,
  type AttemptRow,
  type DecisionRow,
  type DeliveryRow,
} from '../../webhooks/deliveries/delivery-read.ts';
import type { SendableTask } from '../../webhooks/deliveries/attempt.ts';
import { createTaskMask } from '../../webhooks/messages/compiled-task.ts';
import { maskSecrets, unpackBody } from '../../webhooks/messages/frozen-body.ts';
import { Unusable, readStored } from '../../webhooks/messages/unusable.ts';
import { refer, writeTime, writeTimeOrNull } from './list.ts';

type Delivery = ReplyOf<typeof webhookDeliveryEndpoints.redeliver>;
type Attempt = ReplyOf<typeof webhookDeliveryEndpoints.attempt>;
type JobWebhook = ReplyOf<typeof jobGroupEndpoints.webhooks>['data'][number];

export function showDelivery(row: DeliveryRow, embed: ReadonlySet<string> = new Set()): Delivery {
  const flow = { id: row.flow_id, ...(embed.has('flow') && { name: row.flow_name }) };
  const job = { id: row.job_id!, ...(embed.has('jobGroup') && { name: row.job_name }) };
  return {
    id: row.id,
    deliveryId: row.public_id,
    state: row.state,
    held: row.held === 1,
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
  /** The task as it is now, its secrets in clear. */
  loadTask(taskId: number): Promise<SendableTask>;
}

/** The frozen body with each slot of a secret masked, and each value that its task keeps secret now. */
export async function readMaskedBody(
  { db, loadTask }: BodyReading,
  { id, task_id }: Pick<DeliveryRow, 'id' | 'task_id'>,
): Promise<string | null> {
  const stored = await readBody(db.read, id);
  if (stored === null) return null;
  try {
    const { task } = await loadTask(task_id);
    const body = readStored(stored, unpackBody, 'body of this delivery');
    return createTaskMask(task).maskText(maskSecrets(body));
  } catch (error) {
    // What is secret in it can't be told any more: then none of it is shown. The attempt says why.
    if (error instanceof Unusable) return null;
    throw error;
  }
}

/** What every task of the flow did about a job, fired or not. */
export async function readJobWebhooks(
  reading: BodyReading,
  jobId: number,
  seesAll: boolean,
): Promise<JobWebhook[]> {
  const db = reading.db.read;
  const decisions = await readDecisions(db, jobId);
  const deliveries = await readDeliveries(db, {
    where: sql<boolean>`d.job_id = ${jobId}`,
    orderBy: sql`d.id`,
    page: sql``,
  });
  const attempts = await readAttempts(
    db,
    deliveries.map(({ id }) => id),
  );
  const shown = await Promise.all(
    deliveries.map(async (row) => {
      const body = seesAll ? await readMaskedBody(reading, row) : null;
      const own = attempts.filter(({ delivery_id }) => delivery_id === row.id);
      return {
        ...showDelivery(row),
        attempts: { data: own.map((attempt) => showAttempt(attempt, body, seesAll)) },
      };
    }),
  );
  return decisions.map((decision) => ({
    webhookFlowTask: { id: decision.task_id, name: decision.task_name },
    event: decision.event_kind,
    fired: decision.fires === 1,
    reason: decision.detail,
    reasonCode: decision.reason,
    deliveries: { data: shown.filter((_, index) => isOf(deliveries[index]!, decision)) },
  }));
}

function isOf(delivery: DeliveryRow, decision: DecisionRow): boolean {
  return delivery.task_id === decision.task_id && delivery.event_id === decision.event_id;
}
