// Flows over HTTP: who sees which, what is refused, and what a deletion takes with it.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { externalJobEndpoints as externalJobs } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';

describeOnBoth('flows', (_, dialect) => {
  let server: TestServer;
  let other: TestPerson;
  before(async () => {
    server = await startServer(dialect);
    other = await server.addPerson('author');
  });
  after(() => server.stop());

  const grant = (flowId: number, person: TestPerson, role: 'editor' | 'viewer') =>
    server.app.db.transaction((tx) =>
      tx
        .insertInto('flow_grants')
        .values({ flow_id: flowId, person_id: person.id, role, created_at: 1 })
        .execute(),
    );

  it('are made, read, changed and replaced', async () => {
    const { author } = server;
    const made = await author.call(flows.create, { body: { name: ' Sales ', description: 'by month' } });
    assert.equal(made.name, 'Sales');
    assert.deepEqual(made.creator, { id: author.id });
    const params = { id: made.id };
    assert.deepEqual(await author.call(flows.get, { params }), made);
    const changed = await author.call(flows.change, { params, body: { name: 'Costs' } });
    assert.deepEqual([changed.name, changed.description], ['Costs', 'by month']);
    const replaced = await author.call(flows.replace, { params, body: { name: 'Rest' } });
    assert.deepEqual([replaced.name, replaced.description], ['Rest', null]);
  });

  it('embed their owner and their newest job', async () => {
    const { author } = server;
    const [idle, busy] = [
      await author.call(flows.create, { body: { name: 'Never run' } }),
      await author.call(flows.create, { body: { name: 'Run twice' } }),
    ];
    const report = { body: { flow: { id: busy.id } } };
    await author.call(externalJobs.create, report);
    const last = await author.call(externalJobs.create, report);
    const query = { embed: 'owner,lastJobGroup', filter: 'run' };
    const { data } = await author.call(flows.list, { query });
    const found = new Map(data.map((flow) => [flow.id, flow]));
    assert.equal(found.get(idle.id)?.lastJobGroup, null);
    const { id, status, finishedAt } = found.get(busy.id)!.lastJobGroup!;
    assert.deepEqual([id, status, finishedAt], [last.id, 'InProgress', null]);
    assert.deepEqual(found.get(busy.id)?.['owner'], {
      id: author.id,
      name: 'The author',
      email: author.email,
    });
    const one = await author.call(flows.get, { params: { id: busy.id }, query });
    assert.equal(one.lastJobGroup?.id, last.id);
    const bare = await author.call(flows.get, { params: { id: busy.id } });
    assert.deepEqual([bare.lastJobGroup, bare['owner']], [undefined, { id: author.id }]);
  });

  it('keep who changed them last, and when', async () => {
    const { author } = server;
    const made = await author.call(flows.create, { body: { name: 'Shared' } });
    await grant(made.id, other, 'editor');
    const changed = await other.call(flows.change, { params: { id: made.id }, body: { description: 'x' } });
    assert.deepEqual([changed.creator, changed.updater], [{ id: author.id }, { id: other.id }]);
    assert.ok(changed.updatedAt >= made.updatedAt);
    assert.equal(changed.createdAt, made.createdAt);
  });

  it('tell everybody their own role, in lists and alone, also after a change', async () => {
    const { author, administrator } = server;
    const { id, callerRole } = await author.call(flows.create, { body: { name: 'Told roles' } });
    assert.equal(callerRole, 'owner');
    await grant(id, other, 'editor');
    await grant(id, server.viewer, 'viewer');
    const told = [author, administrator, other, server.viewer].map(async (person) => {
      const { data } = await person.call(flows.list, { query: { filter: 'Told roles' } });
      const one = await person.call(flows.get, { params: { id } });
      assert.equal(one.callerRole, data[0]!.callerRole);
      return one.callerRole;
    });
    assert.deepEqual(await Promise.all(told), ['owner', 'owner', 'collaborator', 'readOnly']);
    const changed = await other.call(flows.change, { params: { id }, body: { description: 'by an editor' } });
    assert.equal(changed.callerRole, 'collaborator');
    await author.call(flows.remove, { params: { id } });
    const gone = await other.call(flows.get, { params: { id }, query: { includeDeleted: true } });
    assert.equal(gone.callerRole, 'collaborator');
  });

  it('of other people are not there', async () => {
    const { id } = await server.author.call(flows.create, { body: { name: 'Mine' } });
    const params = { id };
    for (const endpoint of [flows.get, flows.deletion, flows.flowNodes, flows.remove])
      assert.equal((await other.refused(endpoint, 404, { params })).exception.name, 'DataNotFoundException');
    for (const endpoint of [flows.change, flows.replace])
      await other.refused(endpoint, 404, { params, body: { name: 'x' } });
    const { data } = await other.call(flows.list, { query: { noLimit: 'true' } });
    assert.ok(!data.some((flow) => flow.id === id));
    assert.equal((await server.administrator.call(flows.get, { params })).id, id);
  });

  it('do for a grant what its role allows', async () => {
    const { id } = await server.author.call(flows.create, { body: { name: 'Granted' } });
    const params = { id };
    await grant(id, other, 'viewer');
    await other.call(flows.get, { params });
    await other.refused(flows.change, 403, { params, body: { name: 'x' } });
    await other.refused(flows.remove, 403, { params });
    const names = async (flowsFilter: 'all' | 'shared' | 'owned') =>
      (await other.call(flows.list, { query: { flowsFilter } })).data.map((flow) => flow.name);
    assert.ok((await names('shared')).includes('Granted'));
    assert.ok(!(await names('owned')).includes('Granted'));
    assert.ok((await names('all')).includes('Granted'));
  });

  it('can be made by authors alone, and not by a token that is bound to flows', async () => {
    const body = { name: 'x' };
    await server.viewer.refused(flows.create, 403, { body });
    await server.nobody.refused(flows.create, 401, { body });
    const { id } = await server.author.call(flows.create, { body });
    const bound = await server.addPerson('author');
    await server.app.db.transaction(async (tx) => {
      const flowIds = JSON.stringify([id]);
      await tx
        .updateTable('access_tokens')
        .set({ flow_ids: flowIds })
        .where('person_id', '=', bound.id)
        .execute();
    });
    await bound.refused(flows.create, 403, { body });
    await bound.refused(flows.get, 404, { params: { id } });
    await grant(id, bound, 'viewer');
    await bound.call(flows.get, { params: { id } });
    const { data, count } = await bound.call(flows.list, { query: { includeCount: 'true' } });
    assert.deepEqual([data.map((flow) => flow.id), count], [[id], 1]);
  });

  it('are listed by the conventions of lists', async () => {
    const lister = await server.addPerson('author');
    for (const name of ['b one', 'a two', 'c 100%']) await lister.call(flows.create, { body: { name } });
    const list = async (query: Record<string, string>) =>
      (await lister.call(flows.list, { query })).data.map((flow) => flow.name);
    assert.deepEqual(await list({}), ['c 100%', 'a two', 'b one']);
    assert.deepEqual(await list({ sort: 'name' }), ['a two', 'b one', 'c 100%']);
    assert.deepEqual(await list({ sort: 'name', limit: '1', offset: '1' }), ['b one']);
    assert.deepEqual(await list({ filter: '0%' }), ['c 100%']);
    assert.deepEqual(await lister.call(flows.count, { query: { filter: 'O' } }), { count: 2 });
    await lister.refused(flows.list, 400, { query: { sort: 'owner' } });
    const refusal = await lister.refused(flows.list, 400, { query: { embed: 'jobs' } });
    assert.match(refusal.detail, /flownodes, webhookFlowTasks, creator/u);
    const { json } = await lister.send('GET', '/v4/flows?fields=name&limit=1');
    const [row] = (json as { data: object[] }).data;
    assert.deepEqual(Object.keys(row!).toSorted(), ['createdAt', 'id', 'name', 'updatedAt']);
  });

  const badBodies: [string, unknown, string][] = [
    ['no name', {}, 'name'],
    ['a name that is no text', { name: 5 }, 'name'],
    ['a blank name', { name: '  ' }, 'name'],
    ['a long name', { name: 'x'.repeat(256) }, 'name'],
    ['a long description', { name: 'x', description: 'x'.repeat(10_001) }, 'description'],
  ];
  for (const [what, body, field] of badBodies)
    it(`refuse ${what}`, async () => {
      const { errors, code } = await server.author.refused(flows.create, 400, { body });
      assert.deepEqual([errors[0]?.field, code], [field, 'validation_failed']);
    });

  it('refuse ids that are none', async () => {
    for (const id of ['x', '0', '-1', '1.5', '9'.repeat(30)])
      await server.author.refused(flows.get, 400, { params: { id } });
    await server.author.refused(flows.get, 404, { params: { id: 2 ** 52 } });
  });

  it('say what goes with them, take it with them, and leave datasets and history', async () => {
    const { author } = server;
    const { id } = await author.call(flows.create, { body: { name: 'Leaving' } });
    const params = { id };
    const dataset = await uploadDataset(author, { fileName: 'leaving.csv', content: 'a,b\n1,2\n' });
    const body = { name: 'r', flow: { id }, importedDataset: { id: dataset.id } };
    const recipe = await author.call(recipes.create, { body });
    const output = await author.call(outputs.create, { body: { flowNodeId: recipe.id } });
    const deletion = await author.call(flows.deletion, { params });
    assert.deepEqual(deletion, {
      flow: { id, name: 'Leaving' },
      wrangledDatasets: [{ id: recipe.id, name: 'r' }],
      outputObjects: [{ id: output.id }],
      schedules: [],
      webhookFlowTasks: [],
      runningJobGroups: [],
      waitingDeliveryCount: 0,
      jobGroupCount: 0,
      importedDatasets: [{ id: dataset.id, name: 'leaving' }],
      disabledWebhookFlowTasks: [],
      hiddenDisabledWebhookFlowTaskCount: 0,
    });
    await author.call(flows.remove, { params });
    await author.refused(flows.get, 404, { params });
    await author.refused(flows.remove, 404, { params });
    await author.refused(recipes.get, 404, { params: { id: recipe.id } });
    await author.refused(outputs.get, 404, { params: { id: output.id } });
    await author.refused(recipes.create, 404, { body });
    const query = { includeDeleted: 'true' };
    assert.equal((await author.call(flows.get, { params, query })).name, 'Leaving');
    assert.equal((await author.call(recipes.get, { params: { id: recipe.id }, query })).name, 'r');
    assert.equal((await author.call(outputs.get, { params: { id: output.id }, query })).id, output.id);
    assert.equal((await author.call(datasets.get, { params: { id: dataset.id } })).name, 'leaving');
    const all = await author.call(flows.list, { query: { includeDeleted: 'true', noLimit: 'true' } });
    assert.ok(all.data.some((flow) => flow.id === id));
  });

  it('show their graph', async () => {
    const { author } = server;
    const { id } = await author.call(flows.create, { body: { name: 'Graph' } });
    const dataset = await uploadDataset(author, { fileName: 'graph.csv', content: 'a,b\n1,2\n' });
    const flow = { id };
    const first = await author.call(recipes.create, {
      body: { name: 'first', flow, importedDataset: { id: dataset.id }, sql: 'select a from graph' },
    });
    const second = await author.call(recipes.create, {
      body: { name: 'second', flow, wrangledDataset: { id: first.id } },
    });
    const output = await author.call(outputs.create, { body: { flowNodeId: second.id } });
    const { data, edges, outputObjects } = await author.call(flows.flowNodes, { params: { id } });
    assert.deepEqual(
      data.map(({ name, wrangled, recipe, importedDataset }) => [name, wrangled, recipe, importedDataset]),
      [
        ['graph', false, null, { id: dataset.id }],
        ['first', true, { id: first.id }, null],
        ['second', true, { id: second.id }, null],
      ],
    );
    const node = data[0]!.id;
    assert.deepEqual(edges, [
      { inputFlowNode: { id: node }, outputFlowNode: { id: first.id }, primary: true },
      { inputFlowNode: { id: first.id }, outputFlowNode: { id: second.id }, primary: true },
    ]);
    assert.deepEqual(
      outputObjects.map(({ id: outputId, flowNode }) => [outputId, flowNode]),
      [[output.id, { id: second.id }]],
    );
    const whole = await author.call(flows.get, { params: { id }, query: { embed: 'flownodes,creator' } });
    assert.equal((whole['flownodes'] as { data: unknown[] }).data.length, 3);
    assert.equal(whole.creator?.['name'], 'The author');
  });
});
