// flowhook export and apply with real processes, on both databases: what is shown is what is done, and done once.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, it } from 'node:test';
import * as fc from 'fast-check';
import { createCaller, type Caller } from '@flowhook/client/caller';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { flowDocumentEndpoints as documents } from '@flowhook/contract/flow/flow-document';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { personEndpoints as people } from '@flowhook/contract/person/person';
import { accessTokenEndpoints as tokens } from '@flowhook/contract/person/access-token';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { startByteProxy } from '../../test/byte-proxy.ts';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { byFullness } from '../../test/full.ts';
import { makeProcessWorld, type ProcessWorld } from '../../test/process-world.ts';
import { until } from '../../test/wait.ts';
import { applyFolder } from './as-code/apply-folder.ts';
import { exportFlows } from './as-code/export-flows.ts';
import { plainPaint } from './as-code/print-plan.ts';
import { readFolder } from './as-code/read-folder.ts';

const secret = 'k9-this-is-never-shown';

/** Recipes stand before what they read: the order of a file means nothing. */
const salesYaml = (folder: string, hook: string) => `# Comments are for people.
flow: Sales of the day
description: |
  What came in.
  Every day.
parameters:
  - {name: region, default: north}
  - {name: least, type: integer, default: 1}
datasets:
  - name: orders
    uri: file://${folder}/orders.csv
    options: {delimiter: ";"}
recipes:
  - name: totals
    sql: totals.sql
    outputs:
      adhoc:
        files: [{path: totals.csv, action: overwrite, format: csv}]
      scheduled:
        profiler: false
        files: [{path: "{run.date:%Y}/totals.pqt", action: create, format: pqt, compression: snappy}]
  - name: cleaned
    sql: cleaned.sql
    input: {dataset: orders}
  - {name: same, input: {recipe: totals}}
webhookTasks:
  - name: Tell the receiver
    triggerEvent: onJobDone
    recipes: [totals]
    method: post
    url: ${hook}
    headers: {X-Team: data}
    headersFrom: {Authorization: "env:HOOK_AUTH", X-Plant: "env:HOOK_AUTH"}
    secretKeyFrom: env:HOOK_KEY
    body: $jobId $jobStatus
  - name: Then the same
    triggerEvent: onJobSuccess
    recipes: [totals]
    runs: {recipe: same}
  - name: Late
    triggerEvent: onJobDone
    condition: {kind: notRefreshedBy, cron: 0 7 * * *, timezone: Europe/Berlin}
    url: ${hook}
    method: get
    enabled: false
schedule:
  times: [{cron: 30 6 * * 1-5, timezone: Europe/Berlin}]
  missed: skip
  enabled: false
`;
const cleaned = `select *\nfrom orders\nwhere region = parameter('region')\n`;
const totals = `select region, sum(amount) as amount\nfrom cleaned\ngroup by region\n`;

