// Webhook tasks made, changed and deleted, on both databases: what is stored, and what a secret may do.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import { sql } from 'kysely';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeWorld, type World } from '../../../test/webhook-world.ts';
import { Problem } from '../../base/error.ts';
import { createSecretBox } from '../../base/secret.ts';
import { keepNothing } from '../../db/kept-answer.ts';
import type { Database } from '../../db/database.ts';
import { createExternalJobs } from '../../jobs/external/external-job.ts';
import type { Caller } from '../../people/caller.ts';
import { runAudit } from '../ledger/audit.ts';
import { compilePolicy } from '../sending/egress/policy.ts';
import { createTaskLoader } from './sendable-task.ts';
import { findTask } from './stored-task.ts';
import { createTask, listWarnings, removeTask, updateTaskOf, type TaskContext } from './task-editing.ts';
import type { TaskDefinition } from './task-rule.ts';

const plain: TaskDefinition = {
  ...initialFields,
  name: 'Tell the receiver',
  url: 'https://example.com/hook',
  method: 'post',
  triggerEvent: 'onJobDone',
  triggerObject: 'any',
  recipeIds: [],
  headers: {},
  body: '{"job":$jobId}',
  secretKey: null,
  secrets: {},
};
const secret: Partial<TaskDefinition> = {
  headers: { Authorization: 'Bearer stored-token', 'X-Plain': 'seen', 'X-Listed': 'listed-value' },
  secretHeaders: ['X-Listed'],
  secretKey: 'the stored key',
  secrets: { routing: 'stored-routing-key' },
  body: '{"key":"$secret.routing"}',
};

