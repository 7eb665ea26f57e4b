// Every way in which an event comes about at a delivery, by the real statements; time passes where it has to.
import { sql } from 'kysely';
import { Problem } from '../src/base/error.ts';
import { keepNothing } from '../src/db/kept-answer.ts';
import type { Database } from '../src/db/database.ts';
import { cancelDelivery, redeliver } from '../src/webhooks/deliveries/delivery.ts';
import { claimDue, type Claim } from '../src/webhooks/deliveries/delivery-claim.ts';
import { settleAttempts } from '../src/webhooks/deliveries/delivery-settle.ts';
import {
  deliveryRefusals,
  type DeliveryEvent,
  type DeliveryStanding,
} from '../src/webhooks/deliveries/delivery-state.ts';
import { endGoneLeases } from '../src/webhooks/deliveries/cut-off.ts';
import type { Outcome } from '../src/webhooks/sending/outcome.ts';
import {
  cancelWaiting,
  expireHeld,
  holdWaiting,
  releaseHeld,
} from '../src/webhooks/deliveries/held-delivery.ts';
import type { DeliveryRow } from './delivery-model.ts';
import { dayMs } from './webhook-world.ts';

/** What a way works on: the only delivery of the database that may be due. */
export interface Scene {
  readonly db: Database;
  readonly id: number;
  readonly taskId: number;
  /** A node that is gone. */
  readonly goneNode: number;
}

export interface Way {
  readonly name: string;
  readonly event: DeliveryEvent;
  /** Of which standings the event can come about in this way. */
  applies(standing: DeliveryStanding): boolean;
  /** What time brings before it. */
  pass(scene: Scene): Promise<unknown>;
  /** What was said: a refusal or nothing; undefined where nobody is told. */
  run(scene: Scene, before: DeliveryRow): Promise<string | null | undefined>;
  /** Whether what is due again is claimed in the same transaction. */
  readonly claims: boolean;
  readonly reason: string | null;
}

const usual = {
  applies: () => true,
  pass: async () => undefined,
  claims: false,
  reason: null,
};

export const ways: readonly Way[] = [
  { ...usual, name: 'claimed', event: 'claim', pass: comeDue, run: claim },
  {
    ...usual,
    name: 'answered 200',
    event: 'succeed',
    run: settleWith({ kind: 'response', statusCode: 200 }),
  },
  { ...usual, name: 'answered 503', event: 'retry', run: settleWith({ kind: 'response', statusCode: 503 }) },
  {
    ...usual,
    name: 'answered 410',
    event: 'give_up',
    reason: 'gone',
    run: settleWith({ kind: 'response', statusCode: 410 }),
  },
  { ...usual, name: 'its node is gone', event: 'interrupt', claims: true, pass: loseNode, run: endAndClaim },
  {
    ...usual,
    name: 'its node is gone for the third time',
    event: 'crash',
    pass: async (scene) => {
      await loseNode(scene);
      await write(scene, sql`crashes_in_row = 2`, sql`state = 'sending'`);
    },
    run: endAndClaim,
  },
  { ...usual, name: 'its lease ran out', event: 'interrupt', claims: true, pass: outlastLease, run: claim },
  {
    ...usual,
    name: 'its lease ran out for the tenth time',
    event: 'interrupt',
    pass: async (scene) => {
      await outlastLease(scene);
      await write(scene, sql`interrupted_in_row = 9`, sql`state = 'sending'`);
    },
    run: claim,
  },
  {
    ...usual,
    name: 'by hand',
    event: 'cancel',
    reason: 'by_hand',
    run: ({ db, id }) => say(cancelDelivery(byHand(db), id)),
  },
  {
    ...usual,
    name: 'its task is deleted',
    event: 'cancel',
    reason: 'task_deleted',
    run: cancelOf('task_deleted'),
  },
  {
    ...usual,
    name: 'its flow is deleted',
    event: 'cancel',
    reason: 'flow_deleted',
    run: cancelOf('flow_deleted'),
  },
  {
    ...usual,
    name: 'at the claim',
    event: 'expire',
    reason: 'expired',
    applies: (standing) => !standing.startsWith('held'),
    pass: async (scene) => {
      await comeDue(scene);
      await age(scene);
    },
    run: claim,
  },
  {
    ...usual,
    name: 'as the watch looks',
    event: 'expire',
    reason: 'expired',
    applies: (standing) => standing !== 'pending',
    pass: age,
    run: ({ db }) => quietly(db.transaction((tx) => expireHeld(tx, 100))),
  },
  {
    ...usual,
    name: 'as its task is enabled',
    event: 'expire',
    reason: 'expired',
    applies: (standing) => standing !== 'pending',
    pass: age,
    run: release,
  },
  { ...usual, name: 'its task is disabled', event: 'hold', run: hold },
  { ...usual, name: 'its task is enabled', event: 'release', run: release },
  { ...usual, name: 'by hand', event: 'redeliver', run: ({ db, id }) => say(redeliver(byHand(db), id)) },
];

