// Idempotency-Key: the same key and body answer with the first result for a day; a webhook's delivery id does so for ever.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { takesIdempotencyKey, type AnyEndpoint } from '@flowhook/contract/endpoint';
import { Problem, invalidField } from '../base/error.ts';
import type { Database } from '../db/database.ts';
import type { Caller } from '../people/caller.ts';
import { alreadySent } from './route.ts';

export interface IdempotentCall {
  readonly endpoint: AnyEndpoint;
  readonly caller: Caller | null;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: unknown;
  run(): Promise<unknown>;
}

export interface Idempotency {
  run(call: IdempotentCall): Promise<{ status: number; value: unknown }>;
}

const keepMs = 24 * 3600 * 1000;
/** A call that its server did not live to answer gives its key back after this. */
const inFlightMs = 60_000;
const keyPattern = /^[\x21-\x7e]{1,255}$/u;

export function createIdempotency(db: Database, now: () => number): Idempotency {
  return {
    async run(call) {
      const key = readKey(call);
      if (key === null || call.caller === null)
        return { status: call.endpoint.status, value: await call.run() };
      const { personId, flowIds } = call.caller;
      return runOnce(db, now, call, { personId, key, route: call.endpoint.path, flowIds });
    },
  };
}

/** Deliveries have their own memory in the jobs' rows, for ever: they do not come here. */
function readKey({ endpoint, request }: IdempotentCall): string | null {
  const given = request.headers['idempotency-key'];
  if (given === undefined || !takesIdempotencyKey(endpoint)) return null;
  if (typeof given !== 'string' || !keyPattern.test(given))
    throw invalidField('Idempotency-Key', 'must have 1 to 255 visible ASCII characters.');
  return given;
}

interface Place {
  readonly personId: number;
  readonly key: string;
  readonly route: string;
  /** What the caller is narrowed to; null: to nothing. */
  readonly flowIds: readonly number[] | null;
}

async function runOnce(
  db: Database,
  now: () => number,
  call: IdempotentCall,
  place: Place,
): Promise<{ status: number; value: unknown }> {
  const bodyHash = createHash('sha256')
    .update(JSON.stringify([call.request.params, call.body ?? null]))
    .digest('base64url');
  const found = await takePlace(db, now(), place, bodyHash);
  if (found !== null) {
    void call.reply.header('idempotency-replayed', 'true');
    return replay(found, bodyHash, place);
  }
  try {
    const value = await call.run();
    if (value !== alreadySent)
      await keepReply(db, now(), place, {
        status: call.endpoint.status,
        reply: JSON.stringify(value ?? null),
      });
    return { status: call.endpoint.status, value };
  } catch (error) {
    await releasePlace(db, place);
    throw error;
  }
}

interface Kept {
  readonly body_hash: string;
  readonly status: number | null;
  readonly reply: string | null;
  readonly flow_ids: string | null;
}

function replay(
  { body_hash, status, reply, flow_ids }: Kept,
  bodyHash: string,
  { flowIds }: Place,
): { status: number; value: unknown } {
  if (!seesAsMuch(flowIds, flow_ids === null ? null : (JSON.parse(flow_ids) as number[])))
    throw new Problem(
      'idempotency_conflict',
      'This Idempotency-Key was used with a token that sees more than yours: use a new key.',
    );
  if (body_hash !== bodyHash)
    throw new Problem(
      'idempotency_conflict',
      'This Idempotency-Key was used with another body: use a new key.',
    );
  if (status === null)
    throw new Problem(
      'idempotency_conflict',
      'The first request with this Idempotency-Key is still under way: ask again.',
    );
  return { status, value: JSON.parse(reply ?? 'null') };
}

function seesAsMuch(mine: readonly number[] | null, first: readonly number[] | null): boolean {
  if (mine === null) return true;
  return first !== null && first.every((flowId) => mine.includes(flowId));
}

/** Takes the key for this call, or gives what is there. */
async function takePlace(
  db: Database,
  now: number,
  { personId, key, route, flowIds }: Place,
  bodyHash: string,
): Promise<Kept | null> {
  return db.transaction(async (tx) => {
    await tx.deleteFrom('idempotency_keys').where('expires_at', '<=', now).execute();
    const row = {
      person_id: personId,
      key,
      route,
      body_hash: bodyHash,
      created_at: now,
      expires_at: now + inFlightMs,
      flow_ids: flowIds === null ? null : JSON.stringify(flowIds),
    };
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('idempotency_keys')
      .values(row)
      .onConflict((conflict) => conflict.columns(['person_id', 'key', 'route']).doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) return null;
    return tx
      .selectFrom('idempotency_keys')
      .select(['body_hash', 'status', 'reply', 'flow_ids'])
      .where('person_id', '=', personId)
      .where('key', '=', key)
      .where('route', '=', route)
      .executeTakeFirstOrThrow();
  });
}

async function keepReply(
  db: Database,
  now: number,
  { personId, key, route }: Place,
  { status, reply }: { status: number; reply: string },
): Promise<void> {
  await db.transaction((tx) =>
    tx
      .updateTable('idempotency_keys')
      .set({ status, reply, expires_at: now + keepMs })
      .where('person_id', '=', personId)
      .where('key', '=', key)
      .where('route', '=', route)
      .execute(),
  );
}

async function releasePlace(db: Database, { personId, key, route }: Place): Promise<void> {
  await db.transaction((tx) =>
    tx
      .deleteFrom('idempotency_keys')
      .where('person_id', '=', personId)
      .where('key', '=', key)
      .where('route', '=', route)
      .execute(),
  );
}
