// Idempotency-Key: the same key and body answer with the first result for a day; a webhook's delivery id does so for ever.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { AnyEndpoint } from '@flowhook/contract/endpoint';
import { Problem, invalidField } from '../base/error.ts';
import type { Database, Tx } from '../db/database.ts';
import type { Keep } from '../db/kept-answer.ts';
import type { Caller } from '../people/caller.ts';
import { alreadySent, type Making, type Route, type RouteInput } from './route.ts';

export interface Answer {
  readonly status: number;
  readonly value: unknown;
}

export interface Idempotency {
  run(route: Route, input: RouteInput<AnyEndpoint>, caller: Caller | null): Promise<Answer>;
}

type Input = RouteInput<AnyEndpoint>;

const keepMs = 24 * 3600 * 1000;
const keyPattern = /^[\x21-\x7e]{1,255}$/u;

/**
 * What a call makes and its key are written in one transaction: whether the process, its connection or the commit's answer
 * is lost after it, a repeat finds what was made and is told the same; lost before it, nothing was made. `onError` gets what
 * keeps a reply from being kept word for word, for which the answer is made again from what was made.
 */
export function createIdempotency(
  db: Database,
  now: () => number,
  onError: (error: unknown) => void,
): Idempotency {
  return {
    async run(route, input, caller) {
      const { endpoint, making } = route;
      const key = making === undefined ? null : readKey(input);
      if (making === undefined || key === null || caller === null)
        return { status: endpoint.status, value: await route.handle(input) };
      const { personId, flowIds } = caller;
      // A dry run is another request than the real one.
      const asked = [input.params, input.query ?? null, input.body ?? null];
      const bodyHash = createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
      const place = { personId, key, route: endpoint.path, flowIds, bodyHash, status: endpoint.status };
      return runOnce({ db, now, onError }, making, input, place);
    },
  };
}

/** Deliveries have their own memory in the jobs' rows, for ever: they do not come here. */
function readKey({ request }: Input): string | null {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return null;
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
  readonly bodyHash: string;
  /** Of an answer. */
  readonly status: number;
}

interface Memory {
  readonly db: Database;
  now(): number;
  onError(error: unknown): void;
}

async function runOnce(
  memory: Memory,
  making: Making<AnyEndpoint, unknown>,
  input: Input,
  place: Place,
): Promise<Answer> {
  const { db, now } = memory;
  const before = await findKept(db, now(), place);
  if (before !== null) return replay(making, input, place, before);
  const keep: Keep = async (tx, made) => {
    await takePlace(tx, now(), place, JSON.stringify(made));
    return made as never;
  };
  let made: unknown;
  try {
    made = await making.make(input, keep);
  } catch (error) {
    // The same call was quicker, here or at another node, or this one's commit came through and its answer did not.
    const found = await findKept(db, now(), place).catch(() => null);
    if (found === null) throw error;
    return replay(making, input, place, found);
  }
  const value = await making.show(made, input);
  if (value !== alreadySent) await keepReply(db, place, value).catch(memory.onError);
  return { status: place.status, value };
}

interface Kept {
  readonly body_hash: string;
  readonly status: number | null;
  readonly reply: string | null;
  readonly flow_ids: string | null;
  readonly made: string | null;
}

/** What the first call was answered with; where it was not, what it would have been. */
async function replay(
  making: Making<AnyEndpoint, unknown>,
  input: Input,
  place: Place,
  { body_hash, status, reply, flow_ids, made }: Kept,
): Promise<Answer> {
  if (!seesAsMuch(place.flowIds, flow_ids === null ? null : (JSON.parse(flow_ids) as number[])))
    throw refused('This Idempotency-Key was used with a token that sees more than yours: use a new key.');
  if (body_hash !== place.bodyHash)
    throw refused('This Idempotency-Key was used with another body: use a new key.');
  // A server of before, which writes the key first, is at it.
  if (reply === null && made === null)
    throw refused('The first request with this Idempotency-Key is still under way: ask again.');
  void input.reply.header('idempotency-replayed', 'true');
  const value = reply === null ? await making.show(JSON.parse(made!), input) : (JSON.parse(reply) as unknown);
  return { status: status ?? place.status, value };
}

function refused(detail: string): Problem {
  return new Problem('idempotency_conflict', detail);
}

function seesAsMuch(mine: readonly number[] | null, first: readonly number[] | null): boolean {
  if (mine === null) return true;
  return first !== null && first.every((flowId) => mine.includes(flowId));
}

async function findKept({ read }: Database, now: number, place: Place): Promise<Kept | null> {
  const found = await read
    .selectFrom('idempotency_keys')
    .select(['body_hash', 'status', 'reply', 'flow_ids', 'made'])
    .where(isAt(place))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return found ?? null;
}

function isAt({ personId, key, route }: Place) {
  return sql<boolean>`person_id = ${personId} and key = ${key} and route = ${route}`;
}

/** Waits for whoever has the key in an open transaction; throws where it is taken. */
async function takePlace(tx: Tx, now: number, place: Place, made: string): Promise<void> {
  const { personId, key, route, flowIds, bodyHash } = place;
  const { rows } = await sql`
    insert into idempotency_keys
      (person_id, key, route, body_hash, flow_ids, status, reply, made, created_at, expires_at)
    values (${personId}, ${key}, ${route}, ${bodyHash}, ${flowIds === null ? null : JSON.stringify(flowIds)},
      ${place.status}, null, ${made}, ${now}, ${now + keepMs})
    on conflict (person_id, key, route) do update set body_hash = excluded.body_hash, flow_ids = excluded.flow_ids,
      status = excluded.status, reply = null, made = excluded.made, created_at = excluded.created_at,
      expires_at = excluded.expires_at
    where idempotency_keys.expires_at <= ${now}
    returning person_id`.execute(tx);
  if (rows.length === 0) throw refused('The same request was quicker: ask again.');
}

async function keepReply(db: Database, place: Place, value: unknown): Promise<void> {
  const reply = JSON.stringify(value ?? null);
  await db.transaction((tx) =>
    tx.updateTable('idempotency_keys').set({ reply }).where(isAt(place)).where('reply', 'is', null).execute(),
  );
}
