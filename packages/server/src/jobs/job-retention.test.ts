// Old jobs go whole with their folders, and nothing goes that something still asks for, on both databases.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { endJob } from '../../test/webhook-job.ts';
import { dayMs, makeWorld, type World } from '../../test/webhook-world.ts';
import type { Database } from '../db/database.ts';
import { runAudit } from '../webhooks/ledger/audit.ts';
import { listRemovals } from '../webhooks/ledger/retention.ts';
import { createAuditRemoval, createNodeRemoval } from '../workspace/old-record.ts';
import { occurrenceRemoval } from '../schedules/occurrence-removal.ts';
import { createFlowRunRemoval, createJobRemoval } from './job-retention.ts';

describeOnBoth('Retention of jobs', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let jobsDir: string;
  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    jobsDir = join(test.dataDir, 'jobs');
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  const retain = async (days: number) => {
    const keep = { db, jobsDir, keepMs: () => 200 * dayMs };
    const others = [
      createJobRemoval(keep),
      createFlowRunRemoval(keep, occurrenceRemoval),
      createAuditRemoval(db, keep.keepMs),
      createNodeRemoval(db, keep.keepMs),
    ];
    for (const removal of listRemovals({ db, keepMs: () => 90 * dayMs, others })) {
      const step = removal(Date.now() + days * dayMs);
      while ((await step(2)) !== null);
    }
  };
  const endWithFolder = async () => {
    const id = await endJob(world);
    await mkdir(join(jobsDir, String(id), '1'), { recursive: true });
    await writeFile(join(jobsDir, String(id), '1', 'rows.csv'), 'a\n1\n');
    return id;
  };
  const jobIds = async () =>
    (await db.read.selectFrom('jobs').select('id').orderBy('id').execute()).map(({ id }) => id);
  const count = async (table: 'nodes' | 'audit_log') =>
    (await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db.read))
      .rows[0]!.count;

  it('keeps what is younger, and the last job of an output', async () => {
    const jobs = [await endWithFolder(), await endWithFolder(), await endWithFolder()];
    await retain(150);
    assert.deepEqual(await jobIds(), jobs, 'events may be gone by now, jobs stay');
    await retain(250);
    assert.deepEqual(await jobIds(), jobs.slice(-1));
    assert.deepEqual(
      jobs.map((id) => existsSync(join(jobsDir, String(id)))),
      [false, false, true],
    );
    assert.deepEqual((await runAudit(db.read)).findings, []);
  });

  it('keeps a job of which something is still owed', async () => {
    await world.addTask();
    const [owing, last] = [await endWithFolder(), await endWithFolder()];
    await retain(250);
    assert.deepEqual((await jobIds()).slice(-2), [owing, last]);
    assert.ok(existsSync(join(jobsDir, String(owing))));
    assert.deepEqual((await runAudit(db.read)).findings, []);
  });

  it('takes processes that are gone and old entries of the audit log', async () => {
    await db.transaction(async (tx) => {
      const at = 1000;
      await tx.insertInto('nodes').values({ name: 'crashed', started_at: at }).execute();
      await tx.insertInto('nodes').values({ name: 'stopped', started_at: at, stopped_at: at }).execute();
      const entry = { person_id: null, action: 'change' as const, object_kind: 'x', object_id: null };
      for (const time of [at, at, Date.now() + 240 * dayMs])
        await tx
          .insertInto('audit_log')
          .values({ ...entry, at: time, before_value: null, after_value: null })
          .execute();
    });
    await retain(250);
    const nodes = await db.read.selectFrom('nodes').select('id').execute();
    assert.deepEqual(nodes, [{ id: db.nodeId }]);
    const left = await db.read.selectFrom('audit_log').select('object_kind').execute();
    assert.deepEqual(left, [{ object_kind: 'x' }], String(await count('audit_log')));
  });
});
