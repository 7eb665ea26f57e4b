// A flow as one document: what is put is whole or not at all, seen beforehand, and refused where it was changed since.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, it } from 'node:test';
import type { z } from 'zod';
import {
  flowDocumentEndpoints as documents,
  type documentPut,
  type flowDocumentGiven,
} from '@flowhook/contract/flow/flow-document';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';

type Given = z.input<typeof flowDocumentGiven>;
type Result = z.output<typeof documentPut>;

const secret = 'k9-this-is-never-shown';

describeOnBoth('a flow as a document', (_, dialect) => {
  let server: TestServer;
  let author: TestPerson;
  let files: string;
  let id: number;
  before(async () => {
    files = mkdtempSync(join(tmpdir(), 'flowhook-document-'));
    writeFileSync(join(files, 'orders.csv'), 'region;amount\nnorth;3\nsouth;4\n');
    server = await startServer(dialect, { FLOWHOOK_DATA_ROOTS: files });
    author = server.author;
  });
  after(async () => {
    await server.stop();
    rmSync(files, { recursive: true });
  });

  /** Recipes stand before what they read: the order of a list means nothing. */
  const sales = (change: Partial<Given> = {}): Given => ({
    name: 'Sales',
    parameters: [{ name: 'region', defaultValue: 'north' }],
    datasets: [{ name: 'orders', uri: `file://${files}/orders.csv`, options: { delimiter: ';' } }],
    recipes: [
      {
        name: 'totals',
        sql: 'select region, sum(amount) as amount\nfrom cleaned group by region',
        outputs: { adhoc: { files: [{ path: 'totals.csv', action: 'overwrite', format: 'csv' }] } },
      },
      {
        name: 'cleaned',
        sql: "select * from orders where region = parameter('region')",
        input: { dataset: 'orders' },
      },
    ],
    webhookTasks: [
      {
        name: 'Tell',
        triggerEvent: 'onJobDone',
        recipes: ['totals'],
        url: 'https://hooks.example.com/in/1',
        headers: { Authorization: { value: `Bearer ${secret}` }, 'X-Team': 'data' },
        secretKey: { value: secret },
      },
    ],
    schedule: { times: [{ cron: '30 6 * * 1-5', timezone: 'Europe/Berlin' }], missed: 'skip' },
    ...change,
  });
  beforeEach(async () => {
    const made = await author.call(documents.create, { body: sales() });
    id = made.flow!.id;
  });

  const read = () => author.call(documents.get, { params: { id } });
  const put = (body: Given, query: { dryRun?: boolean } = {}): Promise<Result> =>
    author.call(documents.put, { params: { id }, query, body });
  const version = async () => {
    const { headers } = await author.send('GET', `/v4/flows/${id}/document`);
    return String(headers['etag']);
  };
  const list = ({ changes }: Result) => changes.map(({ kind, name, action }) => `${action} ${kind} ${name}`);
  const refused = async (status: number, body: unknown, where = id) => {
    const state = await version();
    const problem = await author.refused(documents.put, status, { params: { id: where }, body });
    assert.equal(await version(), state);
    return problem;
  };
  const fieldsOf = ({ errors }: { errors: readonly { field: string }[] }) => errors.map(({ field }) => field);

  it('is read as it was given, names for ids and places for secrets', async () => {
    const document = await read();
    assert.deepEqual(
      [document.recipes.map(({ name }) => name).toSorted(), document.webhookTasks[0]!.recipes],
      [['cleaned', 'totals'], ['totals']],
    );
    assert.deepEqual(document.webhookTasks[0]!.headers, {
      Authorization: { state: 'stored' },
      'X-Team': 'data',
    });
    assert.doesNotMatch(JSON.stringify(document), /never-shown|"id"/u);
    assert.deepEqual((await put(document)).changes, []);
  });

  it('is changed, made and deleted as a whole, and says so beforehand', async () => {
    const { data: before } = await author.call(recipes.list, { query: { flowId: id } });
    const cleaned = before.find(({ name }) => name === 'cleaned')!;
    const document = await read();
    const wanted: Given = {
      ...document,
      name: 'Sales of the day',
      parameters: [],
      recipes: [
        { name: 'cleaned', sql: 'select region, 1 as one from orders' },
        { name: 'count', sql: 'select count(*) as n from cleaned' },
      ],
      webhookTasks: [
        { name: 'Other', triggerEvent: 'onJobSuccess', recipes: ['count'], url: 'https://a.example/' },
      ],
      schedule: null,
    };
    const [state, shown] = [await version(), await put(wanted, { dryRun: true })];
    assert.deepEqual(await read(), document);
    assert.deepEqual([await version(), shown.etag], [state, state]);
    const done = await put(wanted);
    assert.deepEqual(done.changes, shown.changes);
    assert.deepEqual(list(done), [
      'delete schedule schedule',
      'delete task Tell',
      'delete output totals (adhoc)',
      'delete parameter region',
      'change flow Sales of the day',
      'change recipe cleaned',
      'create recipe count',
      'create task Other',
      'delete recipe totals',
    ]);
    assert.equal(done.etag, await version());
    assert.notEqual(done.etag, state);
    const now = await read();
    assert.deepEqual(
      [now.name, now.parameters, now.schedule, now.recipes.map(({ name }) => name)],
      ['Sales of the day', [], null, ['cleaned', 'count']],
    );
    const kept = await author.call(recipes.get, { params: { id: cleaned.id } });
    assert.deepEqual(
      kept.columns!.map(({ name }) => name),
      ['region', 'one'],
    );
    assert.deepEqual((await put(now)).changes, []);
  });

  it('takes a dataset out of a flow and leaves it where it is', async () => {
    const { datasets: all, ...document } = await read();
    const bare = { ...document, recipes: [{ name: 'one', sql: 'select 1 as one' }], webhookTasks: [] };
    assert.deepEqual(fieldsOf(await refused(400, { ...document, datasets: [] })), ['recipes[0].input']);
    assert.ok(list(await put(bare)).includes('delete dataset orders'));
    const { data: nodes } = await author.call(flows.flowNodes, { params: { id } });
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ['one'],
    );
    const { data } = await author.call(datasets.list, { query: { filter: 'orders', noLimit: 'true' } });
    const count = data.length;
    assert.ok(count > 0);
    await put({ ...bare, datasets: all });
    const again = await author.call(datasets.list, { query: { filter: 'orders', noLimit: 'true' } });
    assert.equal(again.data.length, count, 'the same one is taken');
  });

  it('is the same whatever the letter case of a name that refers to another', async () => {
    const document = await read();
    const upper = JSON.parse(
      JSON.stringify(document)
        .replace('"dataset":"orders"', '"dataset":"ORDERS"')
        .replace('["totals"]', '["Totals"]'),
    ) as Given;
    assert.notDeepEqual(upper, document);
    assert.deepEqual((await put(upper)).changes, []);
    const renamed = document.recipes.map((recipe) => ({ ...recipe, name: recipe.name.toUpperCase() }));
    const { changes } = await put({ ...document, recipes: renamed });
    assert.deepEqual(
      changes.map(({ kind, action }) => [kind, action]),
      [
        ['recipe', 'change'],
        ['recipe', 'change'],
      ],
    );
  });

  it('is refused where it was changed since it was read, by whatever way', async () => {
    const [document, state] = [await read(), await version()];
    const send = (ifMatch: string, dryRun = false) =>
      author.send('PUT', `/v4/flows/${id}/document?dryRun=${dryRun}`, {
        headers: { 'if-match': ifMatch },
        body: { ...document, description: `as ${ifMatch}` },
      });
    const [task] = (await author.call(tasks.listOfFlow, { params: { id } })).data;
    const changed = { secretKey: 'another key that nobody sees' };
    await author.call(tasks.change, { params: { id: task!.id }, body: changed });
    assert.notEqual(await version(), state, 'a secret counts');
    assert.deepEqual(await read(), document);
    for (const dryRun of [true, false]) assert.equal((await send(state, dryRun)).status, 412);
    assert.equal((await read()).description, null);
    const now = await version();
    for (const [text, status] of [
      ['"other"', 412],
      [`"other", W/${now}`, 412],
      ['other', 400],
      [`"other", ${now}`, 200],
      [now, 412],
      ['*', 200],
    ] as const)
      assert.equal((await send(text)).status, status, text);
    const first = [await version(), await version()];
    await author.call(flows.change, { params: { id }, body: { description: 'x' } });
    assert.equal(first[0], first[1]);
    assert.notEqual(await version(), first[0]);
  });

  it('names every fault by its place, and does nothing then', async () => {
    const cases: [change: Partial<Given>, code: string, field: string][] = [
      [
        {
          recipes: [
            ...sales().recipes!.slice(1),
            { name: 'totals', sql: 'select 1,\n  nothing from cleaned' },
          ],
        },
        'sql_invalid',
        'recipes[1].sql',
      ],
      [
        {
          recipes: [
            { ...sales().recipes![0]! },
            { ...sales().recipes![1]!, sql: 'select region from orders' },
          ],
        },
        'sql_invalid',
        'recipes[0].sql',
      ],
      [
        {
          recipes: sales().recipes!.map((recipe) => ({
            ...recipe,
            outputs: { adhoc: { files: [{ path: '/etc/x', action: 'create', format: 'csv' }] } },
          })),
        },
        'validation_failed',
        'recipes[0].outputs.adhoc.files[0].path',
      ],
      [
        { webhookTasks: [{ ...sales().webhookTasks![0]!, recipes: ['none'] }] },
        'validation_failed',
        'webhookTasks[0].recipes[0]',
      ],
      [
        { webhookTasks: [{ ...sales().webhookTasks![0]!, url: 'http://127.0.0.1/' }] },
        'url_refused',
        'webhookTasks[0].url',
      ],
      [
        {
          webhookTasks: [
            { ...sales().webhookTasks![0]!, secretKey: { state: 'stored' }, url: 'https://b.example/' },
          ],
        },
        'validation_failed',
        'webhookTasks[0].secretKey',
      ],
      [
        { webhookTasks: [{ ...sales().webhookTasks![0]!, headers: { Authorization: 'open' } }] },
        'validation_failed',
        'webhookTasks[0].headers.Authorization',
      ],
      [
        { webhookTasks: [{ name: 'x', triggerEvent: 'onJobDone', runs: { flow: 'None', recipe: 'r' } }] },
        'validation_failed',
        'webhookTasks[0].runs',
      ],
      [
        {
          webhookTasks: [
            { name: 'x', triggerEvent: 'onJobDone', recipes: ['totals'], runs: { recipe: 'totals' } },
          ],
        },
        'validation_failed',
        'webhookTasks[0].runs',
      ],
      [
        { datasets: [...sales().datasets!, { name: 'missing', uri: `file://${files}/none.csv` }] },
        'file_unreadable',
        'datasets[1].uri',
      ],
      [{ datasets: [...sales().datasets!, { name: 'missing' }] }, 'validation_failed', 'datasets[1].uri'],
      [
        { datasets: [{ ...sales().datasets![0]!, uri: `file://${files}/b.csv` }] },
        'validation_failed',
        'datasets[0].uri',
      ],
      [
        { parameters: [{ name: 'region', type: 'integer', defaultValue: 'x' }] },
        'validation_failed',
        'parameters[0].defaultValue',
      ],
      [{ schedule: { times: [{ cron: '61 * * * *' }] } }, 'validation_failed', 'schedule.times[0].cron'],
      [{ surprise: 1 } as never, 'validation_failed', 'body'],
    ];
    for (const [change, code, field] of cases) {
      const problem = await refused(400, sales(change));
      assert.deepEqual([problem.code, fieldsOf(problem)[0]], [code, field], problem.detail);
      const tried = await author.refused(documents.put, 400, {
        params: { id },
        query: { dryRun: true },
        body: sales(change),
      });
      assert.deepEqual(tried.errors, problem.errors, 'a dry run says the same');
    }
    const wrong = await refused(400, sales(cases[0]![0]));
    assert.deepEqual([wrong['line'], wrong['column']], [2, 3]);
  });

  it('refuses recipes that read each other in a circle, new ones too', async () => {
    const circle = [
      { name: 'a', sql: 'select * from b' },
      { name: 'b', sql: 'select * from a' },
    ];
    const problem = await refused(400, sales({ recipes: circle, webhookTasks: [] }));
    assert.equal(problem.code, 'sql_invalid');
  });

  it('refuses outputs of which one lies within the other, and lets two change places', async () => {
    const recipe = (name: string, path: string) => ({
      name,
      sql: 'select 1 as a',
      outputs: { adhoc: { files: [{ path, action: 'overwrite' as const, format: 'csv' as const }] } },
    });
    const withPaths = (one: string, other: string) =>
      sales({ recipes: [recipe('one', one), recipe('other', other)], webhookTasks: [] });
    const problem = await refused(409, withPaths('doc/r.csv', 'doc/r.csv/x.csv'));
    assert.deepEqual(fieldsOf(problem), ['recipes[0].outputs.adhoc.files[0].path']);
    await put(withPaths('doc/r.csv', 'doc/s/x.csv'));
    await put(withPaths('doc/s', 'doc/r.csv/x.csv'));
  });

  it('keeps, gives and takes away secrets, and shows none', async () => {
    const [task] = (await read()).webhookTasks;
    const own = {
      ...task!,
      headers: { Authorization: { state: 'stored' as const }, 'X-Plant': { value: secret } },
    };
    const given = await put(sales({ webhookTasks: [own] }));
    assert.deepEqual(given.changes[0]!.fields, [
      { field: 'headers.X-Team', before: 'data' },
      { field: 'headers.X-Plant', after: 'given' },
    ]);
    assert.doesNotMatch(JSON.stringify(given), /never-shown/u);
    const taken = await put(sales({ webhookTasks: [{ ...own, secretKey: { state: 'missing' } }] }));
    assert.match(taken.warnings.join(), /Tell stays off: it waits for secretKey/u);
    const [now] = (await author.call(tasks.listOfFlow, { params: { id } })).data;
    assert.deepEqual(
      [now!.enabled, now!.missingSecrets, now!.secretHeaders, now!.headers],
      [false, ['secretKey'], ['X-Plant'], { Authorization: null, 'X-Plant': null }],
    );
    const back = await put(sales({ webhookTasks: [{ ...own, secretKey: { value: secret } }] }));
    assert.ok(back.changes[0]!.fields.some(({ field, after }) => field === 'enabled' && after === true));
    assert.deepEqual(back.warnings, []);
  });

  it('is made once for one Idempotency-Key, and not at all by a dry run', async () => {
    const headers = { 'idempotency-key': `once-${id}` };
    const body = sales({ name: `Once ${id}` });
    const count = async () =>
      (await author.call(flows.list, { query: { filter: `Once ${id}`, noLimit: 'true' } })).data.length;
    const tried = await author.call(documents.create, { query: { dryRun: true }, body, headers });
    assert.deepEqual([tried.flow, tried.etag, await count()], [null, null, 0]);
    const first = await author.call(documents.create, { body, headers });
    assert.deepEqual(await author.call(documents.create, { body, headers }), first);
    assert.equal(await count(), 1);
    assert.deepEqual(first.changes, tried.changes);
  });

  it('takes tasks up to the limit, also where others go for them, and no more', async () => {
    const many = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        name: `${prefix} ${index}`,
        triggerEvent: 'onJobDone' as const,
        url: `https://hooks.example.com/${index}`,
      }));
    await put(sales({ webhookTasks: many('first', 50) }));
    await put(sales({ webhookTasks: many('second', 50) }));
    const problem = await author.refused(documents.put, 409, {
      params: { id },
      body: sales({ webhookTasks: many('third', 51) }),
    });
    assert.equal(problem.code, 'limit_reached');
    assert.equal((await read()).webhookTasks[0]!.name, 'second 0');
  });

  it('checks a hundred recipes that read each other, the last first, by as many checks', async () => {
    const chain = Array.from({ length: 100 }, (_, index) => ({
      name: `step_${index}`,
      sql: index === 0 ? 'select amount from orders' : `select amount + 1 as amount from step_${index - 1}`,
    }));
    const began = performance.now();
    const done = await put(sales({ recipes: chain.toReversed(), webhookTasks: [] }));
    const whole = performance.now() - began;
    assert.equal(
      done.changes.filter(({ kind, action }) => kind === 'recipe' && action === 'create').length,
      100,
    );
    const { data } = await author.call(recipes.list, { query: { flowId: id, noLimit: 'true' } });
    assert.ok(data.every(({ columns }) => columns?.[0]?.name === 'amount'));
    const again = performance.now();
    await put({ ...(await read()), description: 'The recipes are as they were.' });
    const small = performance.now() - again;
    assert.ok(small * 4 < whole, `a change beside them takes ${small} ms, all of them ${whole} ms`);
  });
});
