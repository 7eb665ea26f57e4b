// Another action or form at a place that is taken: refused as it is saved with the way out, or carried out cleanly; never both forms side by side.
import assert from 'node:assert/strict';
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { describeOnBoth } from '../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../test/server.ts';
import { until } from '../../../test/wait.ts';

describeOnBoth('What stands in a place', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let outputsDir: string;
  before(async () => {
    server = await startServer(dialect);
    ({ author } = server);
    outputsDir = join(server.database.dataDir, 'outputs');
  });
  after(() => server.stop());

  const appended = { action: 'append', format: 'csv' } as const;
  const overwritten = { action: 'overwrite', format: 'csv' } as const;

  async function make(path: string, setting: object) {
    const { id: flowId } = await author.call(flows.create, { body: { name: 'A flow' } });
    const recipe = { name: 'result', flow: { id: flowId }, sql: "select 1 as a, null as b, 'x' as c" };
    const { id: recipeId } = await author.call(recipes.create, { body: recipe });
    const writeSettings = [{ path, ...appended, ...setting }];
    const body = { flowNodeId: recipeId, profiler: false, writeSettings };
    const { id: outputId } = await author.call(outputs.create, { body });
    const { data } = await author.call(settings.list, { query: { outputObjectId: outputId } });
    return { flowId, recipeId, outputId, settingId: data[0]!.id };
  }

  async function run(recipeId: number, more: object = {}) {
    const { id } = await author.call(jobs.create, { body: { wrangledDataset: { id: recipeId }, ...more } });
    const params = { params: { id } };
    await until(async () => (await author.call(jobs.status, params)) === 'Complete', `job ${id}`, 60_000);
    const { files } = await author.call(jobs.outputs, params);
    return { id, files, warnings: (await author.call(jobs.get, params)).warnings };
  }

  const change = (settingId: number, body: object) =>
    author.send('PATCH', `/v4/writeSettings/${settingId}`, { body });

  /** Refused with the field and the way out, however it would be saved. */
  async function assertRefused(
    { settingId, outputId, recipeId }: Awaited<ReturnType<typeof make>>,
    path: string,
    wanted: object,
    why: RegExp,
  ) {
    const answers = [
      await change(settingId, wanted),
      await author.send('PATCH', `/v4/outputObjects/${outputId}`, {
        body: { writeSettings: [{ path, ...appended, ...wanted }] },
      }),
      await author.send('POST', '/v4/outputObjects', {
        body: { flowNodeId: recipeId, isAdhoc: false, writeSettings: [{ path, ...appended, ...wanted }] },
      }),
    ];
    for (const { status, text } of answers) {
      assert.equal(status, 409, text);
      assert.match(text, why);
      assert.match(text, /Choose another path/u);
    }
  }

  it('is no place for parts where a file, or a set that is overwritten, stands; once moved away it is', async () => {
    for (const asSingleFile of [true, false]) {
      const path = `taken/${asSingleFile}.csv`;
      const made = await make(path, { ...overwritten, asSingleFile });
      await run(made.recipeId);
      await assertRefused(made, path, appended, /result of an output that overwrites/u);
      await rename(join(outputsDir, path), join(outputsDir, `${path}.old`));
      assert.equal((await change(made.settingId, { action: 'append' })).status, 200);
      const { warnings } = await run(made.recipeId);
      assert.deepEqual(
        [await readdir(join(outputsDir, path)), warnings].map(({ length }) => length),
        [1, 0],
      );
    }
  });

  it('gets no parts of another format, header, delimiter or sign for what is missing', async () => {
    const path = 'parts/t.csv';
    const made = await make(path, appended);
    await run(made.recipeId);
    await assertRefused(made, path, { format: 'json' }, /its parts are csv, and json/u);
    await assertRefused(made, path, { header: false }, /header true, and false/u);
    await assertRefused(made, path, { delim: ';' }, /delim/u);
    await assertRefused(made, path, { nullText: 'NULL' }, /nullText/u);
    // Neither changes what its readers have to know.
    assert.equal((await change(made.settingId, { hasQuotes: true })).status, 200);
    assert.equal((await change(made.settingId, { asSingleFile: false })).status, 200);
    await run(made.recipeId);
    assert.equal((await readdir(join(outputsDir, path))).length, 2);
  });

  it('keeps what it has from a launch that says otherwise, which is told and goes on once there is room', async () => {
    const path = 'launched/t.csv';
    const { recipeId } = await make(path, appended);
    await run(recipeId);
    const before = await readdir(join(outputsDir, path));
    const { id, files, warnings } = await run(recipeId, {
      overrides: { writeSettings: [{ path, action: 'append', format: 'json' }] },
    });
    assert.match(files[0]!.unpublishedReason ?? '', /can't be appended: its parts are csv, and json/u);
    assert.match(warnings.join(), /not in place/u);
    assert.deepEqual(await readdir(join(outputsDir, path)), before);
    await rename(join(outputsDir, path), join(outputsDir, `${path}.old`));
    const params = { params: { id } };
    const stands = async () => (await author.call(jobs.outputs, params)).files[0]!.published;
    await until(stands, 'it stands in its place', 30_000);
    assert.equal((await readdir(join(outputsDir, path))).length, 1);
    assert.match(
      (await change((await make('other/x.csv', appended)).settingId, { path })).text,
      /belongs to/u,
    );
  });

  it('is taken by what overwrites, whole and alone', async () => {
    const path = 'clean/t.csv';
    const { recipeId, settingId } = await make(path, appended);
    await run(recipeId);
    await run(recipeId);
    const steps = [
      { change: { action: 'overwrite' }, isFolder: false, text: 'a,b,c\n1,,x\n' },
      { change: { asSingleFile: false, nullText: 'NULL' }, isFolder: true, text: 'a,b,c\n1,NULL,x\n' },
      { change: { format: 'json' }, isFolder: true, text: '{"a":1,"b":null,"c":"x"}\n' },
      { change: { asSingleFile: true }, isFolder: false, text: '{"a":1,"b":null,"c":"x"}\n' },
    ];
    for (const { change: next, isFolder, text } of steps) {
      assert.equal((await change(settingId, next)).status, 200);
      assert.deepEqual((await run(recipeId)).warnings, []);
      const place = join(outputsDir, path);
      assert.equal((await stat(place)).isDirectory(), isFolder, JSON.stringify(next));
      const names = isFolder ? await readdir(place) : [];
      assert.equal(names.length, isFolder ? 1 : 0);
      assert.equal(
        await readFile(join(place, names[0] ?? ''), 'utf8').catch(() => readFile(place, 'utf8')),
        text,
      );
      assert.deepEqual(await readdir(join(place, '..')), ['t.csv']);
    }
  });
});
