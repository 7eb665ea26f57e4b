// Rows that do not fit, as a dataset has it: the job fails, the promise widens, or the rows go and are kept, counted and told.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../test/server.ts';
import { until } from '../../test/wait.ts';

describeOnBoth('Rows that do not fit', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let root: string;
  let count = 0;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'flowhook-reject-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: root });
    ({ author } = server);
  });
  after(async () => {
    await server.stop();
    await rm(root, { recursive: true });
  });

  const firstDay = 'id,amount\n1,10\n2,20\n';

  async function make(options: object, text = firstDay, ending = 'csv') {
    const name = `parts${(count += 1)}`;
    const path = join(root, `${name}.${ending}`);
    await writeFile(path, text);
    const dataset = await author.call(datasets.create, { body: { uri: `file://${path}`, options } });
    const flow = await author.call(flows.create, { body: { name } });
    const recipe = await author.call(recipes.create, {
      body: { name: 'result', flow: { id: flow.id }, importedDataset: { id: dataset.id } },
    });
    const writeSettings = [{ path: `${name}.csv`, action: 'overwrite' as const, format: 'csv' as const }];
    await author.call(outputs.create, { body: { flowNodeId: recipe.id, profiler: false, writeSettings } });
    return { path, dataset, flowId: flow.id, recipeId: recipe.id };
  }

  async function run(recipeId: number) {
    const { id } = await author.call(jobs.create, { body: { wrangledDataset: { id: recipeId } } });
    const params = { params: { id } };
    await until(async () => /Complete|Failed/u.test(await author.call(jobs.status, params)), `job ${id}`);
    const job = await author.call(jobs.get, params);
    const { files } = await author.call(jobs.outputs, params);
    const file = files[0] && (await author.send('GET', `/v4/jobGroups/${id}/outputs/${files[0].id}`));
    return { job, text: file?.text ?? '', rejects: await author.call(jobs.rejects, params) };
  }

  it('fail the job, which names file, line, column, value and type', async () => {
    const { path, recipeId } = await make({});
    await writeFile(path, 'amount,id\n10,1\n\n"1\n1.5",3\n');
    const { job, rejects } = await run(recipeId);
    assert.equal(job.status, 'Failed');
    assert.match(
      job.workloadError!.message,
      /"1\n1\.5" in column "amount", line 4 of file "parts\d+\.csv" \(dataset "parts\d+"\).*BIGINT/u,
    );
    assert.deepEqual([job.rejectedRows, rejects], [null, { rows: 0, data: [] }]);
  });

  it('go, are kept with their lines and reasons, counted, and told to tasks that wait for them', async () => {
    const { path, recipeId, flowId } = await make({ onMismatch: 'reject', raggedRows: 'skip' });
    const make2 = (above: number, unit: 'rows' | 'percent') =>
      author.call(tasks.create, {
        body: {
          name: `${above} ${unit}`,
          flowId,
          url: 'https://example.com/x',
          method: 'post',
          body: '{"n": $rejectedRows, "p": $rejectedPercent}',
          triggerEvent: 'onJobSuccess',
          triggerObject: 'any',
          condition: { kind: 'rowsRejected', above, unit },
        },
      });
    const made = [
      await make2(2, 'rows'),
      await make2(3, 'rows'),
      await make2(49, 'percent'),
      await make2(67, 'percent'),
    ];
    await writeFile(path, 'id,amount\n1,10\n2\n3,=2+3\n"4\nx",40\n5,50\n6,60,EXTRA\n');
    const { job, text, rejects } = await run(recipeId);
    assert.equal(job.status, 'Complete', job.workloadError?.message);
    assert.equal(text, 'id,amount\n1,10\n5,50\n');
    assert.equal(job.rejectedRows, 4);
    assert.match(job.warnings.join(), /4 rows of dataset "parts\d+" were rejected/u);
    const kept = rejects.data.map(({ line, column, value }) => [line, column, value]);
    assert.deepEqual(
      kept.toSorted((a, b) => Number(a[0]) - Number(b[0])),
      [
        [3, null, null],
        [4, 'amount', '=2+3'],
        [5, 'id', '4\nx'],
        [8, null, null],
      ],
    );
    const file = await author.send('GET', `/v4/jobGroups/${job.id}/rejects/file`);
    assert.match(file.text, /^dataset,file,line,row,column,value,reason\n/u);
    // A spreadsheet would run it as it stands.
    assert.match(file.text, /"'=2\+3","The value is not of the promised type BIGINT as it stands\."/u);
    const { data } = await author.call(jobs.webhooks, { params: { id: job.id } });
    const fired = made.map(({ id }) => data.find(({ webhookFlowTask }) => webhookFlowTask.id === id)?.fired);
    assert.deepEqual(fired, [true, true, true, false], JSON.stringify(data.map(({ reason }) => reason)));
  });

  it('are a part of all rows of the inputs that may lose some, those of a clean file too', async () => {
    const { path, recipeId, flowId, dataset } = await make({ onMismatch: 'reject' });
    const clean = join(root, 'clean.csv');
    await writeFile(clean, `id\n${'1\n'.repeat(6)}`);
    const body = { uri: `file://${clean}`, options: { onMismatch: 'reject' as const } };
    const other = await author.call(datasets.create, { body });
    const params = { id: other.id };
    await author.call(datasets.addToFlow, { params, body: { flow: { id: flowId } } });
    await author.call(recipes.change, {
      params: { id: recipeId },
      body: { sql: `select id from "${dataset.name}" union all select id from "${other.name}"` },
    });
    const when = { triggerEvent: 'onJobSuccess', triggerObject: 'any' } as const;
    const make2 = async (above: number) => {
      const condition = { kind: 'rowsRejected', above, unit: 'percent' } as const;
      const task = {
        name: `${above} %`,
        flowId,
        url: 'https://example.com/x',
        method: 'post',
        ...when,
      } as const;
      return (await author.call(tasks.create, { body: { ...task, body: '{}', condition } })).id;
    };
    // One of the eight rows of both.
    const made = [await make2(12), await make2(13)];
    await writeFile(path, 'id,amount\n1,10\nx,20\n');
    const { job } = await run(recipeId);
    assert.equal(job.rejectedRows, 1);
    const { data } = await author.call(jobs.webhooks, { params: { id: job.id } });
    const fired = made.map((id) => data.find(({ webhookFlowTask }) => webhookFlowTask.id === id)?.fired);
    assert.deepEqual(fired, [true, false], JSON.stringify(data.map(({ reason }) => reason)));
  });

  it('fail the job where there are more of them than the dataset allows', async () => {
    for (const options of [{ maxRejectedRows: 1 }, { maxRejectedPercent: 40 }]) {
      const { path, recipeId } = await make({ onMismatch: 'reject', ...options });
      await writeFile(path, 'id,amount\n1,1.5\n2,x\n3,1\n4,1\n');
      const { job } = await run(recipeId);
      assert.equal(job.status, 'Failed');
      assert.match(
        job.workloadError!.message,
        /2 rows of dataset .* were rejected, more than (1|40 %).*line 2/u,
      );
    }
  });

  it('widen the promise, which is stored and told', async () => {
    const { path, recipeId, dataset } = await make(
      { onMismatch: 'adapt' },
      'id,amount,day,n\n1,10,2024-01-01,1\n',
    );
    await writeFile(path, 'n,id,amount,day,more\n1,1,10.5,2024-01-01,\n2,007,11,2024-01-01 10:00:00,x\n');
    const shown = [
      await author.call(datasets.preview, { params: { id: dataset.id }, query: {} }),
      await author.call(recipes.preview, { params: { id: recipeId }, query: {} }),
    ];
    for (const { rows, warnings } of shown) {
      assert.equal(rows.length, 2);
      assert.match(warnings?.join('\n') ?? '', /has the column "more", which is not promised/u);
      assert.match(
        warnings?.join('\n') ?? '',
        /Column "amount" of dataset "parts\d+" went from BIGINT to DOUBLE/u,
      );
    }
    const { job, text } = await run(recipeId);
    assert.equal(job.status, 'Complete', job.workloadError?.message);
    assert.match(text, /\n007,11\.0,2024-01-01 10:00:00,2\n/u);
    assert.match(
      job.warnings.join('\n'),
      /Column "amount" of dataset "parts\d+" went from BIGINT to DOUBLE/u,
    );
    const types = async () =>
      (await author.call(datasets.get, { params: { id: dataset.id } })).columns.map(({ type }) => type);
    await until(async () => (await types())[0] === 'VARCHAR', 'the promise is stored');
    assert.deepEqual(await types(), ['VARCHAR', 'DOUBLE', 'TIMESTAMP', 'BIGINT']);
    const { columns } = await author.call(recipes.get, { params: { id: recipeId } });
    assert.deepEqual(
      columns?.map(({ type }) => type),
      ['VARCHAR', 'DOUBLE', 'TIMESTAMP', 'BIGINT'],
    );
  });

  it('do not widen a promise for a value that is missing where one is required', async () => {
    const { path, recipeId, dataset } = await make({ onMismatch: 'adapt', required: ['amount'] });
    await writeFile(path, 'id,amount\n1,10\n2.5,\n');
    const body = { sql: `SELECT id FROM "${dataset.name}"` };
    await author.call(recipes.change, { params: { id: recipeId }, body });
    const { job } = await run(recipeId);
    assert.equal(job.status, 'Complete', job.workloadError?.message);
    assert.match(job.warnings.join('\n'), /Column "id" .* went from BIGINT to DOUBLE/u);
    assert.doesNotMatch(job.warnings.join('\n'), /"amount"/u);
  });

  it('are padded where they are short', async () => {
    const { path, recipeId } = await make({ raggedRows: 'pad' });
    await writeFile(path, 'id,amount\n1\n"2",20\n');
    assert.equal((await run(recipeId)).text, 'id,amount\n1,\n2,20\n');
    await writeFile(path, 'id,amount\n1,2,3\n');
    assert.match((await run(recipeId)).job.workloadError?.message ?? '', /line 2.*3 values where 2/u);
  });

  it('are found in JSON as well', async () => {
    const { path, recipeId } = await make({ onMismatch: 'reject' }, '{"id":1,"amount":2}\n', 'ndjson');
    await writeFile(path, '{"id":1,"amount":true}\n{"id":2}\n{"id":3,"amount":4,"more":1}\n');
    const { job, text, rejects } = await run(recipeId);
    assert.equal(text, 'id,amount\n2,\n3,4\n');
    assert.deepEqual(
      rejects.data.map(({ line, value }) => [line, value]),
      [[1, 'true']],
    );
    assert.match(job.warnings.join('\n'), /the column "more", which is not promised/u);
  });

  it('may be all texts, or without a value, as a person says before the first look', async () => {
    const { dataset, path, recipeId } = await make({
      columnTypes: { '*': 'VARCHAR', amount: 'BIGINT' },
      required: ['id'],
    });
    assert.deepEqual(dataset.columns, [
      { name: 'id', type: 'VARCHAR' },
      { name: 'amount', type: 'BIGINT' },
    ]);
    await writeFile(path, 'id,amount\n007,1\n,2\n');
    assert.match((await run(recipeId)).job.workloadError?.message ?? '', /missing in column "id", line 3/u);
  });

  it('keep the values of sensitive columns to themselves, wherever they are told of', async () => {
    const secret = '4929-1234';
    const tells = async (options: object, text: string, sql?: string) => {
      const made = await make({ sensitive: ['amount'], ...options });
      if (sql !== undefined)
        await author.call(recipes.change, {
          params: { id: made.recipeId },
          body: { sql: sql.replace('FROM d', `FROM "${made.dataset.name}"`) },
        });
      await writeFile(made.path, text);
      const { job, rejects } = await run(made.recipeId);
      const file = await author.send('GET', `/v4/jobGroups/${job.id}/rejects/file`);
      const { rows } = await sqlOf(job.id);
      const told = JSON.stringify([job, rejects, file.text, rows]);
      assert.equal(told.includes(secret), false, told);
      return { job, rejects };
    };
    const sqlOf = async (jobId: number) => ({
      rows: await server.app.db.read
        .selectFrom('events')
        .select('facts')
        .where('job_id', '=', jobId)
        .execute(),
    });
    const bad = `id,amount\n1,${secret}\n`;
    const failed = await tells({}, bad);
    assert.match(failed.job.workloadError?.message ?? '', /The value "\*{4}" in column "amount", line 2/u);
    const rejected = await tells({ onMismatch: 'reject' }, bad);
    assert.deepEqual(
      rejected.rejects.data.map(({ column, value }) => [column, value]),
      [['amount', '****']],
    );
    await tells({ onMismatch: 'reject', maxRejectedRows: 0 }, bad);
    await tells({ raggedRows: 'fail' }, `id,amount\n1,2,${secret}\n`);
    await tells({}, `1,${secret}\n`);
    const text = { columnTypes: { amount: 'VARCHAR' } };
    for (const sql of [
      'SELECT amount::INTEGER AS n FROM d',
      "SELECT strptime(amount, '%Y') AS n FROM d",
      'SELECT error(amount) AS n FROM d',
    ]) {
      const { job } = await tells(text, bad, sql);
      assert.match(job.workloadError?.message ?? '', /sensitive columns are read/u, sql);
    }
    // Another column is told as usual.
    const { job } = await tells({}, 'id,amount\nx7,1\n');
    assert.match(job.workloadError?.message ?? '', /"x7" in column "id"/u);
    await assert.rejects(make({ sensitive: ['amuont'] }), /amuont/u);
  });
});
