// What is claimed next: the oldest, each host within its share, and never by reading through a busy host's backlog.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import { selectDue, type Due, type FreeSlots } from './delivery-due.ts';

describeOnBoth('What is due', (make, dialect) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;

  before(async () => {
    test = await make();
    db = await test.open();
    world = await makeWorld(db);
    await world.addTask();
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  const addJob = async () => {
    const jobId = await world.addExternalJob();
    const { personId } = world;
    const caller = {
      personId,
      email: '',
      name: '',
      role: 'author',
      via: 'token',
      readOnly: false,
      flowIds: null,
    } as const;
    const rest = { percent: null, facts: null, errorMessage: null, logTail: null };
    await createExternalJobs(db, world.finish).report({ caller, jobId, state: 'complete', ...rest });
  };
  /** Leaves so many due for each host, the first host's oldest. */
  const fill = async (counts: Readonly<Record<string, number>>) => {
    await db.transaction((tx) =>
      tx
        .updateTable('deliveries')
        .set({ state: 'canceled', due_at: null, end_reason: 'by_hand', ended_at: 1 })
        .where('state', '=', 'pending')
        .execute(),
    );
    const hosts = Object.entries(counts).flatMap(([host, count]) =>
      Array.from({ length: count }, () => host),
    );
    for (const [at, host] of hosts.entries()) {
      await addJob();
      await db.transaction((tx) =>
        tx
          .updateTable('deliveries')
          .set({ host, due_at: 1000 + at })
          .where('state', '=', 'pending')
          .where('due_at', '>', 1_000_000)
          .execute(),
      );
    }
  };
  const select = (free: FreeSlots): Promise<Due> => db.transaction((tx) => selectDue(tx, free));
  const countHosts = ({ rows }: Due) =>
    Object.fromEntries(
      Object.entries(Object.groupBy(rows, ({ host }) => host)).map(([host, all]) => [host, all?.length]),
    );
  const free = (max: number, ofHost: Readonly<Record<string, number>>): FreeSlots => ({
    max,
    maxOfHost: (host) => ofHost[host] ?? 64,
    leastOfHost: Math.min(64, ...Object.values(ofHost)),
  });

  it('takes the oldest of all while no host is near its share', async () => {
    await fill({ a: 40, b: 5 });
    const due = await select(free(100, { a: 35 }));
    assert.deepEqual([countHosts(due), due.more], [{ a: 35 }, true]);
    assert.deepEqual(
      due.rows.map((row) => row.due_at),
      Array.from({ length: 35 }, (_, at) => 1000 + at),
    );
    const all = await select(free(64, {}));
    assert.deepEqual([countHosts(all), all.more], [{ a: 40, b: 5 }, false]);
  });

  it('passes by a host that has its share, however much waits for it', async () => {
    await fill({ busy: 40, other: 3, third: 1 });
    const due = await select(free(64, { busy: 0 }));
    assert.deepEqual([countHosts(due), due.more], [{ other: 3, third: 1 }, false]);
  });

  it('gives a host what is left of its share, and says when another round would bring more', async () => {
    await fill({ busy: 10, other: 19, third: 2 });
    const share = await select(free(60, { busy: 4 }));
    assert.deepEqual([countHosts(share), share.more], [{ busy: 4, other: 19, third: 2 }, false]);
    const part = await select(free(9, { busy: 4 }));
    assert.deepEqual([countHosts(part), part.more], [{ busy: 3, other: 3, third: 2 }, true]);
    const fewer = await select(free(2, { busy: 1 }));
    assert.deepEqual([countHosts(fewer), fewer.more], [{ busy: 1, other: 1 }, true]);
  });

  it('leaves what is due later, and hosts that have nothing else', async () => {
    await fill({ later: 1, now: 1 });
    const inFuture = Date.now() + 1_000_000;
    await db.transaction((tx) =>
      tx.updateTable('deliveries').set({ due_at: inFuture }).where('host', '=', 'later').execute(),
    );
    for (const least of [0, 64]) {
      const due = await select({ max: 64, maxOfHost: () => 64, leastOfHost: least });
      assert.deepEqual([countHosts(due), due.more], [{ now: 1 }, false]);
    }
  });

  if (dialect === 'sqlite') {
    it('finds the hosts, their oldest and the owners of leases in indexes', async () => {
      const explain = async (text: string) => {
        const { rows } = await sql.raw<{ detail: string }>(`explain query plan ${text}`).execute(db.read);
        return rows.map(({ detail }) => detail).join('\n');
      };
      const next = await explain(`select min(host) from deliveries where due_at is not null and host > 'a'`);
      assert.match(next, /SEARCH deliveries USING COVERING INDEX deliveries_due_host/u);
      const oldest = await explain(
        `select id from deliveries where host = 'a' and due_at is not null and due_at <= 5 order by due_at, id limit 3`,
      );
      assert.match(oldest, /SEARCH deliveries USING COVERING INDEX deliveries_due_host/u);
      const owners = await explain(`select distinct lease_node from deliveries where lease_node is not null`);
      assert.match(owners, /USING COVERING INDEX deliveries_leased/u);
    });
  }
});
