// What schedules cost at rest, and how late they fire: all far away, then some on their own, then many at one moment.
//
//   node --conditions=flowhook-source bench/schedules.ts [schedules] [seconds at rest] [at one moment]
//
// On SQLite, or on a database of its own on the PostgreSQL that FLOWHOOK_TEST_POSTGRES_URL names.
import { systemClock } from '../packages/server/src/base/clock.ts';
import { createLog } from '../packages/server/src/base/log.ts';
import { readNow } from '../packages/server/src/db/dialect.ts';
import { insertMany } from '../packages/server/src/db/rows.ts';
import { createScheduler } from '../packages/server/src/schedules/scheduler.ts';
import { makeTestDatabase } from '../packages/server/test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../packages/server/test/flow-world.ts';

const count = Number(process.argv[2] ?? 10_000);
const restSeconds = Number(process.argv[3] ?? 30);
const burst = Number(process.argv[4] ?? 100);
const alone = 200;
const dialect = process.env['FLOWHOOK_TEST_POSTGRES_URL'] === undefined ? 'sqlite' : 'postgres';
const hourMs = 3_600_000;

const database = await makeTestDatabase(dialect);
const world = await makeFlowWorld(database);
const { db, room } = world;
const scheduler = createScheduler({ db, room, log: createLog('error'), clock: systemClock });
try {
  const ids = await makeSchedules(world);
  const floor = await costOf(restSeconds);
  scheduler.start();
  const rest = await costOf(restSeconds);
  print(`${count} schedules on ${dialect}, at rest for ${restSeconds} s`, {
    'of a core': `${(rest * 100).toFixed(2)} %`,
    'the same process without them': `${(floor * 100).toFixed(2)} %`,
  });
  const spread = await fire(ids.slice(0, alone), (now, index) => now + 2000 + index * 50);
  print(`${alone} of them, one every 50 ms: from its time to the queued job`, spread);
  const together = await fire(ids.slice(alone, alone + burst), (now) => now + 2000);
  print(`${burst} of them at one moment`, together);
} finally {
  await scheduler.stop();
  await world.close();
  await database.remove();
}

/** Each with a flow of its own, which has a recipe with a scheduled output. */
async function makeSchedules({ caller }: FlowWorld): Promise<number[]> {
  const stamp = { creator_id: caller.personId, created_at: 1, updated_at: 1 };
  const stampColumns = { creator_id: 'bigint', created_at: 'bigint', updated_at: 'bigint' } as const;
  const triggers = JSON.stringify([{ expression: '0 0 1 1 *', timeZone: 'Europe/Berlin' }]);
  const farAway = (await readNow(db.read)) + 10 * hourMs;
  return db.transaction(async (tx) => {
    const insert = <C extends Record<string, 'bigint' | 'text'>>(
      table: Parameters<typeof insertMany>[1]['table'],
      columns: C,
      rows: { [Name in keyof C]: string | number | null }[],
    ) => insertMany<C, { id: number }>(tx, { table, columns, rows, returning: ['id'] });
    const flows = await insert(
      'flows',
      { name: 'text', owner_id: 'bigint', ...stampColumns },
      Array.from({ length: count }, (_, index) => ({
        name: `flow ${index}`,
        owner_id: caller.personId,
        ...stamp,
      })),
    );
    const nodes = await insertMany<
      { flow_id: 'bigint'; kind: 'text'; created_at: 'bigint' },
      { id: number; flow_id: number }
    >(tx, {
      table: 'flow_nodes',
      columns: { flow_id: 'bigint', kind: 'text', created_at: 'bigint' },
      rows: flows.map(({ id }) => ({ flow_id: id, kind: 'recipe', created_at: 1 })),
      returning: ['id', 'flow_id'],
    });
    await insert(
      'recipes',
      { id: 'bigint', flow_id: 'bigint', name: 'text', sql_text: 'text', columns: 'text', ...stampColumns },
      nodes.map(({ id, flow_id }) => ({
        id,
        flow_id,
        name: 'totals',
        sql_text: 'select 1 as a',
        columns: '[{"name":"a","type":"INTEGER"}]',
        ...stamp,
      })),
    );
    await insert(
      'outputs',
      {
        flow_id: 'bigint',
        recipe_id: 'bigint',
        is_adhoc: 'bigint',
        execution: 'text',
        engine: 'text',
        profiler: 'bigint',
        ...stampColumns,
      },
      nodes.map(({ id, flow_id }) => ({
        flow_id,
        recipe_id: id,
        is_adhoc: 0,
        execution: 'photon',
        engine: 'duckdb',
        profiler: 0,
        ...stamp,
      })),
    );
    const schedules = await insert(
      'schedules',
      {
        flow_id: 'bigint',
        triggers: 'text',
        missed: 'text',
        overlap: 'text',
        parameters: 'text',
        enabled: 'bigint',
        next_at: 'bigint',
        ...stampColumns,
      },
      flows.map(({ id }) => ({
        flow_id: id,
        triggers,
        missed: 'once',
        overlap: 'skip',
        parameters: '[]',
        enabled: 1,
        next_at: farAway,
        ...stamp,
      })),
    );
    return schedules.map(({ id }) => id);
  });
}

/** Processor time of this process over a while, as a part of one core. */
async function costOf(seconds: number): Promise<number> {
  const before = process.cpuUsage();
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - began);
}

/** Makes them due at their times, waits until all have fired, and says how late that was. */
async function fire(ids: readonly number[], timeOf: (now: number, index: number) => number) {
  const now = await readNow(db.read);
  await db.transaction(async (tx) => {
    for (const [index, id] of ids.entries())
      await tx
        .updateTable('schedules')
        .set({ next_at: timeOf(now, index) })
        .where('id', '=', id)
        .execute();
  });
  scheduler.loop.wake();
  let rows: { due_at: number; created_at: number; state: string }[] = [];
  while (rows.length < ids.length) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    rows = await db.read
      .selectFrom('schedule_occurrences')
      .innerJoin('jobs', 'jobs.flow_run_id', 'schedule_occurrences.flow_run_id')
      .select(['schedule_occurrences.due_at', 'jobs.created_at', 'schedule_occurrences.state'])
      .where('schedule_id', 'in', [...ids])
      .execute();
  }
  const late = rows.map(({ due_at, created_at }) => created_at - due_at).sort((a, b) => a - b);
  const at = (part: number) => `${late[Math.min(late.length - 1, Math.floor(part * late.length))]} ms`;
  return { p50: at(0.5), p99: at(0.99), latest: `${late.at(-1)} ms`, fired: late.length };
}

function print(title: string, figures: Readonly<Record<string, string | number>>): void {
  console.log(title);
  for (const [name, figure] of Object.entries(figures)) console.log(`  ${name}: ${figure}`);
}
