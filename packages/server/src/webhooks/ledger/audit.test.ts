// The audit sees every breach, on both databases: for each rule one row is broken by SQL, and that row alone is named.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { breaches, dropConstraints, type Account, type Breach } from '../../../test/audit-breach.ts';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { endJob } from '../../../test/webhook-job.ts';
import { makeWorld } from '../../../test/webhook-world.ts';
import type { Database } from '../../db/database.ts';
import { auditRules, runAudit, type AuditResult } from './audit.ts';

it('has a test for each of its rules', () => {
  const tested = new Set(breaches.map(({ rule }) => rule));
  assert.deepEqual(
    auditRules.map(({ name }) => name),
    [...tested],
  );
});

describeOnBoth('The audit', (make) => {
  let test: TestDatabase;
  let db: Database;
  let account: Account;
  before(async () => {
    test = await make();
    db = await test.open();
    account = await makeAccount(db);
  });
  after(async () => {
    await db.close();
    await test.remove();
  });

  it('finds nothing where the account closes', async () => {
    assert.deepEqual(await runAudit(db.read), {
      closes: true,
      findings: [],
      counts: { events: 2, decisions: 6, deliveries: 5, attempts: 3 },
    });
  });

  describe('names the row, and no other,', () => {
    for (const breach of breaches) {
      it(`where ${breach.how} (${breach.rule})`, async () => {
        const { closes, findings } = await auditBroken(db, breach, account);
        assert.equal(closes, false);
        assert.deepEqual(
          findings.map(({ rule, row }) => `${rule}: ${row}`),
          [`${breach.rule}: ${breach.row(account)}`, ...(breach.also === undefined ? [] : [breach.also])],
        );
      });
    }
  });

  it('leaves the account as it was', async () => {
    assert.equal((await runAudit(db.read)).closes, true);
  });
});

class Undo extends Error {}

/** The account with one row broken; everything is rolled back afterwards. */
async function auditBroken(db: Database, breach: Breach, account: Account): Promise<AuditResult> {
  let result: AuditResult | undefined;
  const broken = db.transaction(async (tx) => {
    await dropConstraints(tx);
    const { numAffectedRows } = await breach.change(account).execute(tx);
    assert.equal(numAffectedRows, 1n, 'the breach changes one row');
    result = await runAudit(tx);
    throw new Undo();
  });
  await assert.rejects(broken, Undo);
  return result!;
}

/** One event with a delivery in each standing that a rule looks at. */
async function makeAccount(db: Database): Promise<Account> {
  const world = await makeWorld(db);
  const task = {
    fires: await world.addTask(),
    waits: await world.addTask(),
    held: await world.addTask(),
    dead: await world.addTask(),
    silent: await world.addTask({ triggerEvent: 'onJobFailure' }),
  };
  const other = await makeWorld(db);
  const foreign = await other.addTask();
  const job = await endJob(world);
  await endJob(other);
  const rows = await db.read.selectFrom('deliveries').select(['id', 'task_id', 'event_id']).execute();
  const of = (taskId: number) => rows.find(({ task_id }) => task_id === taskId)!.id;
  const deliveries = {
    delivered: of(task.fires),
    waiting: of(task.waits),
    held: of(task.held),
    dead: of(task.dead),
  };
  await settleByHand(db, deliveries, task.held);
  return {
    event: rows.find(({ task_id }) => task_id === task.fires)!.event_id,
    foreignEvent: rows.find(({ task_id }) => task_id === foreign)!.event_id,
    job,
    runningJob: await world.addExternalJob(),
    tasks: { fires: task.fires, held: task.held, silent: task.silent, foreign },
    deliveries,
  };
}

async function settleByHand(db: Database, ids: Account['deliveries'], heldTask: number): Promise<void> {
  await db.transaction(async (tx) => {
    const move = (id: number, set: object) =>
      tx.updateTable('deliveries').set(set).where('id', '=', id).execute();
    const ended = { due_at: null, ended_at: 2, attempt_count: 1 };
    await move(ids.delivered, { state: 'delivered', ...ended });
    await move(ids.dead, { state: 'dead', end_reason: 'gone', ...ended });
    await move(ids.waiting, { attempt_count: 1 });
    await move(ids.held, { held: 1, due_at: null });
    await tx.updateTable('webhook_tasks').set({ enabled: 0 }).where('id', '=', heldTask).execute();
    const attempt = (delivery_id: number, status_code: number) => ({
      delivery_id,
      number: 1,
      started_at: 1,
      outcome: 'response' as const,
      status_code,
    });
    const attempts = [attempt(ids.delivered, 200), attempt(ids.waiting, 503), attempt(ids.dead, 410)];
    await tx.insertInto('attempts').values(attempts).execute();
  });
}
