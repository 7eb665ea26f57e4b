// Schedules over HTTP: the original's form, several triggers, next times, and who may see and change them.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowRunEndpoints as runs } from '@flowhook/contract/job/flow-run';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('schedules over HTTP', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
  });
  after(() => server.stop());

  const makeFlow = async (person = author) =>
    (await person.call(flows.create, { body: { name: 'Sales' } })).id;
  const trigger = (expression: string, timezone = 'Europe/Berlin') => ({
    timeBased: { cron: { expression }, timezone },
  });
  const bodyOf = (flowId: number, ...expressions: string[]) => ({
    triggers: (expressions.length === 0 ? ['0 6 * * *'] : expressions).map((each) => trigger(each)),
    tasks: [{ runFlow: { flowId } }],
  });

  it('are made and read in the form of the original', async () => {
    const flowId = await makeFlow();
    const made = await author.call(schedules.create, {
      body: bodyOf(flowId, '*/30 * * * *', '0 15 10 ? * 2-6'),
    });
    assert.deepEqual(made.triggers, [trigger('*/30 * * * *'), trigger('0 15 10 ? * 2-6')]);
    assert.equal(made.tasks[0]!.runFlow.flowId, flowId);
    assert.deepEqual(
      [made.enabled, made.missed, made.overlap, made.disableReason],
      [true, 'once', 'skip', null],
    );
    assert.ok(Date.parse(made.nextAt!) - Date.now() <= 1_800_000);
    const { data } = await author.call(schedules.list, { query: { flowId, embed: 'flow' } });
    assert.deepEqual(
      data.map(({ id, flow }) => [id, flow['name']]),
      [[made.id, 'Sales']],
    );
    const other = { timeBased: { cron: { expression: '0 6 * * *' }, timeZone: 'Asia/Kolkata' } };
    const body = { ...bodyOf(flowId), triggers: [other], overlap: 'queue' as const, enabled: false };
    const changed = await author.call(schedules.replace, { params: { id: made.id }, body });
    assert.deepEqual(changed.triggers, [trigger('0 6 * * *', 'Asia/Kolkata')]);
    assert.deepEqual([changed.overlap, changed.enabled, changed.nextAt], ['queue', false, null]);
  });

  it('are listed where the server disabled them, not where a person did', async () => {
    const made: number[] = [];
    for (let count = 0; count < 3; count += 1)
      made.push((await author.call(schedules.create, { body: bodyOf(await makeFlow()) })).id);
    await author.call(schedules.disable, { params: { id: made[1]! } });
    await server.app.db.transaction((tx) =>
      tx
        .updateTable('schedules')
        .set({ enabled: 0, next_at: null, disabled_reason: 'It can not run.' })
        .where('id', '=', made[2]!)
        .execute(),
    );
    const { data } = await author.call(schedules.list, { query: { stopped: 'true', noLimit: 'true' } });
    assert.deepEqual(
      data.map(({ id }) => id).filter((id) => made.includes(id)),
      [made[2]],
    );
  });

  it('are one for each flow, and go with it', async () => {
    const flowId = await makeFlow();
    const { id } = await author.call(schedules.create, { body: bodyOf(flowId) });
    const refusal = await author.refused(schedules.create, 409, { body: bodyOf(flowId) });
    assert.match(refusal.detail, /has a schedule already/u);
    const deletion = await author.call(flows.deletion, { params: { id: flowId } });
    assert.deepEqual(deletion.schedules, [{ id }]);
    await author.call(schedules.remove, { params: { id } });
    const again = await author.call(schedules.create, { body: bodyOf(flowId) });
    await author.call(flows.remove, { params: { id: flowId } });
    await author.refused(schedules.get, 404, { params: { id: again.id } });
  });

  it('name the field that is wrong', async () => {
    const flowId = await makeFlow();
    const refused = async (change: object, field: string, detail: RegExp) => {
      const { errors } = await author.refused(schedules.create, 400, {
        body: { ...bodyOf(flowId), ...change },
      });
      assert.equal(errors[0]!.field, field);
      assert.match(errors[0]!.detail, detail);
    };
    const expression = 'triggers[0].timeBased.cron.expression';
    await refused({ triggers: [trigger('61 * * * *')] }, expression, /Invalid value for minute/u);
    await refused({ triggers: [trigger('0 0 30 2 *')] }, expression, /never comes/u);
    await refused(
      { triggers: [trigger('0 6 * * *', 'Mars/Base')] },
      'triggers[0].timeBased.timezone',
      /time zone/u,
    );
    await refused({ triggers: [trigger('*/10 * * * * ?')] }, 'triggers', /more often than every 60 s/u);
    await refused({ triggers: [] }, 'triggers', /./u);
    await refused({ tasks: [] }, 'tasks', /./u);
    await refused({ missed: 'twice' }, 'missed', /once/u);
    await author.refused(schedules.create, 404, { body: bodyOf(999_999) });
  });

  it('show the next ten times on the clock of their zones', async () => {
    const flowId = await makeFlow();
    const { id } = await author.call(schedules.create, { body: bodyOf(flowId) });
    const { data } = await author.call(schedules.times, { params: { id } });
    assert.equal(data.length, 10);
    for (const { local } of data) assert.match(local[0]!.time, /T06:00:00\+0[12]:00$/u);
    const few = await author.call(schedules.times, { params: { id }, query: { count: 3 } });
    assert.deepEqual(few.data, data.slice(0, 3));
    const body = { triggers: [trigger('0 6 * * *'), trigger('0 6 * * *', 'UTC')], count: 2 };
    const preview = await server.viewer.call(schedules.preview, { body });
    assert.deepEqual(
      preview.data[0]!.local.map(({ timezone }) => timezone),
      ['Europe/Berlin', 'UTC'],
    );
    await server.viewer.refused(schedules.preview, 400, { body: { triggers: [trigger('nonsense')] } });
  });

  it('are switched on and off', async () => {
    const flowId = await makeFlow();
    const { id } = await author.call(schedules.create, { body: bodyOf(flowId) });
    const off = await author.call(schedules.disable, { params: { id } });
    assert.deepEqual([off.enabled, off.nextAt], [false, null]);
    assert.equal((await author.call(schedules.times, { params: { id } })).data.length, 10);
    const on = await author.call(schedules.enable, { params: { id } });
    assert.deepEqual([on.enabled, on.nextAt === null], [true, false]);
  });

  it('are as if they did not exist to others', async () => {
    const flowId = await makeFlow();
    const { id } = await author.call(schedules.create, { body: bodyOf(flowId) });
    const stranger = await server.addPerson('author');
    const { get, times, occurrences, remove, enable, disable } = schedules;
    for (const endpoint of [get, times, occurrences, remove, enable, disable])
      await stranger.refused(endpoint, 404, { params: { id } });
    await stranger.refused(schedules.replace, 404, { params: { id }, body: bodyOf(flowId) });
    await stranger.refused(schedules.create, 404, { body: bodyOf(flowId) });
    assert.deepEqual((await stranger.call(schedules.list, {})).data, []);
  });

  it('run their flow, and say what came of it', async () => {
    const content = 'city,amount\nBern,1\n';
    const { id: datasetId } = await uploadDataset(author, { fileName: 'orders.csv', content });
    const flowId = await makeFlow();
    const recipe = { name: 'totals', flow: { id: flowId }, importedDataset: { id: datasetId } };
    const { id: recipeId } = await author.call(recipes.create, { body: recipe });
    await author.call(outputs.create, {
      body: { flowNodeId: recipeId, isAdhoc: false, profiler: false, writeSettings: [] },
    });
    const { id } = await author.call(schedules.create, { body: bodyOf(flowId, '* * * * *') });
    // Nobody waits for the minute: it was due a moment ago.
    const dueAt = Math.floor(Date.now() / 60_000) * 60_000;
    await server.app.db.transaction((tx) =>
      tx.updateTable('schedules').set({ next_at: dueAt }).where('id', '=', id).execute(),
    );
    await until(async () => {
      const { data } = await author.call(schedules.occurrences, { params: { id } });
      return data.length > 0;
    });
    const { lastOccurrence } = await author.call(schedules.get, { params: { id } });
    assert.equal(lastOccurrence!.state, 'launched');
    const runId = lastOccurrence!.flowRun!.id;
    await until(async () => (await author.call(runs.status, { params: { id: runId } })) === 'Complete');
    const run = await author.call(runs.get, { params: { id: runId } });
    assert.deepEqual([run.ranfrom, run.startedBy.kind, run.schedule?.id], ['schedule', 'schedule', id]);
    const { data: jobs } = await author.call(runs.jobGroups, { params: { id: runId } });
    assert.deepEqual([jobs[0]!.ranfrom, jobs[0]!.startedBy.schedule?.id], ['schedule', id]);
  });
});
