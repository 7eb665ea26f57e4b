// Workspace settings: both forms, all or nothing, known on every node, written to the audit log.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { workspaceEndpoints as endpoints } from '@flowhook/contract/workspace/workspace';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, testConfig, type TestServer } from '../../../../test/server.ts';
import { startApp } from '../../../app.ts';
import { createLog } from '../../../base/log.ts';
import { until } from '../../../../test/wait.ts';

const prefix = 'webapp.webhookSettings';

describeOnBoth('workspace settings', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect, {
      FLOWHOOK_RETRY_SCHEDULE: '1,2',
      FLOWHOOK_FORBIDDEN_IPS: '10.0.0.0/8',
    });
  });
  after(() => server.stop());
  const change = (body: object) => server.administrator.call(endpoints.changeSettings, { body });

  it('begin with what the server was started with', async () => {
    const settings = await server.administrator.call(endpoints.settings);
    assert.deepEqual(settings[`${prefix}.retrySchedule`], [1, 2]);
    assert.equal(settings[`${prefix}.forbiddenIPs`], '10.0.0.0/8');
    assert.equal(settings[`${prefix}.tasksPerFlow`], 50);
  });

  it('are for administrators alone', async () => {
    await server.author.refused(endpoints.settings, 403);
    await server.viewer.refused(endpoints.changeConfiguration, 403, { body: { configuration: [] } });
  });

  it('are changed, ignoring what is not known, and stay so', async () => {
    const settings = await change({ [`${prefix}.maximumAge`]: 600, 'webapp.unknown': 1 });
    assert.equal(settings[`${prefix}.maximumAge`], 600);
    await server.restart({ FLOWHOOK_RETRY_SCHEDULE: '7' });
    const after = await server.administrator.call(endpoints.settings);
    assert.equal(after[`${prefix}.maximumAge`], 600);
    assert.deepEqual(after[`${prefix}.retrySchedule`], [1, 2]);
  });

  it('change all or not at all', async () => {
    const body = { [`${prefix}.timeLimit`]: 20, [`${prefix}.forbiddenIPs`]: '10.0.0.0/8;nonsense' };
    const { errors } = await server.administrator.refused(endpoints.changeSettings, 400, { body });
    assert.equal(errors[0]?.field, `${prefix}.forbiddenIPs`);
    assert.match(errors[0].detail, /"nonsense" is no IPv4 or IPv6 address/u);
    const settings = await server.administrator.call(endpoints.settings);
    assert.equal(settings[`${prefix}.timeLimit`], 30);
    const regexes = { [`${prefix}.allowedUrlRegexes`]: ['('] };
    const refusal = await server.administrator.refused(endpoints.changeSettings, 400, { body: regexes });
    assert.equal(refusal.errors[0]?.field, `${prefix}.allowedUrlRegexes`);
  });

  it('come and go in the form of the original, with lists and numbers as text', async () => {
    const configuration = [
      { key: `${prefix}.allowedUrlRegexes`, value: '["^https://a\\\\.example/"]' },
      { key: `${prefix}.timeLimit`, value: '12' },
      { key: `${prefix}.enabled`, value: 'false' },
      { key: 'webapp.connectivity.somethingElse', value: 'x' },
    ];
    const reply = await server.administrator.call(endpoints.changeConfiguration, { body: { configuration } });
    const found = Object.fromEntries(reply.configuration.map(({ key, value }) => [key, value]));
    assert.deepEqual(found[`${prefix}.allowedUrlRegexes`], ['^https://a\\.example/']);
    assert.equal(found[`${prefix}.timeLimit`], 12);
    assert.equal(found[`${prefix}.enabled`], false);
    const reset = [{ key: `${prefix}.timeLimit`, value: null }];
    await server.administrator.call(endpoints.changeConfiguration, { body: { configuration: reset } });
    assert.equal((await server.administrator.call(endpoints.settings))[`${prefix}.timeLimit`], 30);
    const wrong = [{ key: `${prefix}.timeLimit`, value: 'soon' }];
    await server.administrator.refused(endpoints.changeConfiguration, 400, {
      body: { configuration: wrong },
    });
  });

  it('leave a line in the audit log for each change that is one', async () => {
    await change({ [`${prefix}.tasksPerFlow`]: 60 });
    await change({ [`${prefix}.tasksPerFlow`]: 60 });
    const rows = await server.app.db.read
      .selectFrom('audit_log')
      .select(['before_value', 'after_value', 'person_id'])
      .where('object_kind', '=', `setting ${prefix}.tasksPerFlow`)
      .execute();
    const person_id = server.administrator.id;
    assert.deepEqual(rows, [{ before_value: '50', after_value: '60', person_id }]);
  });

  // SQLite has one process.
  if (dialect === 'postgres')
    it('are the same on every node', async () => {
      const other = await startApp(testConfig(server.database), { log: createLog('silent') });
      try {
        await change({ [`${prefix}.timeLimit`]: 44 });
        await until(() => other.workspace.settings()[`${prefix}.timeLimit`] === 44);
        // Whatever is announced while the other node's session is broken is read again when it is back.
        await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'flowhook node %'`.execute(
          server.app.db.read,
        );
        await change({ [`${prefix}.timeLimit`]: 45 });
        await until(() => other.workspace.settings()[`${prefix}.timeLimit`] === 45);
      } finally {
        await other.stop();
      }
    });

  it('are refused at start where they can not be', async () => {
    const config = testConfig(server.database, { FLOWHOOK_ALLOWED_URL_REGEXES: '["("]' });
    if (dialect === 'sqlite') await server.app.stop();
    await assert.rejects(startApp(config, { log: createLog('silent') }), /allowedUrlRegexes/u);
    if (dialect === 'sqlite') await server.restart();
  });
});
