// Sharing over HTTP: roles, transfer of ownership, leaving, and what becomes of a removed person's things.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { personEndpoints as people } from '@flowhook/contract/person/person';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../../test/database.ts';
import { scheduleOf } from '../../../../test/role-table.ts';
import { startServer, testPassword, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';

describeOnBoth('sharing', (_, dialect) => {
  let server: TestServer;
  let owner: TestPerson;
  let other: TestPerson;
  before(async () => {
    server = await startServer(dialect);
    owner = server.author;
    other = await server.addPerson('author');
  });
  after(() => server.stop());

  const makeFlow = async (name = 'Shared') => (await owner.call(flows.create, { body: { name } })).id;
  const share = (id: number, data: object[], by = owner) =>
    by.call(permissions.give, { params: { id }, body: { data } as never });
  const brief = ({ data }: { data: { person: { id: number }; role: string }[] }) =>
    data.map(({ person, role }) => [person.id, role]);

  it('gives, changes and takes roles, by id and by email', async () => {
    const id = await makeFlow();
    assert.deepEqual(brief(await owner.call(permissions.list, { params: { id } })), [[owner.id, 'owner']]);
    await other.refused(permissions.list, 404, { params: { id } });
    const given = await share(id, [
      { personId: other.id, role: 'readOnly' },
      { email: server.viewer.email.toUpperCase(), role: 'collaborator' },
    ]);
    assert.deepEqual(brief(given), [
      [owner.id, 'owner'],
      ...[
        [other.id, 'readOnly'],
        [server.viewer.id, 'collaborator'],
      ].toSorted((a, b) => Number(a[0]) - Number(b[0])),
    ]);
    await other.call(flows.get, { params: { id } });
    await other.refused(flows.change, 403, { params: { id }, body: { name: 'x' } });
    await share(id, [{ personId: other.id, role: 'collaborator' }]);
    await other.call(flows.change, { params: { id }, body: { name: 'Changed' } });
    await other.refused(flows.remove, 403, { params: { id } });
    await other.refused(permissions.give, 403, {
      params: { id },
      body: { data: [{ personId: server.viewer.id, role: 'readOnly' }] },
    });
    await owner.call(permissions.take, { params: { id, personId: other.id } });
    await other.refused(flows.get, 404, { params: { id } });
    await owner.refused(permissions.take, 404, { params: { id, personId: other.id } });
  });

  it('finds whom it can be given to, for its owner alone', async () => {
    const id = await makeFlow();
    const named = await server.addPerson('viewer');
    const find = async (filter: string) =>
      (await owner.call(permissions.candidates, { params: { id }, query: { filter } })).data;
    const { data } = await server.administrator.call(people.list, {
      query: { filter: named.email, filterFields: 'email' },
    });
    assert.deepEqual(await find(named.email.toUpperCase()), [
      { id: named.id, name: data[0]!.name, email: named.email },
    ]);
    assert.ok((await find('the AUTHOR')).some((each) => each.id === other.id));
    assert.ok((await find('')).length > 0);
    assert.deepEqual(await find('%'), []);
    assert.ok(!(await find(owner.email)).some((each) => each.id === owner.id), 'the owner sees it already');
    await share(id, [{ personId: named.id, role: 'collaborator' }]);
    assert.deepEqual(await find(named.email), []);
    await other.refused(permissions.candidates, 404, { params: { id } });
    await named.refused(permissions.candidates, 403, { params: { id } });
  });

  it('lets everybody leave, but not the owner', async () => {
    const id = await makeFlow();
    await share(id, [{ personId: server.viewer.id, role: 'readOnly' }]);
    await server.viewer.refused(permissions.take, 403, { params: { id, personId: owner.id } });
    await server.viewer.call(permissions.take, { params: { id, personId: server.viewer.id } });
    await server.viewer.refused(flows.get, 404, { params: { id } });
    const refusal = await owner.refused(permissions.take, 409, { params: { id, personId: owner.id } });
    assert.match(refusal.detail, /another owner first/u);
  });

  it('hands a flow to another owner; the old one stays as a collaborator', async () => {
    const id = await makeFlow();
    const given = await share(id, [{ personId: other.id, role: 'owner' }]);
    assert.deepEqual(brief(given), [
      [other.id, 'owner'],
      [owner.id, 'collaborator'],
    ]);
    await owner.refused(flows.remove, 403, { params: { id } });
    await server.administrator.call(permissions.give, {
      params: { id },
      body: { data: [{ personId: owner.id, role: 'owner' }] },
    });
    await owner.call(flows.remove, { params: { id } });
  });

  const bad: [string, object[], RegExp][] = [
    ['nobody', [{ role: 'readOnly' }], /data\[0\]\.personId/u],
    ['an unknown person', [{ personId: 999_999, role: 'readOnly' }], /data\[0\]\.personId/u],
    ['an unknown email', [{ email: 'no@example.com', role: 'readOnly' }], /data\[0\]\.email/u],
    ['an unknown role', [{ personId: 1, role: 'king' }], /data\[0\]\.role/u],
    ['an empty list', [], /data/u],
  ];
  for (const [what, data, field] of bad)
    it(`refuses ${what}`, async () => {
      const id = await makeFlow();
      const { errors } = await owner.refused(permissions.give, 400, { params: { id }, body: { data } });
      assert.match(errors[0]!.field, field);
    });

  it('refuses an owner who may change nothing, two owners, and a lower role for the owner; all or nothing', async () => {
    const id = await makeFlow();
    const refuse = async (status: number, data: object[]) =>
      owner.refused(permissions.give, status, { params: { id }, body: { data } });
    await refuse(400, [
      { personId: other.id, role: 'readOnly' },
      { personId: server.viewer.id, role: 'owner' },
    ]);
    await refuse(400, [
      { personId: other.id, role: 'owner' },
      { personId: server.administrator.id, role: 'owner' },
    ]);
    await refuse(409, [{ personId: owner.id, role: 'readOnly' }]);
    assert.deepEqual(brief(await owner.call(permissions.list, { params: { id } })), [[owner.id, 'owner']]);
  });

  it('shows header values to those alone who may change the flow', async () => {
    const id = await makeFlow();
    const body = {
      name: 'Tell',
      flowId: id,
      url: 'https://hooks.example.com/x',
      method: 'post',
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
      headers: { 'X-Team': 'red', Authorization: 'Bearer abcdefgh' },
    } as const;
    const made = await owner.call(tasks.create, { body });
    assert.deepEqual(made.headers, { 'X-Team': 'red', Authorization: null });
    await share(id, [{ personId: other.id, role: 'readOnly' }]);
    const hidden = { 'X-Team': null, Authorization: null };
    assert.deepEqual((await other.call(tasks.get, { params: { id: made.id } })).headers, hidden);
    const { data } = await other.call(tasks.list, { query: { flowId: id } });
    assert.deepEqual(data[0]!.headers, hidden);
    const flow = await other.call(flows.get, { params: { id }, query: { embed: 'webhookFlowTasks' } });
    assert.deepEqual(
      (flow['webhookFlowTasks'] as typeof made & { data: typeof data }).data[0]!.headers,
      hidden,
    );
    await share(id, [{ personId: other.id, role: 'collaborator' }]);
    assert.deepEqual((await other.call(tasks.get, { params: { id: made.id } })).headers, made.headers);
  });

  it('asks who gets what a removed person owns, shows it, and hands it over', async () => {
    const leaving = await server.addPerson('author');
    const { id } = await leaving.call(flows.create, { body: { name: 'Orphan' } });
    const dataset = await uploadDataset(leaving, { fileName: 'orphan.csv', content: 'a\n1\n' });
    const theirs = await makeFlow('Seen');
    await share(theirs, [{ personId: leaving.id, role: 'readOnly' }]);
    const schedule = await leaving.call(schedules.create, {
      body: { ...scheduleOf(id), name: 'Yearly', enabled: false },
    });
    // One of a deleted flow is gone, and one of somebody else's flow is not theirs.
    const deleted = (await leaving.call(flows.create, { body: { name: 'Deleted' } })).id;
    await leaving.call(schedules.create, { body: scheduleOf(deleted) });
    await leaving.call(flows.remove, { params: { id: deleted } });
    await owner.call(schedules.create, { body: scheduleOf(theirs) });
    const params = { id: leaving.id };
    const removal = await server.administrator.call(people.removal, { params });
    assert.deepEqual(removal.flows, [{ id, name: 'Orphan' }]);
    assert.deepEqual(removal.schedules, [
      { id: schedule.id, name: 'Yearly', flow: { id }, enabled: false, nextAt: null },
    ]);
    assert.deepEqual(removal.importedDatasets, [{ id: dataset.id, name: 'orphan' }]);
    assert.deepEqual(removal.sharedFlows, [{ id: theirs, name: 'Seen' }]);
    assert.equal(removal.apiAccessTokens.length, 1);
    const { administrator } = server;
    const problem = await administrator.refused(people.remove, 409, { params });
    assert.match(problem.detail, /1 flow and 1 dataset/u);
    assert.equal(problem.errors[0]!.field, 'transferTo');
    await leaving.call(flows.get, { params: { id } });
    for (const transferTo of [leaving.id, 999_999, server.viewer.id])
      await administrator.refused(people.remove, 400, { params, query: { transferTo } });
    await share(theirs, [{ personId: other.id, role: 'readOnly' }]);
    await leaving.call(permissions.give, {
      params: { id },
      body: { data: [{ personId: other.id, role: 'readOnly' }] },
    });
    await administrator.call(people.remove, { params, query: { transferTo: other.id } });
    await leaving.refused(flows.get, 401, { params: { id } });
    assert.deepEqual(brief(await other.call(permissions.list, { params: { id } })), [[other.id, 'owner']]);
    await other.call(datasets.change, { params: { id: dataset.id }, body: { name: 'adopted' } });
    assert.ok(
      !brief(await owner.call(permissions.list, { params: { id: theirs } })).some(
        ([who]) => who === leaving.id,
      ),
    );
    const basic = Buffer.from(`${leaving.email}:${testPassword}`).toString('base64');
    await server.client({ authorization: `Basic ${basic}` }).refused(people.current, 401);
  });

  it('is written to the audit log', async () => {
    const id = await makeFlow();
    await share(id, [{ personId: other.id, role: 'readOnly' }]);
    const rows = await server.app.db.read
      .selectFrom('audit_log')
      .selectAll()
      .where('object_kind', '=', 'flow permissions')
      .where('object_id', '=', id)
      .execute();
    assert.deepEqual(
      rows.map(({ person_id, before_value, after_value }) => [person_id, before_value, after_value]),
      [
        [
          owner.id,
          JSON.stringify([{ personId: owner.id, role: 'owner' }]),
          JSON.stringify([
            { personId: owner.id, role: 'owner' },
            { personId: other.id, role: 'viewer' },
          ]),
        ],
      ],
    );
  });
});
