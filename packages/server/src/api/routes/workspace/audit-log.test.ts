// The audit log over HTTP: every change of settings and people, who made it, from what to what; never a secret.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { auditLogEndpoints } from '@flowhook/contract/workspace/audit-log';
import { personEndpoints } from '@flowhook/contract/person/person';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';

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

  it('is for administrators alone', async () => {
    for (const person of [server.author, server.viewer]) await person.refused(auditLogEndpoints.list, 403);
    await server.nobody.refused(auditLogEndpoints.list, 401);
  });
});
