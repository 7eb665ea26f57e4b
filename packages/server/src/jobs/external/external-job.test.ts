// The same end of an external job, reported twice: to one node or to two, one after the other or at once.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { Problem } from '../../base/error.ts';
import type { Database } from '../../db/database.ts';
import type { Caller } from '../../people/caller.ts';
import { createExternalJobs, type ExternalJobs, type ExternalReport } from './external-job.ts';

describeOnBoth('an end that is reported twice', (make, dialect) => {
  let database: TestDatabase;
  let world: World;
  let other: Database;
  let nodes: readonly [ExternalJobs, ExternalJobs];
  before(async () => {
    database = await make();
    world = await makeWorld(await database.open());
    // Two nodes where there may be two; on SQLite two who commit in batches of their own.
    other = dialect === 'sqlite' ? world.db : await database.open();
    const ofOther = { ...world.finish, db: other, record: { ...world.finish.record, db: other } };
    nodes = [createExternalJobs(world.db, world.finish), createExternalJobs(other, ofOther)];
  });
  after(async () => {
    if (other !== world.db) await other.close();
    await world.db.close();
    await database.remove();
  });

  function report(jobId: number, state: ExternalReport['state']): ExternalReport {
    const caller: Caller = {
      personId: world.personId,
      email: 'a@example.com',
      name: 'A person',
      role: 'author',
      via: 'token',
      readOnly: false,
      flowIds: null,
    };
    return { caller, jobId, state, percent: null, facts: null, errorMessage: null, logTail: null };
  }

  it('is one end for both, with one delivery', async () => {
    const taskId = await world.addTask();
    const ids: number[] = [];
    for (let count = 0; count < 50; count += 1) ids.push(await world.addExternalJob());
    const answers = await Promise.all(
      ids.flatMap((id) => nodes.map(({ report: tell }) => tell(report(id, 'complete')))),
    );
    assert.deepEqual(new Set(answers.map(({ state }) => state)), new Set(['complete']));
    const owed = await world.db.read
      .selectFrom('deliveries')
      .select('job_id')
      .where('task_id', '=', taskId)
      .execute();
    assert.deepEqual(
      owed.map(({ job_id }) => job_id).toSorted((a, b) => a! - b!),
      ids,
    );
  });

  it('is refused to whoever says another end', async () => {
    for (let count = 0; count < 20; count += 1) {
      const id = await world.addExternalJob();
      const answers = await Promise.allSettled([
        nodes[0].report(report(id, 'complete')),
        nodes[1].report(report(id, 'failed')),
      ]);
      const refused = answers.filter((answer) => answer.status === 'rejected');
      assert.equal(refused.length, 1);
      const { reason } = refused[0]!;
      assert.ok(reason instanceof Problem && reason.code === 'conflict', String(reason));
      assert.match(reason.message, /already ended/u);
    }
  });
});
