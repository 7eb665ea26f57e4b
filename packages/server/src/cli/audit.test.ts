// `flowhook audit` as a process, beside a database that a server has written: what it prints, and that it ends.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { processSettings, runMain } from '../../test/server-process.ts';
import { endJob } from '../../test/webhook-job.ts';
import { makeWorld } from '../../test/webhook-world.ts';
import type { Database } from '../db/database.ts';

describeOnBoth('flowhook audit', (make) => {
  let test: TestDatabase;
  let db: Database;
  before(async () => {
    test = await make();
    db = await test.open();
    const world = await makeWorld(db);
    await world.addTask();
    await endJob(world);
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  const audit = async (...flags: string[]) => {
    const { child, output, ended } = runMain(['audit', ...flags], processSettings(test.dataDir, test.url));
    const giveUp = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const code = await ended;
    clearTimeout(giveUp);
    return { code, text: output() };
  };

  it('says that the account closes, and ends', async () => {
    const { code, text } = await audit();
    assert.match(text, /^The account closes: 1 events, 1 decisions, 1 deliveries, 0 attempts\.$/mu);
    assert.equal(code, 0);
  });

  it('names each row that breaks it, and ends with 1', async () => {
    await db.transaction((tx) => sql`delete from delivery_bodies`.execute(tx));
    await db.transaction((tx) => sql`delete from deliveries`.execute(tx));
    const { code, text } = await audit('--json');
    const { closes, findings } = JSON.parse(text) as { closes: boolean; findings: { rule: string }[] };
    assert.deepEqual([closes, findings.map(({ rule }) => rule)], [false, ['delivery_for_each_firing']]);
    assert.equal(code, 1);
  });
});
