// The audit log over HTTP: every change of settings and people, who made it, from what to what; never a secret.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { auditLogEndpoints } from '@flowhook/contract/workspace/audit-log';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { wrangledDatasetEndpoints as recipeEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { personEndpoints } from '@flowhook/contract/person/person';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { describeOnBoth } from '../../../../test/database.ts';
import { scheduleOf } from '../../../../test/role-table.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';

describeOnBoth('audit log', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  const list = async (query: object = {}) =>
    (await server.administrator.call(auditLogEndpoints.list, { query: query as never })).data;

  it('tells who changed a setting, when, from what to what; a change to the same is none', async () => {
    const began = Date.now();
    const body = { 'webapp.retentionDays': 41 };
    await server.administrator.call(workspaceEndpoints.changeSettings, { body });
    await server.administrator.call(workspaceEndpoints.changeSettings, { body });
    const entries = await list({ objectKind: 'setting webapp.retentionDays' });
    assert.equal(entries.length, 1);
    const [entry] = entries;
    assert.deepEqual([entry!.action, entry!.before, entry!.after], ['change', 90, 41]);
    assert.equal(entry!.person?.email, server.administrator.email);
    const at = Date.parse(entry!.at);
    assert.ok(at >= began - 1 && at <= Date.now() + 1, entry!.at);
  });

  it('is narrowed by person, action, object and time, and read page by page', async () => {
    const { id } = server.author;
    await server.administrator.call(personEndpoints.change, { params: { id }, body: { name: 'Renamed' } });
    const [entry] = await list({ objectKind: 'person', objectId: id, action: 'change' });
    assert.equal((entry!.after as { name: string }).name, 'Renamed');
    assert.deepEqual(await list({ personId: server.viewer.id }), []);
    assert.deepEqual(await list({ to: '2020-01-01T00:00:00Z' }), []);
    const all = await list({ limit: 1000 });
    const pages = [];
    for (let after: number | undefined; ;) {
      const page = await list({ limit: 2, ...(after !== undefined && { after }) });
      pages.push(...page);
      if (page.length < 2) break;
      after = page.at(-1)!.id;
    }
    assert.deepEqual(pages, all);
    const { count } = await server.administrator.call(auditLogEndpoints.list, {
      query: { includeCount: true },
    });
    assert.equal(count, all.length);
  });

  it('holds no token and no password', async () => {
    const made = await server.author.call(accessTokenEndpoints.create, { body: { lifetimeSeconds: 60 } });
    const password = 'a new password, nowhere to be read';
    await server.administrator.call(personEndpoints.resetPassword, {
      params: { id: server.viewer.id },
      body: { newPassword: password },
    });
    const text = JSON.stringify(await list({ limit: 1000 }));
    assert.ok(text.includes('"password"') && !text.includes(password) && !text.includes(made.tokenValue));
  });

  it('tells of flows, webhook tasks and schedules who made, changed and deleted them, of secrets only that they changed', async () => {
    const { author } = server;
    const flow = await author.call(flowEndpoints.create, { body: { name: 'Orders' } });
    await author.call(flowEndpoints.change, { params: { id: flow.id }, body: { name: 'Orders 2' } });
    const task = await author.call(webhookTaskEndpoints.create, {
      body: {
        name: 'tell',
        flowId: flow.id,
        url: 'https://audited.invalid/hook',
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
        headers: { Authorization: 'Bearer first-secret' },
        secretKey: 'first-secret-key',
        body: 'x'.repeat(3000),
      },
    });
    const params = { id: task.id };
    const change = { name: 'tell all', secretKey: 'second-secret-key' };
    await author.call(webhookTaskEndpoints.change, { params, body: change });
    await author.call(webhookTaskEndpoints.change, { params, body: { name: 'tell all' } });
    const schedule = await author.call(scheduleEndpoints.create, { body: scheduleOf(flow.id) });
    await author.call(scheduleEndpoints.disable, { params: { id: schedule.id } });
    await author.call(flowEndpoints.remove, { params: { id: flow.id } });

    const of = async (objectKind: string, objectId: number) => {
      const entries = await list({ objectKind, objectId });
      assert.ok(entries.every(({ person }) => person?.id === author.id));
      return entries.map(({ action, before, after }) => ({ action, before, after })).toReversed();
    };
    assert.deepEqual(await of('flow', flow.id), [
      { action: 'create', before: null, after: { name: 'Orders', description: null } },
      { action: 'change', before: { name: 'Orders' }, after: { name: 'Orders 2' } },
      { action: 'remove', before: { name: 'Orders 2', description: null }, after: null },
    ]);
    const [made, changed, removed, ...more] = await of('webhook task', task.id);
    const { name, url, headers, secretKey, body } = made!.after as Record<string, unknown>;
    assert.equal(body, `${'x'.repeat(2000)}… (3000 characters)`);
    assert.deepEqual([name, url], ['tell', 'https://audited.invalid/hook']);
    assert.deepEqual([headers, secretKey], [{ Authorization: '****' }, '****']);
    assert.deepEqual(changed, {
      action: 'change',
      before: { name: 'tell' },
      after: { name: 'tell all', newSecrets: ['secretKey'] },
    });
    assert.equal((removed!.before as { name: string }).name, 'tell all');
    assert.deepEqual(more, []);
    const actions = (await of('schedule', schedule.id)).map(({ action, after }) => [action, after]);
    assert.deepEqual(actions.slice(1), [
      ['change', { enabled: false }],
      ['remove', null],
    ]);
    const text = JSON.stringify(await list({ limit: 1000 }));
    assert.ok(!text.includes('first-secret') && !text.includes('second-secret'));
  });

  it('tells of recipes, outputs, write settings and datasets what each was and is', async () => {
    const { author } = server;
    const flow = await author.call(flowEndpoints.create, { body: { name: 'Recorded' } });
    const recipe = await author.call(recipeEndpoints.create, {
      body: { name: 'one', flow: { id: flow.id }, sql: 'select 1 as a' },
    });
    const params = { id: recipe.id };
    await author.call(recipeEndpoints.change, { params, body: { sql: 'select 2 as a' } });
    await author.call(recipeEndpoints.change, { params, body: { sql: 'select 2 as a' } });
    const written = { path: 'one.csv', format: 'csv', action: 'create' } as const;
    const output = await author.call(outputEndpoints.create, {
      body: { flowNodeId: recipe.id, profiler: false, writeSettings: [written] },
    });
    await author.call(outputEndpoints.change, { params: { id: output.id }, body: { profiler: true } });
    await author.call(outputEndpoints.remove, { params: { id: output.id } });
    await author.call(recipeEndpoints.remove, { params });
    const dataset = await uploadDataset(author, { fileName: 'cities.csv', content: 'city\nBern\n' }, {});
    await author.call(importedDatasetEndpoints.change, {
      params: { id: dataset.id },
      body: { name: 'towns' },
    });
    const told = async (objectKind: string, objectId: number) =>
      (await list({ objectKind, objectId }))
        .toReversed()
        .map(({ action, before, after, person }) => [action, before, after, person?.id]);
    const about = { flowId: flow.id, name: 'one' };
    const whole = (sql: string) => ({ ...about, description: null, sql });
    assert.deepEqual(await told('recipe', recipe.id), [
      ['create', null, whole('select 1 as a'), author.id],
      ['change', { ...about, sql: 'select 1 as a' }, { ...about, sql: 'select 2 as a' }, author.id],
      ['remove', whole('select 2 as a'), null, author.id],
    ]);
    const place = { flowId: flow.id, recipeId: recipe.id };
    const [, profiled, gone] = await told('output', output.id);
    assert.deepEqual(profiled, [
      'change',
      { ...place, profiler: false },
      { ...place, profiler: true },
      author.id,
    ]);
    assert.equal(gone![0], 'remove');
    const [setting] = await list({ objectKind: 'write setting', action: 'create' });
    assert.match(JSON.stringify(setting!.after), /"path":"one\.csv"/u);
    const [uploaded, renamed] = await told('dataset', dataset.id);
    assert.deepEqual((uploaded![2] as { address: string }).address, 'cities.csv');
    assert.deepEqual(renamed, ['change', { name: 'cities' }, { name: 'towns' }, author.id]);
  });

  it('is for administrators alone', async () => {
    for (const person of [server.author, server.viewer]) await person.refused(auditLogEndpoints.list, 403);
    await server.nobody.refused(auditLogEndpoints.list, 401);
  });
});
