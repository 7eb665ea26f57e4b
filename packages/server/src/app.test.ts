// The application starts, answers, and stops, on both databases.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { healthEndpoints } from '@flowhook/contract/workspace/health';
import { personEndpoints } from '@flowhook/contract/person/person';
import { describeOnBoth } from '../test/database.ts';
import { startServer, type TestServer } from '../test/server.ts';

describeOnBoth('the application', (_, dialect) => {
  let server: TestServer;
  before(async () => {
    server = await startServer(dialect);
  });
  after(() => server.stop());

  it('is alive and ready', async () => {
    await server.nobody.call(healthEndpoints.alive);
    const { checks } = await server.nobody.call(healthEndpoints.ready);
    for (const name of ['database', 'disk', 'webhooks', 'silence', 'jobs'])
      assert.equal(checks[name]?.ok, true, name);
  });

  it('knows who calls, and refuses who is not signed in', async () => {
    const { email } = await server.author.call(personEndpoints.current);
    assert.equal(email, server.author.email);
    const refusal = await server.nobody.refused(personEndpoints.current, 401);
    assert.equal(refusal.exception.name, 'InvalidCredentials');
  });

  it('has the same people after a restart', async () => {
    await server.restart();
    assert.equal((await server.viewer.call(personEndpoints.current)).id, server.viewer.id);
  });
});
