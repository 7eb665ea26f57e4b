// External jobs over HTTP: who may report, what is asked again, and launches that name their fields.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';

describeOnBoth('external jobs', (_, dialect) => {
  let server: TestServer;
  let owner: TestPerson;
  let editor: TestPerson;
  let viewer: TestPerson;
  let stranger: TestPerson;
  let flow: { id: number };
  let recipe: { id: number };
  before(async () => {
    server = await startServer(dialect);
    owner = server.author;
    [editor, viewer, stranger] = await Promise.all([
      server.addPerson('author'),
      server.addPerson('author'),
      server.addPerson('author'),
    ]);
    flow = await owner.call(flows.create, { body: { name: 'dbt' } });
    recipe = await owner.call(recipes.create, { body: { name: 'r', flow, sql: 'select 1 as a' } });
    const times = { created_at: 1 };
    await server.app.db.transaction(async (tx) => {
      for (const [person, role] of [
        [editor, 'editor'],
        [viewer, 'viewer'],
      ] as const)
        await tx
          .insertInto('flow_grants')
          .values({ flow_id: flow.id, person_id: person.id, role, ...times })
          .execute();
    });
  });
  after(() => server.stop());

  it('are reported by the owner, an editor and an administrator', async () => {
    for (const person of [owner, editor, server.administrator]) {
      const { id } = await person.call(external.create, { body: { wrangledDataset: recipe } });
      const params = { id };
      await person.call(external.change, { params, body: { percentComplete: 50 } });
      const ended = await person.call(external.change, { params, body: { status: 'Complete' } });
      assert.equal(ended.status, 'Complete');
    }
  });

  it('are not reported by a viewer, and are hidden from everybody else', async () => {
    const { id } = await owner.call(external.create, { body: { flow } });
    for (const body of [{ flow }, { wrangledDataset: recipe }]) {
      await viewer.refused(external.create, 403, { body });
      const refusal = await stranger.refused(external.create, 404, { body });
      const asked = 'flow' in body ? `flow ${flow.id}` : `recipe ${recipe.id}`;
      assert.match(refusal.detail, new RegExp(`There is no ${asked}`, 'u'));
    }
    const params = { id };
    for (const body of [{}, { status: 'Failed' }]) {
      await viewer.refused(external.change, 403, { params, body });
      await stranger.refused(external.change, 404, { params, body });
    }
    assert.equal((await owner.call(jobs.get, { params })).status, 'InProgress');
  });

  it('answer each reporter for himself where they report together', async () => {
    const { id } = await owner.call(external.create, { body: { flow } });
    const send = (person: TestPerson) =>
      person.send('PATCH', `/v4/jobGroups/${id}/external`, { body: { status: 'Complete' } });
    const answers = await Promise.all([stranger, viewer, editor, owner].map(send));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 403, 200, 200],
    );
  });

  it('are started once for an execution id of a person, however often and at once they ask', async () => {
    const headers = { 'x-execution-id': 'run-1' };
    const start = async (person: TestPerson, body: object) =>
      person.send('POST', '/v4/jobGroups/external', { headers, body });
    const answers = await Promise.all([1, 2, 3].map(() => start(owner, { flow })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201],
    );
    const ids = answers.map(({ json }) => (json as { id: number }).id);
    assert.equal(new Set(ids).size, 1);
    await owner.call(external.change, { params: { id: ids[0]! }, body: { status: 'Complete' } });
    assert.equal(((await start(owner, { flow })).json as { status: string }).status, 'Complete');
    assert.notEqual(((await start(editor, { flow })).json as { id: number }).id, ids[0]);
    const other = await owner.call(flows.create, { body: { name: 'another' } });
    await owner.refused(external.create, 409, { headers, body: { flow: other } });
    const long = { 'x-execution-id': 'x'.repeat(256) };
    await owner.refused(external.create, 400, { headers: long, body: { flow } });
    const recipe = { wrangledDataset: { id: 1 } };
    await owner.refused(jobs.create, 400, { headers: long, body: recipe });
  });

  it('lose their reporters with the grant', async () => {
    const { id } = await editor.call(external.create, { body: { flow } });
    await server.app.db.transaction((tx) =>
      tx.deleteFrom('flow_grants').where('person_id', '=', editor.id).execute(),
    );
    await editor.refused(external.change, 404, { params: { id }, body: { status: 'Complete' } });
  });
});

describeOnBoth('a launch with write settings', (_, dialect) => {
  it('names the field as the caller wrote it', async () => {
    const server = await startServer(dialect);
    try {
      const { author } = server;
      const flow = await author.call(flows.create, { body: { name: 'f' } });
      const recipe = await author.call(recipes.create, { body: { name: 'r', flow, sql: 'select 1 as a' } });
      const good = { path: 'a.csv', action: 'create', format: 'csv' };
      const faults: [overrides: object, field: string][] = [
        [{ writesettings: [good, { ...good, path: '/etc/x' }] }, 'overrides.writesettings[1].path'],
        [{ writeSettings: [{ ...good, delim: '"' }] }, 'overrides.writeSettings[0].delim'],
        [{ writesettings: { data: [good, good] } }, 'overrides.writesettings.data[1].path'],
        [{ writesettings: [{ ...good, format: 'avro' }] }, 'overrides.writesettings[0].format'],
        [{ writeSettings: { data: [{ ...good, action: 1 }] } }, 'overrides.writeSettings.data[0].action'],
      ];
      for (const [overrides, field] of faults) {
        const refusal = await author.refused(jobs.create, 400, {
          body: { wrangledDataset: recipe, overrides },
        });
        assert.deepEqual(
          refusal.errors.map((error) => error.field),
          [field],
          refusal.detail,
        );
      }
    } finally {
      await server.stop();
    }
  });
});
