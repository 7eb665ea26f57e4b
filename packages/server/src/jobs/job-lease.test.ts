// When a lease ends before its time: with a planned stop at once, with a broken session only once nothing else is heard either.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeWorld, type World } from '../../test/webhook-world.ts';
import { createGoneWatch, leaseMs } from './job-lease.ts';
import { queueJobs } from './job-move.ts';
import { claimJobs } from './queue/job-claim.ts';

describeOnBoth('the lease of a node without a session', (make, dialect) => {
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

  /** A job of a node that nobody sees, which renewed its lease so long ago. */
  async function addLeased(renewedAgoMs: number, stoppedAt: number | null): Promise<number> {
    const { db, flowId, personId: creatorId } = world;
    const starter = { ranFrom: 'api', startedBy: 'person', startedByDelivery: null, hop: 0 } as const;
    const none = { recipeId: null, outputId: null, name: null, description: null, executionId: null };
    const rest = { plan: null, profiler: false, warnings: [], heartbeatSeconds: null, startedAt: null };
    return db.transaction(async (tx) => {
      const node = { name: 'unseen', started_at: 1, stopped_at: stoppedAt };
      const { id: nodeId } = await tx
        .insertInto('nodes')
        .values(node)
        .returning('id')
        .executeTakeFirstOrThrow();
      const job = { flowId, creatorId, kind: 'engine', ...starter, ...none, ...rest } as const;
      const [id] = await queueJobs(tx, [job]);
      await claimJobs(tx, { nodeId, max: 1, leaseMs: leaseMs - renewedAgoMs, underWay: [] });
      return id!;
    });
  }
  const isLeased = async (id: number) => {
    const { rows } = await sql<{ leased: number }>`
      select count(*) as leased from jobs where id = ${id} and lease_until > ${world.db.read.now}`.execute(
      world.db.read,
    );
    return rows[0]!.leased === 1;
  };
  const crashesAtClaim = async (id: number) => {
    const { db } = world;
    const claimed = await db.transaction((tx) =>
      claimJobs(tx, { nodeId: db.nodeId, max: 100, leaseMs, underWay: [] }),
    );
    return claimed.find((job) => job.id === id)?.crashes ?? null;
  };

  it('ends at once where the node stopped as planned, and is no crash', async () => {
    const id = await addLeased(0, 1);
    await createGoneWatch(world.db).look();
    assert.equal(await isLeased(id), false);
    assert.equal(await crashesAtClaim(id), 0);
  });

  it('ends with the second look where it was not renewed either, and is a crash', async () => {
    const id = await addLeased(15_000, null);
    const watch = createGoneWatch(world.db);
    await watch.look();
    // SQLite has one owner: whoever else there was is gone for certain.
    assert.equal(await isLeased(id), dialect === 'postgres');
    await watch.look();
    assert.equal(await isLeased(id), false);
    assert.equal(await crashesAtClaim(id), 1);
  });

  it('stays where it was renewed just now, for the session may be broken and the node not', async () => {
    const id = await addLeased(0, null);
    const watch = createGoneWatch(world.db);
    for (let look = 0; look < 3; look += 1) await watch.look();
    assert.equal(await isLeased(id), dialect === 'postgres');
    assert.equal(await crashesAtClaim(id), dialect === 'postgres' ? null : 1);
  });
});
