// Datasets of several files over HTTP: read as one, found anew by each run, missing ones told.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('datasets of several files', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'flowhook-root-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: root });
    author = server.author;
    await writeFile(join(root, 'sales-north-1.csv'), 'city,amount\nBern,1\n');
    await writeFile(join(root, 'sales-north-2.csv'), 'city,amount\nRome,2\n');
    await writeFile(join(root, 'sales-south-1.csv'), 'city,amount\nOslo,3\n');
  });
  after(async () => {
    await server.stop();
    await rm(root, { recursive: true, force: true });
  });

  it('are found anew by each run, with its parameters', async () => {
    const uri = pathToFileURL(join(root, 'sales-{region}-*.csv')).href;
    const body = {
      uri,
      name: 'sales',
      pathPattern: { files: 'all' as const, defaults: { region: 'north' } },
    };
    const dataset = await author.call(datasets.create, { body });
    assert.deepEqual(dataset.pathPattern, body.pathPattern);
    const preview = await author.call(datasets.preview, { params: { id: dataset.id } });
    assert.equal(preview.rows.length, 2);
    const { id: flowId } = await author.call(flows.create, { body: { name: 'Sales' } });
    const region = { name: 'region', defaultValue: 'north' };
    await author.call(parameters.create, { params: { id: flowId }, body: region });
    const recipe = await author.call(recipes.create, {
      body: { name: 'all', flow: { id: flowId }, importedDataset: { id: dataset.id } },
    });
    await author.call(outputs.create, {
      body: { flowNodeId: recipe.id, profiler: false, writeSettings: [] },
    });
    const run = async (value: string) => {
      const runParameters = { overrides: { data: [{ key: 'region', value }] } };
      const { id } = await author.call(jobs.create, {
        body: { wrangledDataset: { id: recipe.id }, runParameters },
      });
      await until(async () =>
        ['Complete', 'Failed'].includes(await author.call(jobs.status, { params: { id } })),
      );
      return author.call(jobs.get, { params: { id } });
    };
    assert.equal((await run('north')).rows, 2);
    await writeFile(join(root, 'sales-north-3.csv'), 'city,amount\nBonn,4\n');
    const more = await run('north');
    assert.equal(more.rows, 3);
    const { data: inputs } = await author.call(jobs.inputs, { params: { id: more.id } });
    assert.deepEqual(
      inputs[0]!.inputs.map(({ name }) => name),
      ['sales-north-1.csv', 'sales-north-2.csv', 'sales-north-3.csv'],
    );
    assert.equal((await run('south')).rows, 1);
    const missing = await run('west');
    assert.deepEqual([missing.status, missing.workloadError?.reason], ['Failed', 'input_missing']);
  });

  it('take a value at the launch for what they alone name, as one part of a path', async () => {
    const uri = pathToFileURL(join(root, 'sales-{area}-1.csv')).href;
    const body = { uri, name: 'one', pathPattern: { files: 'all' as const, defaults: { area: 'north' } } };
    const { id } = await author.call(datasets.create, { body });
    const { id: flowId } = await author.call(flows.create, { body: { name: 'Areas' } });
    const recipe = await author.call(recipes.create, {
      body: { name: 'r', flow: { id: flowId }, importedDataset: { id } },
    });
    await author.call(outputs.create, {
      body: { flowNodeId: recipe.id, profiler: false, writeSettings: [] },
    });
    const run = async (data: { key: string; value: string }[]) => {
      const launch = { wrangledDataset: { id: recipe.id }, runParameters: { overrides: { data } } };
      const job = await author.call(jobs.create, { body: launch });
      await until(async () =>
        ['Complete', 'Failed'].includes(await author.call(jobs.status, { params: { id: job.id } })),
      );
      const { data: inputs } = await author.call(jobs.inputs, { params: { id: job.id } });
      const { warnings } = await author.call(jobs.get, { params: { id: job.id } });
      return [inputs[0]!.inputs.map(({ name }) => name), warnings];
    };
    assert.deepEqual(await run([]), [['sales-north-1.csv'], []]);
    assert.deepEqual(await run([{ key: 'AREA', value: 'south' }]), [['sales-south-1.csv'], []]);
    const [, [warning]] = (await run([{ key: 'none', value: 'x' }])) as [unknown, string[]];
    assert.match(warning!, /No parameter is named "none"/u);
    const data = [{ key: 'area', value: '../../etc' }];
    const refused = { wrangledDataset: { id: recipe.id }, runParameters: { overrides: { data } } };
    assert.match((await author.refused(jobs.create, 400, { body: refused })).detail, /area/u);
  });

  it('need a file that fits now, in an allowed folder', async () => {
    const refused = (path: string) => {
      const body = { uri: pathToFileURL(path).href, pathPattern: { files: 'newest' } };
      return author.refused(datasets.create, 400, { body });
    };
    assert.match((await refused(join(root, 'nothing-*.csv'))).detail, /No file fits/u);
    assert.match((await refused('/etc/*.conf')).detail, /not in a folder/u);
    assert.match((await refused(join(root, '{nobody}-*.csv'))).detail, /give the dataset a default/u);
  });
});
