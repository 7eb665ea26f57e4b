// Retention at size: how fast old events go, and how much longer a small transaction takes meanwhile.
//
//   node --conditions=flowhook-source bench/retention.ts [--events 1000000] [--seconds 30] [--dialect sqlite]
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import type { Database } from '../packages/server/src/db/database.ts';
import { openDatabase } from '../packages/server/src/db/open-database.ts';
import { createRetention } from '../packages/server/src/webhooks/ledger/retention.ts';
import { endJob } from '../packages/server/test/webhook-job.ts';
import { makeWorld } from '../packages/server/test/webhook-world.ts';
import { openHomes } from './rig/home.ts';
import { tellVerdict } from './rig/verdict.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '30' },
    dialect: { type: 'string' },
  },
});
const events = Number(values.events);
const seconds = Number(values.seconds);
const dayMs = 86_400_000;
const filledAtOnce = 50_000;

const homes = await openHomes(values.dialect);
for (const dialect of homes.dialects) {
  const { dataDir, databaseUrl: url, remove } = await homes.make(dialect);
  const db = await openDatabase({ url, dataDir, nodeName: 'bench', onError: console.error });
  await fill(db);
  const alone = await measureCalls(db);
  const before = await countEvents(db);
  const loop = createRetention({ db, now: Date.now, onError: console.error, keepMs: () => dayMs });
  loop.start();
  const beside = await measureCalls(db);
  await loop.stop();
  const removed = before - (await countEvents(db));
  const rate = Math.round(removed / seconds);
  const [worst, worstAlone] = [beside.at(-1)!, alone.at(-1)!];
  console.log(
    `${dialect}: of ${before} events ${rate}/s removed; a call p50 ${median(beside)} ms, longest ${worst} ms; without p50 ${median(alone)} ms, longest ${worstAlone} ms; at least 500/s and at most 100 ms more: ${tellVerdict(rate >= 500 && worst - worstAlone <= 100)}`,
  );
  await db.close();
  await remove();
}
await homes.stop();

/** Finished deliveries of one flow, ten days old, each with its job, event, decision, body and attempt. */
async function fill(db: Database): Promise<void> {
  const world = await makeWorld(db);
  await world.addTask();
  const jobId = await endJob(world);
  const at = Date.now() - 10 * dayMs;
  // A million rows in one statement would take longer than any call of the product may.
  for (let from = 1; from <= events; from += filledAtOnce)
    await fillSome(db, { from, to: Math.min(events, from + filledAtOnce - 1), at, jobId });
  await endJob(world);
}

interface Filling {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly jobId: number;
}

async function fillSome(db: Database, { from, to, at, jobId }: Filling): Promise<void> {
  const numbers =
    db.read.dialect === 'sqlite'
      ? `(with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to}) select i from n)`
      : `(select i from generate_series(${from}, ${to}) as s(i))`;
  await db.transaction(async (tx) => {
    const run = (text: string) => sql.raw(text).execute(tx);
    const { id: event } = await tx.selectFrom('events').select('id').orderBy('id').executeTakeFirstOrThrow();
    const { id: delivery } = await tx
      .selectFrom('deliveries')
      .select('id')
      .orderBy('id')
      .executeTakeFirstOrThrow();
    // A later success of the series lets the earlier ones go.
    const copy = async (table: string, changed: Readonly<Record<string, string>>, source: string) => {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)} limit 1`.execute(
        tx,
      );
      const names = Object.keys(rows[0]!);
      const cells = names.map((name) => changed[name] ?? `t.${name}`);
      await run(
        `insert into ${table} (${names.join(', ')}) select ${cells.join(', ')} from ${table} t, ${numbers} n where ${source}`,
      );
    };
    const time = String(at);
    await copy('jobs', { id: `n.i + ${jobId}`, finished_at: time, execution_id: 'null' }, `t.id = ${jobId}`);
    const key = `'job:' || (n.i + ${jobId})`;
    const ofEvent = { id: `n.i + ${event}`, job_id: `n.i + ${jobId}`, occurrence_key: key, created_at: time };
    await copy('events', ofEvent, `t.id = ${event}`);
    await copy('decisions', { event_id: `n.i + ${event}` }, `t.event_id = ${event}`);
    const ended = { state: `'delivered'`, due_at: 'null', ended_at: time, attempt_count: '1' };
    const ofDelivery = {
      ...ended,
      id: `n.i + ${delivery}`,
      event_id: `n.i + ${event}`,
      job_id: `n.i + ${jobId}`,
    };
    await copy('deliveries', { ...ofDelivery, public_id: `'bench-' || n.i` }, `t.id = ${delivery}`);
    await copy('delivery_bodies', { delivery_id: `n.i + ${delivery}` }, `t.delivery_id = ${delivery}`);
    await run(`insert into attempts (delivery_id, number, started_at, outcome, status_code)
      select n.i + ${delivery}, 1, ${at}, 'response', 200 from ${numbers} n`);
    if (db.read.dialect === 'postgres')
      for (const table of ['jobs', 'events', 'deliveries'])
        await run(`select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`);
  });
}

async function countEvents(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from events`.execute(db.read);
  return rows[0]!.count;
}

/** 30 small transactions a second, as calls make them; how long each took, in order of size, from when it was due. */
async function measureCalls(db: Database): Promise<number[]> {
  const took: number[] = [];
  const began = performance.now();
  const calls: Promise<void>[] = [];
  for (let count = 0; count < seconds * 30; count += 1) {
    const due = began + (count * 1000) / 30;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, due - performance.now()));
    });
    const call = db
      .transaction((tx) =>
        sql`update workspace_settings set updated_at = ${count} where key = 'bench'`.execute(tx),
      )
      .then(() => void took.push(Math.round((performance.now() - due) * 10) / 10));
    calls.push(call);
  }
  await Promise.all(calls);
  return took.toSorted((one, other) => one - other);
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)]!;
}
