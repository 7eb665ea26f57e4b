// The one PostgreSQL session of a node: it holds the node's lock, which dies with it, and carries announcements between nodes.
import { Client } from 'pg';
import { followTime } from '../../base/clock.ts';
import { announcementsMissed, type Announcement } from '../database.ts';
import {
  connectMs,
  destroyConnection,
  endConnection,
  keptAlive,
  patienceText,
  silentMs,
} from './patience.ts';

/** The first half of an advisory lock's key; the second is the node's id. */
const lockSpace = 0x666c_6f77;
const channel = 'flowhook';
const flushMs = 10;
const reconnectMs = 500;
/** A small question now and then: an answer that does not come says that the network carries nothing any more. */
const askEveryMs = 2000;
/** A notification's payload may hold 8000 bytes. */
const payloadBytes = 7000;

export interface PostgresSession {
  /** Tells other nodes, soon and in batches. */
  send(announcements: readonly Announcement[]): void;
  findGoneNodes(ids: readonly number[]): Promise<number[]>;
  findSilentNodes(ids: readonly number[]): Promise<number[]>;
  close(): Promise<void>;
}

export interface PostgresSessionOptions {
  readonly url: string;
  readonly nodeId: number;
  receive(announcements: readonly Announcement[]): void;
  /** The database stopped answering though its connection stands, or answers again. */
  onSilence(isSilent: boolean): void;
  onError(error: unknown): void;
}

/** Connects, takes the node's lock and listens. A broken session is opened again until `close`. */
export async function openSession(options: PostgresSessionOptions): Promise<PostgresSession> {
  const { nodeId, onError, onSilence } = options;
  let waiting: Announcement[] = [];
  let flushing: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  let client: Client | undefined = await connect(options, lose);
  // One query at a time: the session is shared by all who ask about nodes or have something to tell.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };

  function lose(error: unknown): void {
    if (closed || client === undefined) return;
    client = undefined;
    onError(error);
    scheduleReconnect();
  }

  function scheduleReconnect(): void {
    retry = setTimeout(() => {
      connect(options, lose).then(
        (fresh) => {
          if (closed) return void fresh.end();
          client = fresh;
          onSilence(false);
          options.receive([{ topic: announcementsMissed, flowId: null, ids: [] }]);
          return undefined;
        },
        (error: unknown) => {
          if (isTimeOut(error)) onSilence(true);
          onError(error);
          if (!closed) scheduleReconnect();
        },
      );
    }, reconnectMs);
  }

  async function flush(): Promise<void> {
    flushing = undefined;
    const batch = waiting;
    waiting = [];
    if (client === undefined) return;
    for (const payload of packPayloads(nodeId, batch))
      await ask(client, 'select pg_notify($1, $2)', [channel, payload]);
  }

  const asking = setInterval(
    () =>
      void inTurn(async () => client && (await readTime(client))).catch((error: unknown) => {
        if (isTimeOut(error)) onSilence(true);
      }),
    askEveryMs,
  );

  return {
    send(announcements) {
      waiting.push(...announcements);
      flushing ??= setTimeout(() => void inTurn(flush).catch(onError), flushMs);
    },
    findGoneNodes: (ids) =>
      inTurn(async () => {
        const gone: number[] = [];
        for (const id of ids)
          if (client !== undefined && id !== nodeId && (await isFree(client, id))) gone.push(id);
        return gone;
      }),
    findSilentNodes: (ids) =>
      inTurn(async () => {
        const heard = new Set(client === undefined ? ids : await readHeard(client, ids));
        return ids.filter((id) => id !== nodeId && !heard.has(id));
      }),
    async close() {
      closed = true;
      clearTimeout(flushing);
      clearTimeout(retry);
      clearInterval(asking);
      await inTurn(flush).catch(onError);
      if (client !== undefined) await endConnection(client);
    },
  };
}

async function connect(options: PostgresSessionOptions, onLost: (error: unknown) => void): Promise<Client> {
  const client = new Client({
    connectionString: options.url,
    application_name: nameSession(options.nodeId),
    connectionTimeoutMillis: connectMs,
    ...keptAlive,
  });
  client.on('error', onLost);
  client.on('end', () => onLost(new Error('the database ended the session')));
  client.on('notification', ({ payload }) => options.receive(unpackPayload(options.nodeId, payload ?? '')));
  await client.connect();
  await ask(client, patienceText({ statementMs: silentMs, lockMs: silentMs, idleMs: silentMs }), []);
  await takeNodeLock(client, options.nodeId);
  await ask(client, `listen ${channel}`, []);
  await readTime(client);
  return client;
}

