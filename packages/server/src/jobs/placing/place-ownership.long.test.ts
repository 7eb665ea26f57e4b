// A place of outputs belongs to one flow, by every way that leads to it, over HTTP and on both databases.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { flowTransferEndpoints as transfer } from '@flowhook/contract/flow/flow-transfer';
import { flowRunEndpoints as runs } from '@flowhook/contract/job/flow-run';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import { describeOnBoth } from '../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../test/server.ts';
import { until } from '../../../test/wait.ts';

type Action = 'create' | 'overwrite' | 'append';

interface Made {
  readonly flowId: number;
  readonly recipeId: number;
  readonly outputId: number;
}

describeOnBoth('A place', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let other: TestPerson;
  before(async () => {
    server = await startServer(dialect);
    author = server.author;
    other = await server.addPerson('author');
  });
  after(() => server.stop());

  const setting = (path: string, action: Action = 'overwrite') =>
    ({ path, action, format: 'csv', header: false }) as const;
  const makeRecipe = async (person: TestPerson, text: string) => {
    const { id: flowId } = await person.call(flows.create, { body: { name: `Flow of ${text}` } });
    const body = { name: 'result', flow: { id: flowId }, sql: `select '${text}' as a` };
    return { flowId, recipeId: (await person.call(recipes.create, { body })).id };
  };
  const make = async (person: TestPerson, path: string | null, action?: Action): Promise<Made> => {
    const made = await makeRecipe(person, `by ${person.id}`);
    const writeSettings = path === null ? [] : [setting(path, action)];
    const body = { flowNodeId: made.recipeId, profiler: false, writeSettings };
    return { ...made, outputId: (await person.call(outputs.create, { body })).id };
  };
  const launch = async (person: TestPerson, { recipeId }: { recipeId: number }, more: object = {}) =>
    person.send('POST', '/v4/jobGroups', { body: { wrangledDataset: { id: recipeId }, ...more } });
  const end = async (person: TestPerson, id: number) => {
    const statusOf = () => person.call(jobs.status, { params: { id } });
    await until(async () => ['Complete', 'Failed', 'Canceled'].includes(await statusOf()), `job ${id}`);
    return statusOf();
  };
  const run = async (person: TestPerson, made: { recipeId: number }, more: object = {}) => {
    const answer = await launch(person, made, more);
    assert.equal(answer.status, 201, answer.text);
    const { id } = answer.json as { id: number };
    assert.equal(await end(person, id), 'Complete');
    return id;
  };
  /** The place is the flow's with the launch: its end is not waited for. */
  const take = async (person: TestPerson, made: { recipeId: number }, more: object = {}) => {
    const { status, text } = await launch(person, made, more);
    assert.equal(status, 201, text);
  };
  const refuses = async (made: { recipeId: number }, more: object = {}) => {
    const { status, text } = await launch(other, made, more);
    assert.equal(status, 409, text);
    return text;
  };
  const refusesSave = async (path: string, action?: Action) => {
    const { recipeId: flowNodeId } = await makeRecipe(other, 'late');
    const body = { flowNodeId, profiler: false, writeSettings: [setting(path, action)] };
    const refusal = await other.refused(outputs.create, 409, { body });
    assert.deepEqual(
      refusal.errors?.map(({ field }) => field),
      ['writeSettings[0].path'],
    );
    return refusal;
  };
  const read = (path: string) =>
    readFile(join(server.database.dataDir, 'outputs', path), 'utf8').then((text) => text.trim());

  it('belongs to the flow that takes it first: every other way into it is refused, and nothing is written', async () => {
    const late = await make(other, 'first/totals.csv');
    const owner = await make(author, 'first/totals.csv');
    await run(author, owner);
    await take(author, owner);
    for (const path of ['first/totals.csv', 'FIRST/Totals.csv', 'first/totals.csv/x.csv', 'first'])
      for (const action of ['overwrite', 'append', 'create'] as const) {
        const refusal = await refusesSave(path, action);
        assert.match(refusal.detail, /belongs to another flow\. Choose another path/u);
        assert.ok(
          !JSON.stringify(refusal).includes('Flow of'),
          'nothing is told of a flow that one can’t see',
        );
        const text = await refuses(late, { overrides: { writesettings: [setting(path, action)] } });
        assert.match(text, /"field":"overrides\.writesettings\[0\]\.path"/u);
      }
    await refuses(late);
    await other.refused(settings.change, 409, {
      params: {
        id: (await other.call(outputs.get, { params: { id: late.outputId } })).writeSettings.data[0]!.id,
      },
      body: { path: 'first/totals.csv', delim: ';' },
    });
    assert.equal(await read('first/totals.csv'), `by ${author.id}`);
    await other.refused(runs.create, 409, { params: { id: late.flowId }, body: {} });
  });

  it('is told by its flow’s name to who may see that', async () => {
    const owner = await make(author, 'seen.csv');
    await take(author, owner);
    const data = [{ personId: other.id, role: 'readOnly' as const }];
    await author.call(permissions.give, { params: { id: owner.flowId }, body: { data } });
    assert.ok(
      (await refusesSave('seen.csv')).detail.includes(`the flow Flow of by ${author.id} (${owner.flowId})`),
    );
  });

  it('goes to one of two that launch at the same moment, also where one would lie within the other', async () => {
    for (const paths of [
      ['race.csv', 'race.csv'],
      ['nest', 'nest/x.csv'],
      ['made.csv', 'made-7.csv'],
    ]) {
      const all = await Promise.all(
        [...paths, ...paths].map((path, index) =>
          make(index % 2 === 0 ? author : other, path, path === 'made.csv' ? 'create' : 'overwrite'),
        ),
      );
      const answers = await Promise.all(
        all.map((made, index) => launch(index % 2 === 0 ? author : other, made)),
      );
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
      assert.deepEqual(statuses, [201, 409, 409, 409], paths.join(' and '));
    }
  });

  it('ends with its output, with its path and with its flow, and can be taken then', async () => {
    const ends: Record<string, (owner: Made) => Promise<unknown>> = {
      output: ({ outputId: id }) => author.call(outputs.remove, { params: { id } }),
      path: ({ outputId: id }) =>
        author.call(outputs.change, { params: { id }, body: { writeSettings: [setting('elsewhere.csv')] } }),
      recipe: ({ recipeId: id }) => author.call(recipes.remove, { params: { id } }),
      flow: ({ flowId: id }) => author.call(flows.remove, { params: { id } }),
    };
    for (const [what, remove] of Object.entries(ends)) {
      const path = `ends/${what}.csv`;
      const owner = await make(author, path);
      await take(author, owner);
      await refusesSave(path);
      await remove(owner);
      const next = await make(other, path);
      const answer = await launch(other, next);
      assert.equal(answer.status, 201, `${what}: ${answer.text}`);
    }
  });

  it('stays while another output of the flow has the path, and where only other things of it change', async () => {
    const owner = await make(author, 'shared.csv');
    const body = { flowNodeId: owner.recipeId, isAdhoc: false, writeSettings: [setting('shared.csv')] };
    await author.call(outputs.create, { body });
    await take(author, owner);
    const params = { id: owner.outputId };
    await author.call(outputs.change, { params, body: { writeSettings: [setting('shared.csv', 'append')] } });
    await refusesSave('shared.csv');
    await author.call(outputs.remove, { params });
    await refusesSave('shared.csv');
  });

  it('goes along when the flow changes hands', async () => {
    const owner = await make(author, 'hands.csv');
    await take(author, owner);
    const third = await server.addPerson('author');
    const data = [{ personId: third.id, role: 'owner' as const }];
    await author.call(permissions.give, { params: { id: owner.flowId }, body: { data } });
    await take(third, owner);
    await refusesSave('hands.csv');
  });

  it('is not that of a copy or an import', async () => {
    const owner = await make(author, 'copied.csv');
    await take(author, owner);
    const copy = await author.call(transfer.copy, { params: { id: owner.flowId }, body: {} });
    const { data } = await author.call(outputs.list, { query: { limit: 1000 } });
    const copied = data.find(({ flow }) => flow.id === copy.id)!;
    const answer = await launch(author, { recipeId: copied.flowNode.id });
    assert.equal(answer.status, 409, answer.text);
    assert.match(answer.text, /belongs to the flow Flow of/u);
    await author.call(flows.remove, { params: { id: owner.flowId } });
    await take(author, { recipeId: copied.flowNode.id });
  });

  it('is what the path is with its parameters filled in', async () => {
    const owner = await make(author, 'days/{run.date}.csv');
    await take(author, owner);
    const late = await make(other, 'days/{run.date}.csv');
    await refuses(late);
    const other2 = await make(other, 'days/other-{run.date}.csv');
    await take(other, other2);
    await author.call(outputs.remove, { params: { id: owner.outputId } });
    await take(other, late);
  });

  it('by an output without a path is one of the flow’s own where the usual one is another’s', async () => {
    const [first, second] = [await make(author, null), await make(other, null)];
    const [one, two] = [await run(author, first), await run(other, second)];
    assert.equal((await read(`result-${one}.csv`)).split('\n')[1], `by ${author.id}`);
    assert.equal((await read(`flow-${second.flowId}/result-${two}.csv`)).split('\n')[1], `by ${other.id}`);
    const again = await run(other, second);
    assert.ok((await read(`flow-${second.flowId}/result-${again}.csv`)).includes('by'));
    await refusesSave(`result-${one}.csv`);
  });

  it('by a launch of one’s own needs the right to edit, and is held as long as the recipe', async () => {
    const owner = await make(author, 'usual.csv');
    const data = [{ personId: other.id, role: 'readOnly' as const }];
    await author.call(permissions.give, { params: { id: owner.flowId }, body: { data } });
    const overrides = { writesettings: [setting('chosen.csv')] };
    assert.equal((await launch(other, owner, { overrides })).status, 403);
    const byName = { overrides: { result: { writesettings: [setting('chosen.csv')] } } };
    await other.refused(runs.create, 403, { params: { id: owner.flowId }, body: byName });
    await take(author, owner, { overrides });
    await refusesSave('chosen.csv');
    await author.call(outputs.remove, { params: { id: owner.outputId } });
    await make(other, 'chosen.csv');
  });

  it('taken by another while a job still runs is not written over: the job fails and says why', async () => {
    const slow = await makeRecipe(author, 'slow');
    const sql = 'select sum(hash(range) % 7) as s from range(300000000)';
    await author.call(recipes.change, { params: { id: slow.recipeId }, body: { sql } });
    const body = { flowNodeId: slow.recipeId, profiler: false, writeSettings: [setting('meanwhile.csv')] };
    const { id: outputId } = await author.call(outputs.create, { body });
    const launched = (await launch(author, slow)).json as { id: number };
    await author.call(outputs.remove, { params: { id: outputId } });
    const next = await make(other, 'meanwhile.csv');
    await run(other, next);
    assert.equal(await end(author, launched.id), 'Failed');
    const { text } = await author.send('GET', `/v4/jobGroups/${launched.id}/logs`);
    assert.match(text, /The place meanwhile\.csv belongs to another flow\./u);
    assert.equal(await read('meanwhile.csv'), `by ${other.id}`);
  });

  it('within another output’s of the same flow is refused when it is saved, and at the latest when it is launched', async () => {
    const first = await make(author, 'own-nest/r.csv');
    const { flowId } = first;
    const addRecipe = async (name: string) =>
      (await author.call(recipes.create, { body: { name, flow: { id: flowId }, sql: 'select 1 as a' } })).id;
    const second = { recipeId: await addRecipe('second') };
    const parameter = { name: 'part', defaultValue: 'usual' };
    await author.call(parameters.create, { params: { id: flowId }, body: parameter });
    const bodyOf = (...paths: string[]) => ({
      flowNodeId: second.recipeId,
      profiler: false,
      writeSettings: paths.map((path) => setting(path)),
    });
    const inner = await author.refused(outputs.create, 409, {
      body: bodyOf('own-nest/other.csv', 'OWN-NEST/r.csv/x.csv'),
    });
    assert.deepEqual(
      inner.errors?.map(({ field }) => field),
      ['writeSettings[1].path'],
    );
    assert.match(
      inner.detail,
      /OWN-NEST\/r\.csv\/x\.csv lies within own-nest\/r\.csv.*another output of this flow.*Choose another path/u,
    );
    await author.refused(outputs.create, 409, { body: bodyOf('own-nest') });
    await author.refused(outputs.create, 409, { body: bodyOf('own-nest/a.csv', 'own-nest/a.csv/b.csv') });
    const { id: outputId } = await author.call(outputs.create, { body: bodyOf('own-nest/{part}/x.csv') });
    const added = { outputObjectId: outputId, ...setting('own-nest/r.csv/y.csv') };
    await author.refused(settings.create, 409, { body: added });
    const { id } = await author.call(settings.create, { body: { ...added, path: 'own-nest/y.csv' } });
    await author.refused(settings.change, 409, { params: { id }, body: { path: 'own-nest/r.csv/y.csv' } });
    // What only a launch knows.
    const refuses = async (more: object) => {
      const { status, text } = await launch(author, second, more);
      assert.equal(status, 409, text);
      assert.match(text, /another output of this flow/u);
    };
    const runParameters = (value: string) => ({
      runParameters: { overrides: { data: [{ key: 'part', value }] } },
    });
    await take(author, first);
    await refuses(runParameters('r.csv'));
    await refuses({ overrides: { writesettings: [setting('own-nest/r.csv/z.csv')] } });
    await refuses({ overrides: { writesettings: [setting('own-nest/a'), setting('own-nest/a/b.csv')] } });
    await run(author, second, runParameters('free'));
  });
});
