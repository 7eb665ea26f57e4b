// Two nodes on PostgreSQL want one place: the other waits for the one that has the turn, and goes on when that is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeTestDatabase } from '../../../test/database.ts';
import { nodeFlags } from '../../../test/node-flag.ts';
import { planOf, queuePlan, readFileRow } from '../../../test/place-world.ts';
import { postgresUrl } from '../../../test/postgres-server.ts';
import { until } from '../../../test/wait.ts';
import { makeWorld } from '../../../test/webhook-world.ts';
import { systemClock } from '../../base/clock.ts';
import { createLog } from '../../base/log.ts';
import { createDuckDbEngine } from '../../engine/duckdb/duckdb-engine.ts';
import { createRunner } from '../runner.ts';
import { createPublisher } from './publisher.ts';

const holder = fileURLToPath(new URL('../../../test/turn-holder.ts', import.meta.url));
const skip = postgresUrl() === undefined ? 'PostgreSQL not available' : false;

describe('a turn at a place', { skip }, () => {
  it('ends with the process that has it, and the newest result stands', async () => {
    const test = await makeTestDatabase('postgres');
    const db = await test.open();
    const world = await makeWorld(db);
    const older = await queuePlan(world, planOf('turn.csv', 'overwrite', "select 'older' as a"));
    const child = spawn(process.execPath, [...nodeFlags, holder, test.url!, test.dataDir, 'turn.csv'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const outputsDir = join(test.dataDir, 'outputs');
    const jobsDir = join(test.dataDir, 'jobs');
    await mkdir(outputsDir, { recursive: true });
    const log = createLog('silent');
    const engine = createDuckDbEngine({ scratchFolder: join(test.dataDir, 'scratch') });
    const publisher = createPublisher({ db, folders: { outputsDir, jobsDir }, log });
    const mebibyte = 2 ** 20;
    let asked = false;
    let hadTurn = false;
    const runner = createRunner({
      db,
      engine,
      clock: systemClock,
      log,
      finish: { ...world.finish, db },
      jobsDir,
      concurrency: () => 2,
      limits: () => ({ memoryBytes: 256 * mebibyte, tempBytes: 256 * mebibyte, timeMs: 600_000, threads: 1 }),
      place: (files, takeTurn) =>
        publisher.place(files, async () => {
          asked = true;
          const turn = await takeTurn();
          hadTurn = true;
          return turn;
        }),
    });
    try {
      const [said] = await once(child.stdout, 'data');
      assert.equal(String(said).trim(), 'has the turn');
      const newer = await queuePlan(world, planOf('turn.csv', 'overwrite', "select 'newer' as a"));
      runner.start();
      await until(() => asked, 'the newer job has its result', 60_000);
      // It renews its lease each time that it asks.
      const leaseOf = async () => {
        const row = db.read.selectFrom('jobs').select('lease_until').where('id', '=', newer);
        return (await row.executeTakeFirstOrThrow()).lease_until!;
      };
      for (let count = 0; count < 3; count += 1) {
        const lease = await leaseOf();
        await until(async () => (await leaseOf()) > lease, 'it asks for the turn once more');
      }
      assert.equal(hadTurn, false, 'as long as another has it');
      await assert.rejects(readFile(join(outputsDir, 'turn.csv')), { code: 'ENOENT' });
      child.kill('SIGKILL');
      const ended = async (id: number) => {
        const row = db.read.selectFrom('jobs').select('state').where('id', '=', id);
        return (await row.executeTakeFirstOrThrow()).state === 'complete';
      };
      await until(async () => (await ended(newer)) && (await ended(older)), 'both have ended', 90_000);
      assert.equal(await readFile(join(outputsDir, 'turn.csv'), 'utf8'), 'a\nnewer\n');
      const [first, second] = [await readFileRow(db, newer), await readFileRow(db, older)];
      assert.ok(first.published_at !== null);
      // Whichever came first after the kill: what stands is the newer one's.
      assert.equal(second.published_at === null, second.given_up_at !== null);
    } finally {
      child.kill('SIGKILL');
      await runner.stop();
      await db.close();
      await test.remove();
    }
  });
});
