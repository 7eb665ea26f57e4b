// Parameters over HTTP: bound in SQL, filled in paths, frozen with the job, from schedules and the environment too.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { auditLogEndpoints as auditLog } from '@flowhook/contract/workspace/audit-log';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import {
  environmentParameterEndpoints as environment,
  flowParameterEndpoints as parameters,
} from '@flowhook/contract/flow/flow-parameter';
import { flowRunEndpoints as runs } from '@flowhook/contract/job/flow-run';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { uploadDataset } from '../../../../test/upload-form.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('parameters over HTTP', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let datasetId: number;
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
    const content = "city,amount\nBern,1\nRome,2\nO'Hara,3\n";
    datasetId = (await uploadDataset(author, { fileName: 'orders.csv', content })).id;
  });
  after(() => server.stop());

  const nasty = "O'Hara";
  const makeFlow = async (sql: string, path: string, ...given: object[]) => {
    const { id } = await author.call(flows.create, { body: { name: 'Sales' } });
    for (const body of given)
      await author.call(parameters.create, {
        params: { id },
        body: body as { name: string; defaultValue: string },
      });
    const body = { name: 'totals', flow: { id }, importedDataset: { id: datasetId }, sql };
    const recipe = await author.call(recipes.create, { body });
    const writeSettings = [{ path, action: 'overwrite' as const, format: 'json' as const }];
    await author.call(outputs.create, { body: { flowNodeId: recipe.id, profiler: false, writeSettings } });
    return { id, recipeId: recipe.id };
  };
  const run = async (recipeId: number, ...data: { key: string; value: unknown }[]) => {
    const body = { wrangledDataset: { id: recipeId }, runParameters: { overrides: { data } } };
    const { id } = await author.call(jobs.create, { body });
    await until(
      async () => !['Created', 'InProgress'].includes(await author.call(jobs.status, { params: { id } })),
    );
    return author.call(jobs.get, { params: { id } });
  };
  const rowsOf = async (jobId: number) => {
    const { files } = await author.call(jobs.outputs, { params: { id: jobId } });
    const { text } = await author.send('GET', `/v4/jobGroups/${jobId}/outputs/${files[0]!.id}`);
    return {
      path: files[0]!.uri,
      rows: text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    };
  };

  it('stand in what webhook tasks send, as the job had them', async () => {
    const { id, recipeId } = await makeFlow(
      "select city from orders where city = parameter('city')",
      'p0/{city}.json',
      { name: 'city', defaultValue: 'Bern' },
      { name: 'top', type: 'integer', defaultValue: 10 },
    );
    const job = await run(recipeId, { key: 'city', value: nasty }, { key: 'top', value: 7 });
    const shown = await author.call(tasks.preview, {
      body: {
        flowId: id,
        url: 'https://example.com/$parameter.city',
        method: 'post',
        body: '{"city": "$parameter.city", "top": $parameter.top, "none": $parameter.none}',
        jobGroupId: job.id,
      },
    });
    assert.deepEqual(JSON.parse(shown.body!), { city: nasty, top: 7, none: null });
    assert.match(shown.url, /\/O'Hara$/u);
    assert.deepEqual(shown.warnings, []);
  });

  it('are bound as values, whatever is in them', async () => {
    const sql = `select city, parameter('top') + amount as n, typeof(parameter('since')) as t from orders
      where city = parameter('city')`;
    const since = { name: 'since', type: 'date', defaultValue: '2026-01-01' };
    const given = [
      { name: 'city', defaultValue: 'Bern' },
      { name: 'top', type: 'integer', defaultValue: 10 },
      since,
    ];
    const { id, recipeId } = await makeFlow(sql, `p1/{city}.json`, ...given);
    const preview = await author.call(recipes.preview, { params: { id: recipeId } });
    assert.deepEqual(preview.rows, [['Bern', '11', 'DATE']]);
    const job = await run(
      recipeId,
      { key: 'city', value: nasty },
      { key: 'top', value: '20' },
      { key: 'nobody', value: 1 },
    );
    assert.equal(job.status, 'Complete', JSON.stringify(job.workloadError));
    assert.deepEqual((await rowsOf(job.id)).rows, [{ city: nasty, n: 23, t: 'DATE' }]);
    assert.match((await rowsOf(job.id)).path, /p1\/O'Hara\.json$/u);
    const frozen = job.runParameters.data.map(({ key, value }) => [key, value]);
    assert.deepEqual(frozen.slice(0, 3), [
      ['city', nasty],
      ['top', '20'],
      ['since', '2026-01-01'],
    ]);
    assert.ok(job.runParameterReferenceDate !== null);
    assert.match(job.warnings.join(), /No parameter is named "nobody"/u);
    const injected = await run(recipeId, { key: 'city', value: "x' or 'a' = 'a" });
    assert.deepEqual([injected.status, injected.rows], ['Complete', 0]);
    const started = await author.call(runs.create, {
      params: { id },
      body: { runParameters: { overrides: { data: [{ key: 'city', value: 'Rome' }] } } },
    });
    const ofRun = await author.call(jobs.get, { params: { id: started.data[0]!.id } });
    assert.equal(ofRun.runParameters.data[0]!.value, 'Rome');
  });

  it('lead no output out of its folder', async () => {
    const { recipeId } = await makeFlow('select * from orders', '{folder}/x.json', {
      name: 'folder',
      defaultValue: 'a',
    });
    for (const value of ['../..', '..', 'a/b', '', String.raw`a\b`]) {
      const body = {
        wrangledDataset: { id: recipeId },
        runParameters: { overrides: { data: [{ key: 'folder', value }] } },
      };
      const { errors } = await author.refused(jobs.create, 400, { body });
      assert.equal(errors[0]!.field, 'runParameters');
    }
  });

  it('are checked by type where they are given, and by name where they are read', async () => {
    const top = { name: 'top', type: 'integer', defaultValue: 1 };
    const { id, recipeId } = await makeFlow("select parameter('top') as n from orders", 'p2/x.json', top);
    const body = {
      wrangledDataset: { id: recipeId },
      runParameters: { overrides: { data: [{ key: 'top', value: 'x' }] } },
    };
    const { errors } = await author.refused(jobs.create, 400, { body });
    assert.equal(errors[0]!.field, 'runParameters.overrides.data[0].value');
    const change = { params: { id: recipeId }, body: { sql: "select 1 as a,\n  parameter('tpo') as n" } };
    const refusal = await author.refused(recipes.change, 400, change);
    assert.match(refusal.detail, /There is no parameter "tpo"/u);
    assert.match(JSON.stringify(refusal), /"line":2,"column":3/u);
    for (const sql of [
      "select getvariable('top') as n",
      'select parameter(city) as n from orders',
      'select $top as n',
    ])
      await author.refused(recipes.change, 400, { params: { id: recipeId }, body: { sql } });
    const { data } = await author.call(parameters.list, { params: { id } });
    const params = { id, parameterId: data[0]!.id };
    await author.refused(parameters.create, 409, { params: { id }, body: { ...top, name: 'TOP' } });
    await author.refused(parameters.change, 400, { params, body: { defaultValue: 'many' } });
    const { warnings } = await author.call(parameters.remove, { params });
    assert.deepEqual(
      warnings.map(({ wrangledDataset }) => wrangledDataset.id),
      [recipeId],
    );
    const mended = await author.call(parameters.create, {
      params: { id },
      body: { ...top, type: 'integer' as const },
    });
    assert.deepEqual(mended.warnings, []);
    assert.equal((await run(recipeId)).status, 'Complete');
  });

  it('come from the environment, set by administrators alone, with an entry in the audit log', async () => {
    const { administrator, viewer } = server;
    const body = { overrideKey: 'env.stage', value: 'test' };
    await author.refused(environment.create, 403, { body });
    const made = await administrator.call(environment.create, { body });
    await administrator.refused(environment.create, 409, { body });
    await administrator.refused(environment.create, 400, { body: { ...body, overrideKey: 'stage' } });
    assert.equal((await viewer.call(environment.get, { params: { id: made.id } })).value, 'test');
    const { recipeId } = await makeFlow(
      "select parameter('env.stage') as stage",
      'p3/{env.stage}-{run.date:%Y}.json',
    );
    const job = await run(recipeId, { key: 'env.stage', value: 'mine' });
    const { path, rows } = await rowsOf(job.id);
    assert.deepEqual(rows, [{ stage: 'test' }]);
    assert.match(path, /p3\/test-\d{4}\.json$/u);
    await administrator.call(environment.remove, { params: { id: made.id } });
    await viewer.refused(environment.get, 404, { params: { id: made.id } });
    const { data } = await administrator.call(auditLog.list, { query: { noLimit: true } });
    assert.equal(data.filter((entry) => JSON.stringify(entry).includes('environmentParameter')).length, 2);
  });
});