describeOnBoth('Webhook tasks', (make) => {
  let test: TestDatabase;
  let db: Database;
  let world: World;
  let context: TaskContext;
  let caller: Caller;
  const box = createSecretBox(['a key for the tests of tasks']);
  before(async () => {
    test = await make();
    db = await test.open();
  });
  after(async () => {
    assert.deepEqual((await runAudit(db.read)).findings, []);
    await db.close();
    await test.remove();
  });

  /** A flow of its own, so that no test sees another's tasks. */
  const start = async (maxTasks = 50) => {
    world = await makeWorld(db);
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
    context = { db, box, policy: () => policy, maxTasks: () => maxTasks };
    const { personId } = world;
    caller = {
      personId,
      email: '',
      name: '',
      role: 'author',
      via: 'token',
      readOnly: false,
      flowIds: null,
    };
  };
  const add = async (task: Partial<TaskDefinition> = {}): Promise<number> => {
    const keeping = { ...context, keep: keepNothing };
    return (await createTask(keeping, caller, world.flowId, { ...plain, ...task })).id;
  };
  const change = (id: number, wanted: Parameters<typeof updateTaskOf>[3]) =>
    updateTaskOf(context, caller, id, wanted);
  const readSealed = async (id: number) => {
    const row = db.read.selectFrom('webhook_tasks').select('secrets').where('id', '=', id);
    return (await row.executeTakeFirstOrThrow()).secrets;
  };
  const revision = async () => {
    const flow = db.read.selectFrom('flows').select('task_revision').where('id', '=', world.flowId);
    return (await flow.executeTakeFirstOrThrow()).task_revision;
  };
  const endJob = async () => {
    const jobId = await world.addExternalJob();
    const end = { state: 'complete', percent: null, facts: null, errorMessage: null, logTail: null } as const;
    await createExternalJobs(db, world.finish).report({ caller, jobId, ...end });
    return jobId;
  };
  const deliveryOf = (taskId: number) =>
    db.read
      .selectFrom('deliveries')
      .selectAll()
      .where('task_id', '=', taskId)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
  const refused =
    (fields: string[], code = 'validation_failed') =>
    (error: unknown) => {
      assert.ok(error instanceof Problem, String(error));
      assert.equal(error.code, code);
      assert.deepEqual(error.errors.map(({ field }) => field).sort(), fields);
      return true;
    };

  describe('stored', () => {
    before(() => start());

    it('are kept off without a secret that is named as missing, say why, and go on with it', async () => {
      await start();
      const missing = ['secretKey', 'headers.Authorization', 'secrets.routing', 'url'];
      const { id } = await createTask(
        { ...context, keep: keepNothing },
        caller,
        world.flowId,
        { ...plain, ...secret, headers: {} },
        missing,
      );
      const off = (await findTask(db.read, box, id))!;
      assert.equal(off.enabled, false);
      assert.match(off.disabledReason!, /give url, headers\.Authorization, secretKey, secrets\.routing/u);
      await assert.rejects(change(id, { enabled: true }), /There is no value for it/u);
      const given = { headers: { Authorization: 'Bearer x' }, secrets: { routing: 'r-key-1' } };
      await change(id, { ...given, url: plain.url, secretKey: 'a key', enabled: true });
      const on = (await findTask(db.read, box, id))!;
      assert.deepEqual([on.enabled, on.disabledReason, on.secretKey], [true, null, 'a key']);
      // Naming it again forgets what was stored.
      await updateTaskOf(context, caller, id, {}, ['secretKey']);
      const again = (await findTask(db.read, box, id))!;
      assert.deepEqual([again.enabled, again.secretKey], [false, '']);
      await assert.rejects(updateTaskOf(context, caller, id, {}, ['name']), /missingSecrets/u);
    });

    it('gives the secrets to the sender alone: no column holds one in clear', async () => {
      const url = 'https://example.com/services/credential-in-path';
      const id = await add({ ...secret, url, urlSecret: true });
      const row = await db.read
        .selectFrom('webhook_tasks')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      for (const value of ['stored-token', 'listed-value', 'stored key', 'stored-routing', 'credential-in'])
        assert.ok(!JSON.stringify(row).includes(value), value);
      const { task } = await createTaskLoader(db, box)(id);
      assert.equal(task.url, url);
      assert.deepEqual(task.headers, secret.headers);
      assert.equal(task.secretKey, 'the stored key');
      assert.deepEqual(task.secrets, secret.secrets);
    });

    it('does not open a secret that was moved to another task or another column', async () => {
      const [from, to] = [await add(secret), await add({ secretKey: 'a key of its own' })];
      const move = (into: number, text: ReturnType<typeof sql>) =>
        db.transaction((tx) =>
          sql`update webhook_tasks set secrets = ${text} where id = ${into}`.execute(tx),
        );
      const own = (await readSealed(to))!;
      await move(to, sql`(select secrets from webhook_tasks where id = ${from})`);
      await assert.rejects(findTask(db.read, box, to));
      await assert.rejects(createTaskLoader(db, box)(to));
      await move(to, sql`${box.seal('{"secrets":{}}', `webhook_tasks.headers of ${to}`)}`);
      await assert.rejects(findTask(db.read, box, to));
      await move(to, sql`${own}`);
      assert.equal((await findTask(db.read, box, to))!.secretKey, 'a key of its own');
    });

    it('keeps the host of a secret URL for its deliveries', async () => {
      const id = await add({ url: 'https://example.com:8443/services/x', urlSecret: true });
      await endJob();
      assert.equal((await deliveryOf(id)).host, 'example.com:8443');
    });

    it('raises the revision with each change, and the version of the task', async () => {
      const first = await revision();
      const id = await add();
      await change(id, { name: 'Another name' });
      await removeTask(context, caller, id);
      assert.equal(await revision(), first + 3);
      const row = await sql<{ born_revision: number; died_revision: number; version: number }>`
        select born_revision, died_revision, version from webhook_tasks where id = ${id}`.execute(db.read);
      const { born_revision, died_revision, version } = row.rows[0]!;
      assert.deepEqual([born_revision, died_revision], [first + 1, first + 3]);
      assert.ok(version >= 2);
    });

    it('keeps the revision it was deleted with where two delete it at once', async () => {
      const id = await add();
      const first = await revision();
      await Promise.allSettled([1, 2].map(() => removeTask(context, caller, id)));
      const task = db.read.selectFrom('webhook_tasks').select('died_revision').where('id', '=', id);
      assert.equal((await task.executeTakeFirstOrThrow()).died_revision, first + 1);
    });

    it('leaves nothing behind where it refuses', async () => {
      const first = await revision();
      await assert.rejects(add({ headers: { Host: 'x' } }), refused(['headers.Host']));
      await assert.rejects(add({ url: 'https://$jobId.example.com/' }), refused(['url']));
      await assert.rejects(add({ url: 'http://127.0.0.1/x' }), refused(['url'], 'url_refused'));
      await assert.rejects(add({ triggerObject: 'some', recipeIds: [999_999] }), refused(['recipeIds']));
      assert.equal(await revision(), first);
    });

    it('warns about a reference that is misspelt, with the one that was meant', async () => {
      const id = await add({ body: '{"status":"$jobStatsu"}' });
      const warnings = listWarnings((await findTask(db.read, box, id))!);
      assert.match(warnings.join(' '), /\$jobStatsu .*Did you mean \$jobStatus\?/u);
    });

    it('takes as many tasks as the workspace allows', async () => {
      await start(2);
      await add();
      const second = await add();
      await assert.rejects(add(), (error: unknown) => {
        assert.ok(refused(['flowId'], 'limit_reached')(error));
        assert.match((error as Problem).message, /may have 2: .* administrator .*tasksPerFlow/u);
        return true;
      });
      await change(second, { name: 'A change is no new task' });
      await removeTask(context, caller, second);
      await add();
    });
  });

  describe('changed', () => {
    before(() => start());

    it('wants every stored secret again where the target moves, and names each', async () => {
      const id = await add(secret);
      const fields = ['headers.Authorization', 'headers.X-Listed', 'secretKey', 'secrets.routing'];
      for (const url of [
        'http://example.com/hook',
        'https://example.com:8443/hook',
        'https://example.org/hook',
        'https://example.com/another/path',
      ])
        await assert.rejects(change(id, { url }), refused(fields));
      await assert.rejects(change(id, { sslVerification: false }), refused(fields));
      await change(id, { url: 'https://example.com/another-hook' });
      await change(id, { ...secret, url: 'https://example.org/hook' });
      assert.equal((await findTask(db.read, box, id))!.url, 'https://example.org/hook');
    });

    it('keeps a stored value for null, and clears the one that is taken off the list', async () => {
      const id = await add(secret);
      await change(id, { headers: { Authorization: null, 'X-Listed': null } });
      const kept = (await findTask(db.read, box, id))!;
      assert.deepEqual(kept.headers, { Authorization: 'Bearer stored-token', 'X-Listed': 'listed-value' });
      await change(id, { secretHeaders: [] });
      const shown = (await findTask(db.read, box, id))!;
      assert.deepEqual(shown.headers, { Authorization: 'Bearer stored-token', 'X-Listed': '' });
    });

    it('removes the key for an empty text and leaves it for null', async () => {
      const id = await add(secret);
      await change(id, { secretKey: null });
      assert.equal((await findTask(db.read, box, id))!.secretKey, 'the stored key');
      await change(id, { secretKey: '' });
      assert.equal((await findTask(db.read, box, id))!.secretKey, null);
    });
  });
});
