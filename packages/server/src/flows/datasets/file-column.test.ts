// Columns that say which file a row comes from: in the promise, the preview, the check and the job, by pattern and by folder.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, it } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { describeOnBoth } from '../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../test/server.ts';
import { until } from '../../../test/wait.ts';

describeOnBoth('Columns of files', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let root: string;
  let count = 0;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'flowhook-file-column-'));
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: root });
    ({ author } = server);
  });
  after(async () => {
    await server.stop();
    await rm(root, { recursive: true });
  });

  const writtenAt = Date.parse('2026-03-29T10:00:00.250Z') / 1000;

  async function put(files: Readonly<Record<string, string>>) {
    const folder = join(root, `set${(count += 1)}`);
    for (const [path, text] of Object.entries(files)) await putOne(folder, path, text);
    return folder;
  }
  async function putOne(folder: string, path: string, text: string) {
    const whole = join(folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, text);
    await utimes(whole, writtenAt, writtenAt);
  }

  const fileColumns = {
    file: 'name',
    written: 'time',
    site: 'part:2',
    year: 'folder:year',
    'a month': 'folder:month',
  };
  const make = (uri: string, options: object) =>
    author.send('POST', datasets.create.path, {
      body: { uri: `file://${uri}`, pathPattern: { files: 'all' }, options },
    });

  async function run(datasetId: number, sql: string | null) {
    const { id: flowId } = await author.call(flows.create, { body: { name: 'A flow' } });
    const recipe = {
      name: 'result',
      flow: { id: flowId },
      importedDataset: { id: datasetId },
      ...(sql !== null && { sql }),
    };
    const { id } = await author.call(recipes.create, { body: recipe });
    const writeSettings = [{ path: `r${id}.csv`, action: 'overwrite' as const, format: 'csv' as const }];
    await author.call(outputs.create, { body: { flowNodeId: id, profiler: false, writeSettings } });
    const again = async () => {
      const job = await author.call(jobs.create, { body: { wrangledDataset: { id } } });
      const params = { params: { id: job.id } };
      await until(
        async () => /Complete|Failed/u.test(await author.call(jobs.status, params)),
        `job ${job.id}`,
      );
      const { files } = await author.call(jobs.outputs, params);
      const file = files[0] && (await author.send('GET', `/v4/jobGroups/${job.id}/outputs/${files[0].id}`));
      return { job: await author.call(jobs.get, params), text: file?.text ?? '' };
    };
    return { recipeId: id, again };
  }

  it('are read from the path of each file, as texts unless a type is given', async () => {
    const folder = await put({
      'year=2025/month=12/sales-1-north.csv': 'id,n\n1,10\n',
      'year=2026/month=03/sales-2-south%20east.csv': 'n,id\n20,2\n21,3\n',
      'year=2026/month=__HIVE_DEFAULT_PARTITION__/sales-3-.csv': 'id,n\n4,1.5\n',
    });
    const options = { fileColumns, columnTypes: { year: 'BIGINT', n: 'DOUBLE' } };
    const { status, json, text } = await make(`${folder}/*/*/sales-*-*.csv`, {
      ...options,
      fileColumns: { ...fileColumns, site: 'part:4' },
    });
    assert.equal(status, 201, text);
    const { id, columns } = json as { id: number; columns: object[] };
    assert.deepEqual(columns, [
      { name: 'id', type: 'BIGINT' },
      { name: 'n', type: 'DOUBLE' },
      { name: 'file', type: 'VARCHAR' },
      { name: 'written', type: 'TIMESTAMP WITH TIME ZONE' },
      { name: 'site', type: 'VARCHAR' },
      { name: 'year', type: 'BIGINT' },
      { name: 'a month', type: 'VARCHAR' },
    ]);
    const rows = [
      '1,10.0,sales-1-north.csv,2026-03-29 10:00:00.25+00,north,2025,12',
      '2,20.0,sales-2-south%20east.csv,2026-03-29 10:00:00.25+00,south%20east,2026,03',
      '3,21.0,sales-2-south%20east.csv,2026-03-29 10:00:00.25+00,south%20east,2026,03',
      '4,1.5,sales-3-.csv,2026-03-29 10:00:00.25+00,"",2026,',
    ];
    const { again, recipeId } = await run(id, null);
    assert.deepEqual((await again()).text.trim().split('\n').slice(1).toSorted(), rows);
    const seen = await author.call(recipes.preview, { params: { id: recipeId }, query: {} });
    assert.deepEqual(
      seen.rows.map((row) => row.slice(4)),
      [
        ['north', '2025', '12'],
        ['south%20east', '2026', '03'],
        ['south%20east', '2026', '03'],
        ['', '2026', null],
      ],
    );
    const sums = await run(
      id,
      `select year, sum(n) as n from "${(json as { name: string }).name}" where "a month" is not null group by year order by year`,
    );
    assert.equal((await sums.again()).text, 'year,n\n2025,10.0\n2026,41.0\n');
  });

  it('keep their promise: a folder of another kind fails the job, or its rows are rejected', async () => {
    for (const [ending, row] of [
      ['csv', 'id\n1\n'],
      ['ndjson', '{"id":1}\n'],
    ] as const) {
      const folder = await put({ [`year=2026/a.${ending}`]: row });
      const typed = { fileColumns: { year: 'folder:year' }, columnTypes: { year: 'BIGINT' } };
      const { json } = await make(`${folder}/*/*.${ending}`, typed);
      const { json: letting } = await make(`${folder}/*/*.${ending}`, { ...typed, onMismatch: 'reject' });
      await putOne(folder, `year=soon/b.${ending}`, row);
      const { job } = await (await run((json as { id: number }).id, null)).again();
      assert.match(
        job.workloadError?.message ?? '',
        /"soon" in column "year", line \d of file "b\.(csv|ndjson)".*BIGINT/u,
      );
      const kept = await (await run((letting as { id: number }).id, null)).again();
      assert.deepEqual([kept.text, kept.job.rejectedRows], ['id,year\n1,2026\n', 1]);
      await putOne(folder, `neither/c.${ending}`, row);
      const { job: third } = await (await run((json as { id: number }).id, null)).again();
      assert.match(
        third.workloadError?.message ?? '',
        /"c\.(csv|ndjson)".*no folder "year=…", which the column "year"/u,
      );
    }
  });

  it('are in a file that is read by a copy, and in one of a single column, as well', async () => {
    const folder = await put({ 'day=1/a.csv': '#x\nid\n1\n#y\n2\n' });
    const { json, text } = await make(`${folder}/*/*.csv`, {
      comment: '#',
      fileColumns: { day: 'folder:day', file: 'name' },
    });
    const { again } = await run((json as { id: number }).id, null);
    assert.equal((await again()).text, 'id,day,file\n1,1,a.csv\n2,1,a.csv\n', text);
  });

  it('stand beside those of Parquet files, by name, time, part and folder', async () => {
    const folder = await put({
      'year=2025/sales-1-north.parquet': '',
      'year=2026/sales-2-south.parquet': '',
    });
    const writer = await (await DuckDBInstance.create()).connect();
    const write = async (path: string, select: string) => {
      await writer.run(`COPY (${select}) TO '${folder}/${path}' (FORMAT parquet)`);
      await utimes(join(folder, path), writtenAt, writtenAt);
    };
    await write('year=2025/sales-1-north.parquet', "SELECT 1::BIGINT AS id, 'a' AS name");
    // A column that is new is told, the order of the others is their own.
    await write('year=2026/sales-2-south.parquet', "SELECT 'b' AS name, 2::BIGINT AS id, true AS extra");
    const made = await make(`${folder}/*/sales-*-*.parquet`, {
      fileColumns: { file: 'name', written: 'time', site: 'part:3', year: 'folder:year' },
      columnTypes: { year: 'INTEGER' },
    });
    assert.equal(made.status, 201, made.text);
    const { id, columns, name } = made.json as { id: number; columns: object[]; name: string };
    assert.deepEqual(columns, [
      { name: 'id', type: 'BIGINT' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'file', type: 'VARCHAR' },
      { name: 'written', type: 'TIMESTAMP WITH TIME ZONE' },
      { name: 'site', type: 'VARCHAR' },
      { name: 'year', type: 'INTEGER' },
    ]);
    const { again, recipeId } = await run(id, null);
    const { text, job } = await again();
    assert.deepEqual(text.trim().split('\n').slice(1).toSorted(), [
      '1,a,sales-1-north.parquet,2026-03-29 10:00:00.25+00,north,2025',
      '2,b,sales-2-south.parquet,2026-03-29 10:00:00.25+00,south,2026',
    ]);
    assert.match(JSON.stringify(job), /sales-2-south.parquet.*extra.*not promised/u);
    const seen = await author.call(recipes.preview, { params: { id: recipeId }, query: {} });
    assert.deepEqual(seen.rows.map((row) => JSON.stringify(row.slice(4))).toSorted(), [
      '["north",2025]',
      '["south",2026]',
    ]);
    const sums = await run(
      id,
      `select year, count(*) as n, max(file) as last from "${name}" group by year order by year`,
    );
    assert.equal(
      (await sums.again()).text,
      'year,n,last\n2025,1,sales-1-north.parquet\n2026,1,sales-2-south.parquet\n',
    );
    await mkdir(join(folder, 'year=soon'));
    await write('year=soon/sales-3-east.parquet', "SELECT 3::BIGINT AS id, 'c' AS name");
    assert.match((await again()).job.workloadError?.message ?? '', /"soon" in column "year".*INTEGER/u);
  });

  it('are refused where the path has no such thing, or the file has a column of that name', async () => {
    const folder = await put({ 'a/x.csv': 'id,day\n1,2\n' });
    const cases: [object, RegExp][] = [
      [{ day: 'name' }, /has a column "day" of its own/u],
      [{ year: 'folder:year' }, /no folder "year=…"/u],
      [{ third: 'part:3' }, /no part 3 of a pattern/u],
      [{ x: 'size' }, /must be name, time, part:1/u],
    ];
    for (const [columns, why] of cases) {
      const { status, text } = await make(`${folder}/*/*.csv`, { fileColumns: columns });
      assert.ok(status === 400 || status === 422, text);
      assert.match(text.replaceAll('\\"', '"'), why);
    }
  });
});
