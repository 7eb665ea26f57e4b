// Runs that are cut off: what was planned, or is the database's fault, is not held against a job; what ends processes is.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { findPostgresBinaries, startPostgres } from '../../test/postgres.ts';
import { until } from '../../test/wait.ts';
import { makeWorld, type World } from '../../test/webhook-world.ts';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open-database.ts';
import { createDuckDbEngine } from '../engine/duckdb/duckdb-engine.ts';
import type { Engine, WriteResult } from '../engine/engine.ts';
import type { JobPlan } from '../flows/job-plan.ts';
import { cancelJobs } from './job.ts';
import { queueJobs } from './job-move.ts';
import { createRunner, type Runner } from './runner.ts';

const endless = 'select sum(hash(range) % 7) as s from range(400000000000)';
const short = 'select sum(hash(range) % 7) as s from range(20000000)';
const patience = 120_000;
const mebibyte = 2 ** 20;

function planOf(sql: string): JobPlan {
  const file = { format: 'csv', compression: 'none', header: true, delimiter: ',', quotes: false } as const;
  return {
    datasets: [],
    recipes: [{ name: 'r', sql, dialect: 'duckdb', primaryInput: null }],
    output: 'r',
    files: [
      {
        plan: { id: '0', ...file, singleFile: true, fileName: 'r.csv' },
        path: 'r.csv',
        action: 'overwrite',
      },
    ],
    profile: false,
    inputs: [],
    parameters: [],
    referenceAt: 1,
  };
}

async function queue({ db, flowId, personId: creatorId }: World, sql: string): Promise<number> {
  const starter = { ranFrom: 'api', startedBy: 'person', startedByDelivery: null, hop: 0 } as const;
  const none = { recipeId: null, outputId: null, name: 'a job', description: null, executionId: null };
  const job = { flowId, creatorId, kind: 'engine', ...starter, ...none, plan: planOf(sql) } as const;
  const rest = { profiler: false, warnings: [], heartbeatSeconds: null, startedAt: null };
  return (await db.transaction((tx) => queueJobs(tx, [{ ...job, ...rest }])))[0]!;
}

/** A server's part that runs jobs: an engine of its own, which ends with it. */
function startServer(db: Database, world: World, dataDir: string, watch?: (result: WriteResult) => void) {
  const own = createDuckDbEngine({ scratchFolder: join(dataDir, 'scratch') });
  const engine: Engine = {
    ...own,
    async write(plan, options) {
      const result = await own.write(plan, options);
      watch?.(result);
      return result;
    },
  };
  const limits = { memoryBytes: 256 * mebibyte, tempBytes: 256 * mebibyte, timeMs: 600_000, threads: 1 };
  const runner: Runner = createRunner({
    db,
    engine,
    clock: systemClock,
    log: createLog('silent'),
    finish: { ...world.finish, db },
    jobsDir: join(dataDir, 'jobs'),
    concurrency: () => 2,
    limits: () => limits,
    place: async () => [],
  });
  runner.start();
  return { runner, engine };
}

const read = ({ db }: World, id: number) =>
  db.read.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

const untilUnderWay = (world: World, id: number, attempt: number) =>
  until(
    async () => {
      const row = await read(world, id);
      return row.attempt_count === attempt && row.engine_handle !== null;
    },
    `attempt ${attempt} is under way`,
    patience,
  );

const readEvents = ({ db }: World, id: number) =>
  db.read.selectFrom('events').select('kind').where('job_id', '=', id).execute();

describeOnBoth('a run that is cut off', (make) => {
  let database: TestDatabase;
  let world: World;
  before(async () => {
    database = await make();
    world = await makeWorld(await database.open());
  });
  after(async () => {
    await world.db.close();
    await database.remove();
  });

  it('by a planned stop is begun again, however often', async () => {
    const id = await queue(world, endless);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const { runner } = startServer(world.db, world, database.dataDir);
      await untilUnderWay(world, id, attempt);
      await runner.stop();
      const { state, crash_count } = await read(world, id);
      assert.deepEqual([state, crash_count], ['queued', 0]);
    }
    await world.db.transaction((tx) => cancelJobs(tx, world.finish, [id]));
    assert.deepEqual(
      [(await read(world, id)).state, await readEvents(world, id)],
      ['canceled', [{ kind: 'job.canceled' }]],
    );
  });

  it('and was to be canceled is canceled, and not begun again', async () => {
    const id = await queue(world, endless);
    const { runner } = startServer(world.db, world, database.dataDir);
    await untilUnderWay(world, id, 1);
    // The mark alone, as where the word of it is late: the stop is what the run meets.
    await world.db.transaction((tx) =>
      tx.updateTable('jobs').set({ cancel_requested: 1 }).where('id', '=', id).execute(),
    );
    await runner.stop();
    const { state, attempt_count } = await read(world, id);
    assert.deepEqual([state, attempt_count], ['canceled', 1]);
    assert.deepEqual(await readEvents(world, id), [{ kind: 'job.canceled' }]);
  });

  it('three times by nobody’s plan makes its job fail, and its event fires', async () => {
    const id = await queue(world, endless);
    const servers: ReturnType<typeof startServer>[] = [];
    const start = () => {
      const server = startServer(world.db, world, database.dataDir);
      servers.push(server);
      return server;
    };
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { runner, engine } = start();
      await untilUnderWay(world, id, attempt);
      await runner.loop.stop();
      await engine.close();
    }
    start();
    await until(async () => (await read(world, id)).state === 'failed', 'the job fails', patience);
    const { error_reason, crash_count } = await read(world, id);
    assert.deepEqual([error_reason, crash_count], ['repeated', 3]);
    assert.deepEqual(await readEvents(world, id), [{ kind: 'job.failure' }]);
    for (const { runner } of servers) await runner.stop();
  });
});

describe('a database that is away for a moment', { skip: findPostgresBinaries() === undefined }, () => {
  it('ends no lease, and no end of a run is lost with it', async () => {
    const postgres = await startPostgres();
    const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-test-'));
    const url = await postgres.createDatabase();
    const open = (nodeName: string) => openDatabase({ url, dataDir, nodeName, onError: () => undefined });
    const [one, other] = [await open('one'), await open('other')];
    const world = await makeWorld(one);
    const written: WriteResult[] = [];
    const first = startServer(one, world, dataDir, (result) => void written.push(result));
    try {
      const id = await queue(world, endless);
      await untilUnderWay(world, id, 1);
      const second = startServer(other, world, dataDir);
      for (let time = 0; time < 3; time += 1) {
        postgres.kill();
        await postgres.restart();
        // The other node has looked since: that is when it would take what it believes to be left behind.
        const before = second.runner.loop.lastRoundAt();
        await until(() => second.runner.loop.lastRoundAt() !== before, 'the other node looks', patience);
        const { state, lease_node, attempt_count, crash_count } = await read(world, id);
        assert.deepEqual([state, lease_node, attempt_count, crash_count], ['running', one.nodeId, 1, 0]);
      }
      await second.runner.stop();
      // Its run ends while the database is away.
      const brief = await queue(world, short);
      await untilUnderWay(world, brief, 1);
      postgres.kill();
      await until(() => written.some(({ state }) => state === 'complete'), 'the run is over', patience);
      await postgres.restart();
      await until(
        async () => (await read(world, brief).catch(() => null))?.state === 'complete',
        'the end is written',
        patience,
      );
      assert.equal((await read(world, brief)).attempt_count, 1);
      assert.deepEqual(await readEvents(world, brief), [{ kind: 'job.success' }]);
    } finally {
      await first.runner.stop();
      await one.close();
      await other.close();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