/** An earlier session of this node may still have it, where the database has not noticed that its network is gone. */
async function takeNodeLock(client: Client, nodeId: number): Promise<void> {
  const text = 'select pg_try_advisory_lock($1, $2) as taken';
  const { rows } = await ask<{ taken: boolean }>(client, text, [lockSpace, nodeId]);
  if (rows[0]?.taken === true) return;
  const holders = `select pg_terminate_backend(pid) from pg_locks
    where locktype = 'advisory' and classid = $1 and objid = $2 and granted
      and database = (select oid from pg_database where datname = current_database())`;
  await ask(client, holders, [lockSpace, nodeId]);
  await ask(client, 'select pg_advisory_lock($1, $2)', [lockSpace, nodeId]);
}

const noAnswer = `The database has not answered for ${silentMs / 1000} s though its connection stands: all connections that wait for it are given up and made anew until it answers.`;

/** The database's time is the time of every node: one whose own clock is wrong neither expires nor removes anything. */
async function readTime(client: Client): Promise<void> {
  const began = performance.now();
  const text = 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now';
  const { rows } = await ask<{ now: number }>(client, text, []);
  const tookMs = performance.now() - began;
  // An answer that took long says little about when it was true.
  if (tookMs < silentMs / 8 || !isFollowing) followTime(rows[0]!.now + tookMs / 2);
  isFollowing = true;
}

let isFollowing = false;

/** A query whose answer does not come ends its session: it is made anew. */
async function ask<Row extends object>(client: Client, text: string, values: readonly unknown[]) {
  const late = setTimeout(() => destroyConnection(client, noAnswer), silentMs);
  try {
    return await client.query<Row>(text, [...values]);
  } finally {
    clearTimeout(late);
  }
}

/** No answer, or no connection, within the time for it. */
function isTimeOut(error: unknown): boolean {
  return error instanceof Error && (error.message === noAnswer || /timeout|ETIMEDOUT/iu.test(error.message));
}

const nameSession = (nodeId: number) => `flowhook node ${nodeId}`;

/** Whose session has asked lately, as each does every two seconds. A session of another role hides when: it counts as heard. */
async function readHeard(client: Client, ids: readonly number[]): Promise<number[]> {
  const text = `select application_name as name from pg_stat_activity
    where datname = current_database() and application_name = any($1)
      and (query_start is null or query_start > clock_timestamp() - interval '3 seconds')`;
  const names = new Map(ids.map((id) => [nameSession(id), id]));
  const { rows } = await ask<{ name: string }>(client, text, [[...names.keys()]]);
  return rows.map(({ name }) => names.get(name)!);
}

async function isFree(client: Client, nodeId: number): Promise<boolean> {
  const text = 'select pg_try_advisory_lock($1, $2) as free';
  const { rows } = await ask<{ free: boolean }>(client, text, [lockSpace, nodeId]);
  if (rows[0]?.free !== true) return false;
  await ask(client, 'select pg_advisory_unlock($1, $2)', [lockSpace, nodeId]);
  return true;
}

type Packed = [topic: string, flowId: number | null, ids: readonly number[]];

/** Packs announcements into as few payloads as fit; exported for its test. */
function packPayloads(nodeId: number, announcements: readonly Announcement[]): string[] {
  const payloads: string[] = [];
  let packed: string[] = [];
  let length = 0;
  const close = () => {
    if (packed.length > 0) payloads.push(`{"node":${nodeId},"list":[${packed.join(',')}]}`);
    packed = [];
    length = 0;
  };
  for (const announcement of splitIds(announcements)) {
    const text = JSON.stringify([announcement.topic, announcement.flowId, announcement.ids] satisfies Packed);
    if (length + text.length > payloadBytes) close();
    packed.push(text);
    length += text.length + 1;
  }
  close();
  return payloads;
}

function splitIds(announcements: readonly Announcement[]): Announcement[] {
  const max = 200;
  return announcements.flatMap((announcement) => {
    const { ids } = announcement;
    if (ids.length <= max) return [announcement];
    const parts = Array.from({ length: Math.ceil(ids.length / max) }, (_, part) =>
      ids.slice(part * max, (part + 1) * max),
    );
    return parts.map((part) => ({ ...announcement, ids: part }));
  });
}

/** Reads a payload; what this node sent itself, or cannot be read, gives nothing. */
function unpackPayload(nodeId: number, payload: string): Announcement[] {
  try {
    const { node, list } = JSON.parse(payload) as { node: number; list: Packed[] };
    return node === nodeId ? [] : list.map(([topic, flowId, ids]) => ({ topic, flowId, ids }));
  } catch {
    return [];
  }
}
