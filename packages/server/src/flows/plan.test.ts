// The frozen plan of a job, made of real flows.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { writeSettingGiven, type WriteSettingGiven } from '@flowhook/contract/flow/write-setting';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../test/flow-world.ts';
import type { Problem } from '../base/error.ts';
import { createOutput, readOutput } from './output.ts';
import { planJob } from './plan.ts';

describeOnBoth('the plan of a job', (make) => {
  let database: TestDatabase;
  let world: FlowWorld;
  let datasetId: number;
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database);
    datasetId = await world.addDataset('orders', 'a,b\n1,2\n');
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  const plan = (recipeId: number, overrides = {}, caller = world.caller) =>
    planJob(world.room, caller, { recipeId, isAdhoc: true, parameters: [], overrides });
  const input = () => ({ kind: 'dataset', id: datasetId }) as const;
  const addOutput = async (recipeId: number, writeSettings: WriteSettingGiven[] = [], profiler = true) => {
    const output = { recipeId, isAdhoc: true, execution: 'photon', profiler, writeSettings };
    const { id } = await createOutput(world.room, world.caller, output);
    return readOutput(world.room, world.caller, id);
  };
  const refusal = (code: string) => (error: unknown) => (error as Problem).code === code;

  it('holds all that the recipe reads, and what its output writes', async () => {
    const first = await world.addRecipe({ name: 'first', input: input(), sql: 'select a from orders' });
    const recipeId = await world.addRecipe({ name: 'orders', input: { kind: 'recipe', id: first } });
    await world.addRecipe({ name: 'beside', input: input() });
    const gzip = { path: 'x/y.csv', action: 'overwrite', format: 'csv', compression: 'gzip', delim: ';' };
    const parquet = { path: 'y.pqt', action: 'append', format: 'pqt', asSingleFile: false };
    const settings = [gzip, parquet].map((given) => writeSettingGiven.parse(given));
    const { output } = await addOutput(recipeId, settings, false);
    const planned = await plan(recipeId);
    assert.deepEqual(
      [planned.flowId, planned.outputId, planned.profiler, planned.recipeName],
      [world.flowId, output.id, false, 'orders'],
    );
    const { datasets, recipes: planRecipes, output: target, files, inputs, profile } = planned.plan;
    assert.deepEqual(
      datasets.map(({ name, format }) => [name, format]),
      [['orders', 'csv']],
    );
    assert.match(datasets[0]!.files[0]!.uri, /^\/.*\/datasets\/[0-9a-f-]+\/orders\.csv$/u);
    assert.deepEqual(planRecipes, [
      { name: 'first', sql: 'select a from orders', dialect: 'duckdb', primaryInput: 'orders' },
      { name: `orders (recipe ${recipeId})`, sql: null, dialect: 'duckdb', primaryInput: 'first' },
    ]);
    assert.equal(target, `orders (recipe ${recipeId})`);
    assert.equal(profile, false);
    assert.deepEqual(
      inputs.map(({ id, name }) => [id, name]),
      [[datasetId, 'orders']],
    );
    assert.deepEqual(files, [
      {
        plan: {
          id: '0',
          format: 'csv',
          compression: 'gzip',
          header: true,
          delimiter: ';',
          quotes: false,
          nullText: '',
          singleFile: true,
          fileName: '1-y.csv.gz',
        },
        path: 'x/y.csv.gz',
        action: 'overwrite',
        template: 'x/y.csv',
      },
      {
        plan: {
          id: '1',
          format: 'pqt',
          compression: 'none',
          header: true,
          delimiter: ',',
          quotes: false,
          nullText: '',
          singleFile: false,
          fileName: '2-y.pqt',
        },
        path: 'y.pqt',
        action: 'append',
        template: 'y.pqt',
      },
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(planned.plan)), planned.plan);
  });

  it('takes overrides, and a CSV file named after the recipe where nothing is said', async () => {
    const recipeId = await world.addRecipe({ name: 'by/city', input: input() });
    await assert.rejects(plan(recipeId), refusal('conflict'));
    const given = writeSettingGiven.parse({ path: 'o.json', action: 'create', format: 'json' });
    const alone = await plan(recipeId, { writeSettings: [given], profiler: true });
    assert.deepEqual([alone.outputId, alone.profiler, alone.plan.files[0]?.path], [null, true, 'o.json']);
    await addOutput(recipeId);
    const usual = await plan(recipeId);
    assert.deepEqual(
      usual.plan.files.map(({ path, action }) => [path, action]),
      [['city.csv', 'create']],
    );
    const bad = { ...given, path: '/etc/o.json' };
    await assert.rejects(plan(recipeId, { writeSettings: [bad] }), refusal('validation_failed'));
  });

  it('is not made for who may not see the flow', async () => {
    const recipeId = await world.addRecipe({ input: input() });
    await addOutput(recipeId);
    await assert.rejects(plan(recipeId, {}, await world.addCaller()), refusal('not_found'));
    await assert.rejects(plan(99_999_999), refusal('not_found'));
  });
});
