// How long the figures of Home take where a million attempts were made in a week. On SQLite the processor's time is what
// everything else in the process waits for; on PostgreSQL most of the work is the database's.
//
//   node --conditions=flowhook-source bench/statistics.ts [attempts]
import type { Dialect } from '../packages/server/src/db/dialect.ts';
import { sql } from 'kysely';
import type { Database } from '../packages/server/src/db/database.ts';
import {
  countStates,
  readFailingReceivers,
  readOldestPending,
  readSeries,
  readTimeToReceive,
} from '../packages/server/src/webhooks/ledger/statistics.ts';
import { readRange } from '../packages/server/src/webhooks/ledger/statistics-range.ts';
import { hourMs, minuteMs, type Tally } from '../packages/server/src/webhooks/deliveries/tally.ts';
import { insertTallies, mergeOldTallies } from '../packages/server/src/webhooks/deliveries/tally-store.ts';
import { makeTestDatabase } from '../packages/server/test/database.ts';
import { postgresUrl } from '../packages/server/test/postgres-server.ts';
import { makeWorld } from '../packages/server/test/webhook-world.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const taskCount = 50;
const days = 7;

for (const dialect of ['sqlite', 'postgres'] as const) {
  if (dialect === 'postgres' && postgresUrl() === undefined)
    console.log('postgres: left out, FLOWHOOK_TEST_POSTGRES_URL is not set');
  else await measure(dialect);
}

async function measure(dialect: Dialect): Promise<void> {
  const test = await makeTestDatabase(dialect);
  const db = await test.open();
  const now = Date.now();
  const filled = await fill(db, now);
  console.log(
    `${dialect}: ${count} attempts of ${days} days were merged in ${filled.mergeMs} ms; ${filled.rows} rows`,
  );
  if (dialect === 'postgres') await sql`analyze`.execute(db.read);
  for (const rangeMs of [hourMs, 24 * hourMs, days * 24 * hourMs]) {
    const range = readRange({}, { rangeMs, stepMs: minuteMs }, now);
    const times: { wall: number; cpu: number }[] = [];
    for (let turn = 0; turn < 9; turn += 1) times.push(await timeReads(db, range));
    const median = (of: 'wall' | 'cpu') => times.map((time) => time[of]).toSorted((a, b) => a - b)[4]!;
    const shown = `${median('wall').toFixed(1)} ms, processor ${median('cpu').toFixed(1)} ms (medians of 9)`;
    console.log(`${dialect}: all figures of ${rangeMs / hourMs} h in ${shown}`);
  }
  await db.close();
  await test.remove();
}

async function timeReads(
  db: Database,
  range: ReturnType<typeof readRange>,
): Promise<{ wall: number; cpu: number }> {
  const scope = { range, where: sql<boolean>`1 = 1` };
  const began = performance.now();
  const before = process.cpuUsage();
  await readSeries(db.read, scope);
  await readTimeToReceive(db.read, scope);
  await readFailingReceivers(db.read, scope);
  await countStates(db.read, scope);
  await readOldestPending(db.read, scope);
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - began, cpu: (user + system) / 1000 };
}

/** Attempts as they are settled: one row each, the worst that batches can do; then merged as time would have merged them. */
async function fill(db: Database, now: number): Promise<{ mergeMs: number; rows: number }> {
  const world = await makeWorld(db);
  const tasks: number[] = [];
  for (let index = 0; index < taskCount; index += 1) tasks.push(await world.addTask());
  const makeTally = (index: number): Tally => {
    const fails = index % 20 === 0;
    return {
      at: now - Math.floor(((count - index) / count) * days * 24 * hourMs),
      span: 0,
      flow_id: world.flowId,
      task_id: tasks[index % taskCount]!,
      host: `receiver-${index % taskCount}.test`,
      result: fails ? 'retried' : 'delivered',
      reason: fails ? '503' : '',
      count: 1,
      latencies: fails ? '' : `${20 + (index % 7) * (index % 3)}:1`,
    };
  };
  for (let from = 0; from < count; from += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, count - from) }, (_, index) =>
      makeTally(from + index),
    );
    await db.transaction((tx) => insertTallies(tx, rows));
  }
  const began = performance.now();
  while (await mergeOldTallies(db, now));
  const mergeMs = Math.round(performance.now() - began);
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from attempt_tallies`.execute(db.read);
  return { mergeMs, rows: rows[0]!.rows };
}
