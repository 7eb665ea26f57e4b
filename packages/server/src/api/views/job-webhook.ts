// What every task of a flow did about its jobs: decisions, deliveries and attempts, in as many queries for one job as for a page.
import { sql } from 'kysely';
import type { ReplyOf } from '@flowhook/contract/endpoint';
import type { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import type { Read } from '../../db/database.ts';
import { readDecisions, type DecisionRow } from '../../webhooks/events/decision-read.ts';
import type { Caller } from '../../people/caller.ts';
import { findEditable } from '../../people/flow-access-store.ts';
import {
  readAttempts,
  readDeliveries,
  type AttemptRow,
  type DeliveryRow,
} from '../../webhooks/deliveries/delivery-read.ts';
import { readMaskedBodies, showAttempt, showDelivery, type BodyReading } from './delivery-view.ts';

export type JobWebhook = ReplyOf<typeof jobGroupEndpoints.webhooks>['data'][number];

/** Of one job, with the bodies that were sent where the caller may change its flow. */
export async function readJobWebhooks(
  reading: BodyReading,
  caller: Caller,
  jobId: number,
): Promise<JobWebhook[]> {
  const read = await readParts(reading.db.read, caller, [jobId]);
  const seen = read.deliveries.filter(({ flow_id }) => read.editable.has(flow_id));
  return showParts(read, await readMaskedBodies(reading, seen)).get(jobId) ?? [];
}

/** Of a page of jobs, by their ids; without bodies, of which each may have a mebibyte. */
export async function readWebhooksOfJobs(
  db: Read,
  caller: Caller,
  jobIds: readonly number[],
): Promise<ReadonlyMap<number, JobWebhook[]>> {
  return showParts(await readParts(db, caller, jobIds), new Map());
}

interface Parts {
  readonly decisions: readonly DecisionRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly attempts: readonly AttemptRow[];
  /** The flows whose header values and bodies the caller may see. */
  readonly editable: ReadonlySet<number>;
}

async function readParts(db: Read, caller: Caller, jobIds: readonly number[]): Promise<Parts> {
  if (jobIds.length === 0) return { decisions: [], deliveries: [], attempts: [], editable: new Set() };
  const decisions = await readDecisions(db, jobIds);
  const where = sql<boolean>`d.job_id in (${sql.join([...jobIds])})`;
  const deliveries = await readDeliveries(db, { where, orderBy: sql`d.id`, page: sql`` });
  const attempts = await readAttempts(
    db,
    deliveries.map(({ id }) => id),
  );
  const flowIds = deliveries.map(({ flow_id }) => flow_id);
  return { decisions, deliveries, attempts, editable: await findEditable(db, caller, flowIds) };
}

function showParts(
  { decisions, deliveries, attempts, editable }: Parts,
  bodies: ReadonlyMap<number, string | null>,
): Map<number, JobWebhook[]> {
  const attemptsOf = Map.groupBy(attempts, ({ delivery_id }) => delivery_id);
  const deliveriesOf = Map.groupBy(deliveries, (row) => writePair(row));
  const show = (row: DeliveryRow) => {
    const own = attemptsOf.get(row.id) ?? [];
    const [body, seesAll] = [bodies.get(row.id) ?? null, editable.has(row.flow_id)];
    return { ...showDelivery(row), attempts: { data: own.map((each) => showAttempt(each, body, seesAll)) } };
  };
  const shown = new Map<number, JobWebhook[]>();
  for (const decision of decisions) {
    const own = deliveriesOf.get(writePair(decision)) ?? [];
    const webhook = { ...showDecision(decision), deliveries: { data: own.map(show) } };
    shown.set(decision.job_id, [...(shown.get(decision.job_id) ?? []), webhook]);
  }
  return shown;
}

/** The event and the task that a decision and its deliveries share. */
function writePair({ event_id, task_id }: Pick<DeliveryRow, 'event_id' | 'task_id'>): string {
  return `${event_id} ${task_id}`;
}

function showDecision(decision: DecisionRow) {
  return {
    webhookFlowTask: { id: decision.task_id, name: decision.task_name },
    event: decision.event_kind,
    fired: decision.fires === 1,
    reason: decision.detail,
    reasonCode: decision.reason,
  };
}