export function byHand(db: Database) {
  return {
    db,
    makePublicId: () => `dlv_${crypto.randomUUID()}`,
    maximumAgeMs: () => 3 * dayMs,
    keep: keepNothing,
  };
}

async function claim({ db }: Scene): Promise<undefined> {
  const max = 100;
  const options = { nodeId: db.nodeId, max, maxOfHost: () => max, leastOfHost: max, leaseMs: 60_000 };
  await db.transaction((tx) => claimDue(tx, options));
}

async function endAndClaim(scene: Scene): Promise<undefined> {
  await endGoneLeases(scene.db);
  await claim(scene);
}

function settleWith(outcome: Outcome): Way['run'] {
  return async ({ db }, row) => {
    const attempt = {
      claim: claimOf(row),
      outcome,
      startedAt: 1,
      durationMs: 1,
      address: null,
      retryAfter: null,
      retryOnFailure: true,
      schedule: Array.from({ length: 100 }, () => 5000),
      random: 0.5,
      exchange: '{}',
    };
    const settled = await db.transaction((tx) => settleAttempts(tx, db.nodeId, [attempt]));
    return settled.lost.length === 0 ? null : deliveryRefusals.not_sending;
  };
}

/** As the attempt's own claim knew it. */
function claimOf(row: DeliveryRow): Claim {
  return {
    id: row.id,
    publicId: row.public_id,
    taskId: row.task_id,
    taskVersion: 1,
    eventId: row.event_id,
    eventKind: 'job.success',
    flowId: row.flow_id,
    jobId: row.job_id,
    hop: 0,
    host: row.host,
    attemptCount: row.attempt_count,
    roundStart: row.round_start,
    interruptedInRow: row.interrupted_in_row,
    crashesInRow: row.crashes_in_row,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    body: null,
    claimedUntil: row.due_at ?? 0,
  };
}

function cancelOf(reason: 'task_deleted' | 'flow_deleted'): Way['run'] {
  return ({ db, taskId }) => quietly(db.transaction((tx) => cancelWaiting(tx, [taskId], reason)));
}

async function hold({ db, taskId }: Scene): Promise<undefined> {
  await db.transaction(async (tx) => {
    await sql`update webhook_tasks set enabled = 0 where id = ${taskId}`.execute(tx);
    await holdWaiting(tx, taskId);
  });
}

async function release({ db, taskId }: Scene): Promise<undefined> {
  await db.transaction(async (tx) => {
    await sql`update webhook_tasks set enabled = 1 where id = ${taskId}`.execute(tx);
    await releaseHeld(tx, taskId);
  });
}

/** The time of the next attempt comes. */
function comeDue(scene: Scene) {
  return write(scene, sql`due_at = 1`, sql`state = 'pending' and held = 0`);
}

/** The lease runs out; what waits is not yet due. */
async function outlastLease(scene: Scene) {
  await putOff(scene);
  await write(scene, sql`due_at = 1`, sql`state = 'sending'`);
}

/** The node that sends it ends; what waits is not yet due. */
async function loseNode(scene: Scene) {
  await putOff(scene);
  await write(scene, sql`lease_node = ${scene.goneNode}, crashes_in_row = 0`, sql`state = 'sending'`);
}

function putOff(scene: Scene) {
  return write(scene, sql`due_at = expires_at`, sql`state = 'pending' and held = 0`);
}

/** The maximum age is reached. */
function age(scene: Scene) {
  return write(scene, sql`expires_at = 1`);
}

export function write({ db, id }: Scene, set: ReturnType<typeof sql>, where = sql`true`) {
  return db.transaction((tx) => sql`update deliveries set ${set} where id = ${id} and ${where}`.execute(tx));
}

/** What a person is told. */
async function say(asked: Promise<unknown>): Promise<string | null> {
  try {
    await asked;
    return null;
  } catch (error) {
    if (error instanceof Problem && error.code === 'conflict') return error.message;
    throw error;
  }
}

async function quietly(asked: Promise<unknown>): Promise<undefined> {
  await asked;
}
