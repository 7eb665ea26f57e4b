// What runs by itself comes along with a copy and a package: schedule, parameters, conditions, and what tasks run.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { flowTransferEndpoints as transfer, packageImport } from '@flowhook/contract/flow/flow-transfer';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { packageOf, sendPackage } from '../../../../test/foreign-package.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { readPackageFile } from '../../../transfer/package-file.ts';

interface Packed {
  readonly data: { readonly flows: [Record<string, unknown> & { webhookflowtasks: object[] }] };
}

describeOnBoth('what runs by itself', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let rootDir: string;
  let made: Awaited<ReturnType<typeof makeFlow>>;
  before(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'flowhook-running-'));
    for (const name of ['a-1.csv', 'a-2.csv']) await writeFile(join(rootDir, name), 'region,n\nnorth,1\n');
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: rootDir });
    author = server.author;
    made = await makeFlow();
  });
  after(async () => {
    await server.stop();
    await rm(rootDir, { recursive: true });
  });

  const addRecipe = (flowId: number, name: string, more: object = {}) =>
    author.call(recipes.create, {
      body: { name, flow: { id: flowId }, sql: "select 1 as n where parameter('region') = 'x'", ...more },
    });
  const addTask = (flowId: number, name: string, more: object) =>
    author.call(tasks.create, {
      body: { name, flowId, triggerEvent: 'onJobSuccess', triggerObject: 'any', ...more } as never,
    });

  async function makeFlow() {
    const other = await author.call(flows.create, { body: { name: 'Reports' } });
    const daily = await author.call(recipes.create, {
      body: { name: 'daily', flow: { id: other.id }, sql: 'select 1 as n' },
    });
    const { id } = await author.call(flows.create, { body: { name: 'Sales' } });
    await author.call(parameters.create, {
      params: { id },
      body: { name: 'region', defaultValue: 'north', description: 'where' },
    });
    await author.call(parameters.create, {
      params: { id },
      body: { name: 'least', type: 'integer', defaultValue: 3 },
    });
    const dataset = await author.call(datasets.create, {
      body: { uri: `${pathToFileURL(rootDir).href}/a-*.csv`, name: 'a', pathPattern: { files: 'newest' } },
    });
    await author.call(datasets.addToFlow, { params: { id: dataset.id }, body: { flow: { id } } });
    const first = await addRecipe(id, 'first');
    const second = await addRecipe(id, 'second');
    await addTask(id, 'then second', {
      triggerObject: 'some',
      flowNodeIds: [first.id],
      condition: { kind: 'recovered' },
      runWrangledDataset: { id: second.id },
    });
    await addTask(id, 'then the report', {
      triggerObject: 'some',
      flowNodeIds: [second.id],
      runWrangledDataset: { id: daily.id },
    });
    const trigger = (expression: string) => ({ timeBased: { cron: { expression }, timezone: 'Asia/Tokyo' } });
    await author.call(schedules.create, {
      body: {
        name: 'Mornings',
        triggers: [trigger('30 6 * * 1-5'), trigger('0 9 * * 6')],
        tasks: [
          {
            runFlow: {
              flowId: id,
              runParameters: { overrides: { data: [{ key: 'region', value: 'south' }] } },
            },
          },
        ],
        missed: 'skip',
        overlap: 'queue',
      },
    });
    return { id, daily, other };
  }

  const scheduleOf = async (flowId: number, by = author) =>
    (await by.call(schedules.list, { query: { flowId } })).data[0];
  const tasksOf = async (flowId: number, by = author) =>
    (await by.call(tasks.list, { query: { flowId, sort: 'id' } })).data;
  const recipesOf = async (flowId: number) =>
    new Map((await author.call(recipes.list, { query: { flowId } })).data.map(({ id, name }) => [name, id]));
  const parametersOf = async (id: number) =>
    (await author.call(parameters.list, { params: { id } })).data.map(
      ({ name, type, defaultValue, description }) => [name, type, defaultValue, description],
    );
  const readDocument = async () => {
    const answer = await fetch(`${server.url}/v4/flows/${made.id}/package`, {
      headers: { authorization: `Bearer ${author.token}` },
    });
    const { text } = await readPackageFile(Buffer.from(await answer.arrayBuffer()), 'data');
    return JSON.parse(text) as Packed;
  };
  const bring = async (document: Packed, by = author, dryRun = false) => {
    const answer = await sendPackage(by, await packageOf(document), { dryRun });
    assert.equal(answer.status, dryRun ? 200 : 201, answer.text);
    return packageImport.parse(answer.json);
  };

  const assertSameSchedule = async (flowId: number) => {
    const [before, after] = [await scheduleOf(made.id), await scheduleOf(flowId)];
    assert.deepEqual(
      [after?.name, after?.triggers, after?.missed, after?.overlap, after?.tasks[0]?.runFlow.runParameters],
      [
        before?.name,
        before?.triggers,
        before?.missed,
        before?.overlap,
        before?.tasks[0]?.runFlow.runParameters,
      ],
    );
    assert.deepEqual([after?.enabled, after?.nextAt], [false, null]);
    assert.match(after!.disableReason!, /look at it and enable it/u);
    const enabled = await author.call(schedules.enable, { params: { id: after!.id } });
    assert.ok(enabled.nextAt);
  };

  it('comes along with a copy: the schedule switched off, tasks running the copy’s own recipes', async () => {
    const body = { copyWebhooks: true, copyDatasources: true };
    const copy = await author.call(transfer.copy, { params: { id: made.id }, body });
    assert.deepEqual(copy.warnings, ['Its schedule is switched off: look at it and enable it.']);
    await assertSameSchedule(copy.id);
    assert.deepEqual(await parametersOf(copy.id), await parametersOf(made.id));
    const own = await recipesOf(copy.id);
    assert.deepEqual(
      (await tasksOf(copy.id)).map(({ runWrangledDataset, condition, enabled, kind }) => [
        runWrangledDataset?.id,
        condition?.kind,
        enabled,
        kind,
      ]),
      [
        [own.get('second'), 'recovered', false, 'runJob'],
        [made.daily.id, undefined, false, 'runJob'],
      ],
    );
    const graph = await author.call(flows.flowNodes, { params: { id: copy.id } });
    const { id } = graph.data.find(({ wrangled }) => !wrangled)!.importedDataset!;
    const dataset = await author.call(datasets.get, { params: { id } });
    assert.equal(dataset.pathPattern?.files, 'newest');
  });

  it('leaves behind what would run a recipe that the copier may not see, and says so', async () => {
    const colleague = await server.addPerson('author');
    const data = [{ personId: colleague.id, role: 'collaborator' as const }];
    await author.call(permissions.give, { params: { id: made.id }, body: { data } });
    const body = { copyWebhooks: true };
    const copy = await colleague.call(transfer.copy, { params: { id: made.id }, body });
    assert.match(copy.warnings![0]!, /then the report stayed behind: it runs a recipe that you may not see/u);
    assert.deepEqual(
      (await tasksOf(copy.id, colleague)).map(({ name }) => name),
      ['then second'],
    );
  });

  it('comes along with a package, and what runs elsewhere is found by its names and waits for a look', async () => {
    const document = await readDocument();
    const dry = await bring(document, author, true);
    assert.deepEqual(
      [dry.schedules, dry.runparameters.map(({ name }) => name)],
      [[{ id: null, name: 'Mornings' }], ['region', 'least']],
    );
    const brought = await bring(document);
    assert.match(brought.warnings.join(), /The schedule comes in switched off/u);
    assert.match(
      brought.warnings.join(),
      /then the report comes in disabled\. It runs the recipe daily of the flow Reports/u,
    );
    const id = brought.flows[0]!.id!;
    assert.equal(brought.schedules[0]!.id, (await scheduleOf(id))?.id);
    await assertSameSchedule(id);
    assert.deepEqual(await parametersOf(id), await parametersOf(made.id));
    const own = await recipesOf(id);
    assert.deepEqual(
      (await tasksOf(id)).map(({ runWrangledDataset, enabled }) => [runWrangledDataset?.id, enabled]),
      [
        [own.get('second'), true],
        [made.daily.id, false],
      ],
    );
    const graph = await author.call(flows.flowNodes, { params: { id } });
    const dataset = graph.data.find(({ wrangled }) => !wrangled)!;
    assert.equal(
      (await author.call(datasets.get, { params: { id: dataset.importedDataset!.id } })).origin,
      'uri',
    );
    const stranger = await server.addPerson('author');
    const dropped = (await bring(document, stranger)).deletedObjects['webhookflowtasks']!;
    assert.deepEqual(
      dropped.map(({ name }) => name),
      ['then the report'],
    );
  });

  it('comes in without the task that would close a circle, and without a schedule that is none', async () => {
    const document = await readDocument();
    const [flow] = document.data.flows;
    const nodes = (flow['flownodes'] as { id: number; wrangled: boolean }[]).filter(
      ({ wrangled }) => wrangled,
    );
    const [first, second] = nodes.map(({ id }) => id) as [number, number];
    const [task] = flow.webhookflowtasks;
    const back = {
      ...task,
      id: 999,
      name: 'back again',
      flownodes: [{ id: second }],
      runWrangledDataset: { flowNodeId: first },
    };
    const bad = {
      ...flow,
      webhookflowtasks: [task!, back],
      schedules: [
        {
          ...(flow['schedules'] as object[])[0],
          triggers: [{ timeBased: { cron: { expression: '* * *' }, timezone: 'UTC' } }],
        },
      ],
      runparameters: [
        ...(flow['runparameters'] as object[]),
        {
          id: 7,
          type: 'path',
          runParameterEdit: { overrideKey: 'two words', value: { variable: { value: 'x' } } },
        },
        {
          id: 8,
          type: 'path',
          runParameterEdit: { overrideKey: 'REGION', value: { variable: { value: 'x' } } },
        },
      ],
    };
    const spoiled = { ...document, data: { ...document.data, flows: [bad] } } as unknown as Packed;
    for (const dryRun of [true, false]) {
      const { deletedObjects: gone, flows: came } = await bring(spoiled, author, dryRun);
      assert.match(
        gone['webhookflowtasks']![0]!.reason,
        /This would run in a circle: “back again” runs recipe/u,
      );
      assert.match(gone['schedules']![0]!.reason, /Its expression/u);
      assert.deepEqual(
        gone['runparameters']!.map(({ name }) => name),
        ['two words', 'REGION'],
      );
      if (!dryRun) assert.equal(await scheduleOf(came[0]!.id!), undefined);
    }
  });
});