describeOnBoth('flows as code', (make, dialect) => {
  let world: ProcessWorld;
  let database: TestDatabase;
  let files: string;
  let root: string;
  before(async () => {
    files = mkdtempSync(join(tmpdir(), 'flowhook-as-code-files-'));
    writeFileSync(join(files, 'orders.csv'), 'region;amount\nnorth;3\nsouth;4\nnorth;5\n');
    database = await make();
    world = await makeProcessWorld(database.url, { FLOWHOOK_DATA_ROOTS: files });
  });
  after(async () => {
    await world.close();
    await database.remove();
    rmSync(files, { recursive: true, force: true });
  });
  beforeEach(async () => {
    root = mkdtempSync(join(files, 'code-'));
    for (const flow of await listed())
      if (flow.id !== world.flowId) await world.client.call(flows.remove, { params: { id: flow.id } });
  });

  const listed = async () => (await world.client.call(flows.list, { query: { noLimit: true } })).data;
  const write = (name: string, text: string) => {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const writeSales = () => {
    write('sales/flow.yaml', salesYaml(files, world.hook));
    write('sales/cleaned.sql', cleaned);
    write('sales/totals.sql', totals);
  };
  const edit = (name: string, from: string, to: string) => {
    const text = readFileSync(join(root, name), 'utf8');
    assert.ok(text.includes(from), text);
    writeFileSync(join(root, name), text.replace(from, to));
  };
  const run = async (args: readonly string[], env: Record<string, string> = {}) => {
    const running = world.command(args, { env });
    const code = await running.ended;
    return { code, out: running.out(), err: running.err() };
  };
  const secrets = { HOOK_KEY: secret, HOOK_AUTH: `Bearer ${secret}` };
  const apply = (args: readonly string[] = [], env: Record<string, string> = secrets) =>
    run(['apply', root, ...args], env);
  const dryRun = (args: readonly string[] = [], env: Record<string, string> = secrets) =>
    apply(['--dry-run', ...args], env);
  const find = async (name: string) => (await listed()).find((flow) => flow.name === name);
  const tasksOf = async (id: number) => (await world.client.call(tasks.listOfFlow, { params: { id } })).data;
  const bytesOf = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): [string, string] => [
        entry.name,
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ])
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const exportTo = async (folder: string, ...args: string[]) => {
    const { code, err } = await run(['export', folder, ...args]);
    assert.equal(code, 0, err);
    return bytesOf(folder);
  };

  it('shows what it would do and does nothing, then does exactly that, then nothing more', async () => {
    writeSales();
    const shown = await dryRun();
    assert.equal(shown.code, 2, shown.err);
    assert.match(shown.out, /^Sales of the day\n {2}\+ flow\n/u);
    assert.match(shown.out, / {2}\+ webhook task Tell the receiver\n/u);
    assert.match(shown.out, /secretKey: from env:HOOK_KEY/u);
    assert.equal(await find('Sales of the day'), undefined);
    const done = await apply();
    assert.equal(done.code, 0, done.err);
    assert.equal(done.out, `${shown.out}Done.\n`);
    assert.doesNotMatch(done.out + done.err, /never-shown|\p{Cc}\[/u);
    for (const again of [await dryRun(), await apply()])
      assert.deepEqual([again.code, again.out], [0, 'No difference.\n'], again.err);
    const { id } = (await find('Sales of the day'))!;
    const [told] = (await tasksOf(id)).filter(({ name }) => name === 'Tell the receiver');
    assert.deepEqual(
      [told?.secretKeySet, told?.headers, told?.secretHeaders, told?.enabled],
      [true, { Authorization: null, 'X-Plant': null, 'X-Team': 'data' }, ['X-Plant'], true],
    );
    const made = (await world.client.call(recipes.list, { query: { flowId: id } })).data;
    const { id: recipeId } = made.find(({ name }) => name === 'totals')!;
    const job = await world.client.call(jobs.create, { body: { wrangledDataset: { id: recipeId } } });
    await until(() => world.told.includes(`${job.id} Complete`), 'the job tells its end', 60_000);
  });

  it('exports what was applied without a secret, in the same bytes each time, and has no difference to it', async () => {
    writeSales();
    assert.equal((await apply()).code, 0);
    const folder = join(root, '..', `${root.split('/').at(-1)!}-out`);
    const first = await exportTo(folder, '--flow', 'Sales of the day');
    assert.doesNotMatch(JSON.stringify(first), /never-shown|Bearer/u);
    assert.deepEqual(await exportTo(folder, '--flow', 'Sales of the day'), first);
    const same = await run(['apply', folder, '--dry-run']);
    assert.deepEqual([same.code, same.out], [0, 'No difference.\n'], same.err);
    // Sources of secrets are not the server's to know: those of the file stay.
    assert.match(first.find(([name]) => name === 'flow.yaml')?.[1] ?? '', /secretKeyFrom: stored/u);
    const over = await exportTo(root);
    assert.match(JSON.stringify(over), /secretKeyFrom: env:HOOK_KEY/u);
    assert.deepEqual(over.map(([name]) => name).includes('cleaned.sql'), true);
    rmSync(folder, { recursive: true });
  });

  it('shows and makes each change, and deletes with --prune alone', async () => {
    writeSales();
    assert.equal((await apply()).code, 0);
    const { id } = (await find('Sales of the day'))!;
    edit('sales/cleaned.sql', `where region = parameter('region')`, "where amount >= parameter('least')");
    edit('sales/flow.yaml', 'body: $jobId $jobStatus', 'body: |\n      $jobId\n      done: $jobStatus');
    edit('sales/flow.yaml', '  - {name: region, default: north}\n', '');
    edit('sales/flow.yaml', '  - {name: same, input: {recipe: totals}}\n', '');
    edit(
      'sales/flow.yaml',
      '  - name: Then the same\n    triggerEvent: onJobSuccess\n    recipes: [totals]\n    runs: {recipe: same}\n',
      '',
    );
    edit('sales/flow.yaml', 'missed: skip', 'missed: once');
    const kept = await dryRun();
    assert.equal(kept.code, 2, kept.err);
    assert.match(kept.out, / {2}~ recipe cleaned\n {6}sql:\n[^]*- where region[^]*\+ where amount >=/u);
    assert.match(kept.out, /missed: skip → once/u);
    assert.match(kept.out, /! recipe same is at the server alone and stays/u);
    assert.doesNotMatch(kept.out, /^ {2}- /mu);
    const pruned = await apply(['--prune']);
    assert.equal(pruned.code, 0, pruned.err);
    for (const part of ['webhook task Then the same', 'recipe same', 'parameter region'])
      assert.match(pruned.out, new RegExp(` {2}- ${part}`, 'u'));
    assert.match(pruned.out, /0 to make, 3 to change, 3 to delete\./u);
    assert.deepEqual(
      (await tasksOf(id)).map(({ name, body }) => [name, body]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
      [
        ['Late', null],
        ['Tell the receiver', '$jobId\ndone: $jobStatus\n'],
      ],
    );
    assert.deepEqual([(await dryRun(['--prune'])).out], ['No difference.\n']);
  });

  it('keeps a task off that lacks its secret, says why, and switches it on with it', async () => {
    writeSales();
    const without = await apply([], {});
    assert.equal(without.code, 0, without.err);
    assert.match(
      without.out,
      /! webhook task Tell the receiver stays off: it waits for secretKey \(set HOOK_KEY\), headers/u,
    );
    const { id } = (await find('Sales of the day'))!;
    const off = (await tasksOf(id)).find(({ name }) => name === 'Tell the receiver');
    assert.equal(off?.enabled, false);
    assert.match(off.disabledReason!, /give headers\.Authorization, headers\.X-Plant, secretKey/u);
    const still = await dryRun([], {});
    assert.equal(still.code, 0, still.out);
    const half = await apply([], { HOOK_KEY: secret });
    assert.match(half.out, /secretKey: waiting → from env:HOOK_KEY/u);
    assert.equal((await tasksOf(id)).find(({ name }) => name === 'Tell the receiver')?.enabled, false);
    const whole = await apply();
    assert.match(whole.out, /enabled: false → true/u);
    assert.deepEqual([whole.code, (await dryRun()).out], [0, 'No difference.\n']);
    const on = (await tasksOf(id)).find(({ name }) => name === 'Tell the receiver');
    assert.deepEqual([on?.enabled, on?.missingSecrets], [true, []]);
    edit('sales/flow.yaml', `url: ${world.hook}`, 'url: https://elsewhere.example.com/');
    const moved = await dryRun([], {});
    assert.equal(moved.code, 1);
    assert.match(
      moved.err,
      /sales\/flow\.yaml:\d+:5: webhookTasks\[0\]\.secretKeyFrom: The URL points to another/u,
    );
    const again = await apply(['--send-secrets']);
    assert.deepEqual([again.code, again.err], [0, '']);
  });

  it('leaves nothing of a new flow that fails, and a changed one as it was, with the place of the fault', async () => {
    writeSales();
    edit('sales/totals.sql', 'sum(amount)', 'sum(amounts)');
    const fresh = await apply();
    assert.equal(fresh.code, 1);
    assert.match(fresh.err, /^sales\/totals\.sql:1:20: .*amounts/mu);
    assert.match(fresh.err, /Nothing of the flow is left at the server/u);
    assert.equal(await find('Sales of the day'), undefined);
    const left = (await world.client.call(datasets.list, { query: { noLimit: true } })).data;
    assert.deepEqual(left.filter(({ name }) => name === 'orders').length <= 1, true);
    writeSales();
    assert.equal((await apply()).code, 0);
    const before = await exportTo(join(root, '..', `before-${dialect}`), '--flow', 'Sales of the day');
    edit('sales/flow.yaml', 'Every day.', 'Every night.');
    edit('sales/cleaned.sql', 'select *', 'select region, amount as amounts');
    edit('sales/flow.yaml', '- name: Late', '- name: Later');
    const failed = await apply(['--prune']);
    assert.equal(failed.code, 1, failed.out);
    assert.match(failed.err, /^sales\/totals\.sql:1:20: .*[^]*The flow is as it was before/u);
    assert.deepEqual(
      await exportTo(join(root, '..', `after-${dialect}`), '--flow', 'Sales of the day'),
      before,
    );
  });

  it('finds in a dry run what the server would refuse, and does nothing then', async () => {
    writeSales();
    edit('sales/totals.sql', 'sum(amount)', 'sum(amounts)');
    const fresh = await dryRun();
    assert.deepEqual([fresh.code, await find('Sales of the day')], [1, undefined], fresh.out);
    assert.match(fresh.err, /^sales\/totals\.sql:1:20: .*amounts[^]*1 problem: nothing was done/u);
    edit('sales/totals.sql', 'sum(amounts)', 'sum(amount)');
    edit('sales/flow.yaml', `url: ${world.hook}`, 'url: http://127.0.0.1:1/');
    const refused = await dryRun();
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^sales\/flow\.yaml:\d+:5: webhookTasks\[0\]\.url: /mu);
  });

  it('makes flows that run each other’s recipes in one go, and shows them beforehand', async () => {
    const chained =
      '  - {name: r, sql: r.sql}\nwebhookTasks:\n  - name: then\n    triggerEvent: onJobSuccess\n';
    write('a/flow.yaml', `flow: Runs\nrecipes:\n${chained}    runs: {flow: Is run, recipe: R}\n`);
    write('b/flow.yaml', 'flow: Is run\nrecipes:\n  - {name: r, sql: r.sql, outputs: {adhoc: {}}}\n');
    for (const folder of ['a', 'b']) write(`${folder}/r.sql`, 'select 1 as a\n');
    const shown = await dryRun();
    assert.deepEqual([shown.code, shown.err], [2, '']);
    const done = await apply();
    assert.deepEqual([done.code, done.err], [0, '']);
    assert.deepEqual([(await dryRun()).out, (await apply()).out], ['No difference.\n', 'No difference.\n']);
    edit('a/flow.yaml', 'recipe: R', 'recipe: nothing');
    const wrong = await dryRun();
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /^a\/flow\.yaml:\d+:5: webhookTasks\[0\]\.runs: The flow Is run has no recipe/u);
  });

  it('shows a read-only token the differences, and says that it can’t try them', async () => {
    writeSales();
    assert.equal((await apply()).code, 0);
    edit('sales/flow.yaml', 'Every day.', 'Every night.');
    const made = await world.client.call(tokens.create, {
      body: { lifetimeSeconds: 600, description: 'x', readOnly: true },
    });
    const shown = await dryRun([], { ...secrets, FLOWHOOK_TOKEN: made.tokenValue });
    assert.equal(shown.code, 2, shown.err);
    assert.match(shown.out, /Every night/u);
    assert.match(shown.err, /^Sales of the day can’t be tried: /u);
  });

  it('does not touch a flow that was changed between the look and the act', async () => {
    writeSales();
    assert.equal((await apply()).code, 0);
    const { id } = (await find('Sales of the day'))!;
    edit('sales/flow.yaml', 'Every day.', 'Every night.');
    const caller = createCaller({ server: world.url, credentials: { token: world.token } });
    const meddled: Caller = {
      ...caller,
      async call(endpoint, ...rest) {
        if ((endpoint as Endpoint) === documents.put)
          await world.client.call(flows.change, { params: { id }, body: { description: 'Mine.' } });
        return caller.call(endpoint, ...rest);
      },
    };
    const said: string[] = [];
    const say = { out: () => {}, err: (line: string) => void said.push(line) };
    const choices = { env: secrets, prune: false, sendSecrets: false };
    assert.equal(await applyFolder(meddled, { root, dryRun: false, choices, paint: plainPaint, say }), 1);
    assert.match(said.join('\n'), /was changed since it was read/u);
    assert.equal((await find('Sales of the day'))?.description, 'Mine.');
  });

  it('leaves a flow whole wherever its connection is cut', async () => {
    writeSales();
    assert.equal((await apply()).code, 0);
    const proxy = await startByteProxy(world.url);
    const say = { out: () => {}, err: () => {} };
    const choices = { env: secrets, prune: true, sendSecrets: false };
    const run = (server: string, dryRun: boolean) => {
      const caller = createCaller({ server, credentials: { token: world.token }, retries: 0 });
      return applyFolder(caller, { root, dryRun, choices, paint: plainPaint, say });
    };
    const states: number[] = [];
    for (let cut = 0; cut < byFullness(40, 8); cut += 1) {
      edit('sales/flow.yaml', cut === 0 ? 'Every day.' : `Round ${cut - 1}.`, `Round ${cut}.`);
      edit(
        'sales/cleaned.sql',
        cut === 0 ? 'select *' : `select ${cut - 1} as n, *`,
        `select ${cut} as n, *`,
      );
      proxy.cutAfter(Math.ceil((cut / byFullness(39, 7)) * 6500));
      const code = await run(proxy.url, false).catch(() => 1);
      proxy.cutAfter(Infinity);
      const { id } = (await find('Sales of the day'))!;
      const { description, recipes: all } = await world.client.call(documents.get, { params: { id } });
      const sql = all.find(({ name }) => name === 'cleaned')!.sql!;
      const isNew = description!.includes(`Round ${cut}.`);
      assert.equal(sql.startsWith(`select ${cut} as n`), isNew, `${description}: ${sql}`);
      if (code === 0) assert.ok(isNew);
      states.push(code);
      assert.equal(await run(world.url, false), 0);
      assert.equal(await run(world.url, true), 0, 'nothing is left to do');
    }
    proxy.close();
    assert.ok(states.includes(1) && states.includes(0), `cuts before and behind all of it: ${states.join()}`);
  });

  it('ends with 1 and a sentence where it can’t begin, and does nothing', async () => {
    writeSales();
    write('broken/flow.yaml', 'flow: Broken\nsurprise: 1\n');
    const broken = await apply();
    assert.equal(broken.code, 1);
    assert.match(broken.err, /broken\/flow\.yaml:2:1: surprise: is no field[^]*nothing was done/u);
    assert.equal(await find('Sales of the day'), undefined);
    const cases: [args: string[], env: Record<string, string>, says: RegExp][] = [
      [['apply', root], { FLOWHOOK_TOKEN: '' }, /A token is needed/u],
      [['apply', root], { FLOWHOOK_TOKEN: 'wrong' }, /^flowhook apply: |surprise/u],
      [['apply', join(root, 'nowhere')], {}, /can't be read/u],
      [['export', join(root, 'out')], { FLOWHOOK_SERVER: 'http://127.0.0.1:9' }, /can’t be reached/u],
      [['export', join(root, 'out'), '--flow', 'None'], {}, /no flow "None"/u],
      [['apply'], {}, /missing required argument/u],
    ];
    for (const [args, env, says] of cases) {
      const { code, err } = await run(args, env);
      assert.equal(code, 1, err);
      assert.match(err, says);
    }
    const wrong = [
      [mkdtempSync(join(files, 'empty-')), /the folder holds no flow/u],
      [mkdtempSync(join(files, 'deep-')), /give the folder above it/u],
    ] as const;
    writeFileSync(join(wrong[1][0], 'flow.yaml'), 'name: Here\n');
    for (const [folder, sentence] of wrong) {
      const { code, err } = await run(['apply', folder, '--dry-run']);
      assert.deepEqual([code, sentence.test(err)], [1, true], err);
    }
  });

  it('leaves out what the token may only read, and refuses to guess between two flows of one name', async () => {
    const { client } = world;
    const password = 'a password for tests';
    const reader = await client.call(people.create, {
      body: { email: `r-${dialect}@example.com`, name: 'R', password },
    });
    const basic = {
      authorization: `Basic ${Buffer.from(`r-${dialect}@example.com:${password}`).toString('base64')}`,
    };
    await client.call(permissions.give, {
      params: { id: world.flowId },
      body: { data: [{ personId: reader.id, role: 'readOnly' }] },
    });
    const own = await client.send('POST', '/v4/apiAccessTokens', {
      headers: basic,
      body: { lifetimeSeconds: 600, description: 'x' },
    });
    const { tokenValue: FLOWHOOK_TOKEN } = own.json as { tokenValue: string };
    const seen = await run(['export', join(root, 'out')], { FLOWHOOK_TOKEN });
    assert.deepEqual([seen.code, seen.err], [0, 'Nightly is left out: only its editors see it whole.\n']);
    for (let count = 0; count < 2; count += 1) await client.call(flows.create, { body: { name: 'Twin' } });
    write('twin/flow.yaml', 'flow: Twin\n');
    const twins = await apply();
    assert.equal(twins.code, 1);
    assert.match(twins.err, /Several flows are named "Twin"/u);
  });

  it('gives an equal export at another time and place, whatever is in the flow', async () => {
    const caller = createCaller({
      server: world.url,
      credentials: { token: world.token },
      checkAnswers: true,
    });
    const plain = fc
      .stringMatching(/^[A-Za-z0-9 ._#:'"*&-]{1,20}$/u)
      .map((text) => text.trim())
      .filter((text) => text !== '');
    const some = fc.uniqueArray(plain, {
      minLength: 1,
      maxLength: 3,
      selector: (text) => text.toLowerCase(),
    });
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((each) => !each.includes('\0'));
    const header = fc.stringMatching(/^[ -~]{1,20}$/u);
    const flow = fc.record({
      name: plain,
      description: text,
      recipes: some,
      sql: fc.array(fc.stringMatching(/^-- [ -~]{0,20}$/u), { maxLength: 3 }),
      tasks: some,
      body: text,
      header,
      event: fc.constantFrom('onJobSuccess', 'onJobFailure', 'onJobDone'),
    });
    const say = { out: () => {}, err: (line: string) => void errors.push(line) };
    const errors: string[] = [];
    const choices = { env: secrets, prune: true, sendSecrets: false };
    const paint = plainPaint;
    let round = 0;
    await fc.assert(
      fc.asyncProperty(flow, async (given) => {
        const [one, two] = ['one', 'two'].map((name) => join(root, `${round}-${name}`)) as [string, string];
        const name = `${given.name} ${(round += 1)}`;
        mkdirSync(join(one, 'x'), { recursive: true });
        const form = {
          flow: name,
          description: given.description,
          datasets: [{ name: 'orders', uri: `file://${files}/orders.csv` }],
          recipes: given.recipes.map((recipe, index) => ({
            name: `r ${recipe}`,
            sql: `${index}.sql`,
            outputs: { adhoc: {} },
          })),
          webhookTasks: given.tasks.map((task, index) => ({
            name: task,
            triggerEvent: given.event,
            url: `${world.hook}${index}`,
            body: given.body,
            headers: { 'X-A': given.header },
            secretKeyFrom: index === 1 ? 'stored' : 'env:HOOK_KEY',
            ...(index === 0 && { recipes: [`r ${given.recipes[0]!}`] }),
          })),
        };
        writeFileSync(join(one, 'x/flow.yaml'), JSON.stringify(form));
        for (const index of given.recipes.keys())
          writeFileSync(join(one, `x/${index}.sql`), [...given.sql, 'select * from orders', ''].join('\n'));
        const applied = (root: string, dryRun: boolean) =>
          applyFolder(caller, { root, dryRun, choices, paint, say });
        assert.equal(await applied(one, false), 0, errors.join('\n'));
        assert.equal(await applied(one, true), 0, 'the second apply');
        const exported = { root: two, flows: [name], say };
        assert.equal(await exportFlows(caller, exported), 0);
        assert.equal(await applied(two, true), 0, 'the export');
        const [first, second] = [one, two].map((folder) => readFolder(folder).flows[0]!.spec);
        const stored = JSON.stringify(first).replaceAll('env:HOOK_KEY', 'stored');
        assert.deepEqual(sortParts(second), sortParts(JSON.parse(stored)));
        cpSync(two, `${two}-again`, { recursive: true });
        const { id } = (await find(name))!;
        await world.client.call(flows.remove, { params: { id } });
        assert.equal(await applied(`${two}-again`, false), 0, errors.join('\n'));
        assert.equal(await exportFlows(caller, { ...exported, root: `${two}-last` }), 0);
        assert.deepEqual(bytesOf(`${two}-last`), bytesOf(two));
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });
});

function sortParts(spec: unknown): unknown {
  const { recipes, webhookTasks, ...rest } = spec as Record<'recipes' | 'webhookTasks', { name: string }[]>;
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  return { ...rest, recipes: recipes.toSorted(byName), webhookTasks: webhookTasks.toSorted(byName) };
}
