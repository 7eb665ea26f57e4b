// Export then import then export gives the same package, whatever is in the flow, but for ids, time and uuid.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import * as fc from 'fast-check';
import { webhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import { createSecretBox, makeKey } from '../base/secret.ts';
import type { Database } from '../db/database.ts';
import { readFlows, selectOne } from '../flows/flow-store.ts';
import type { WriteRule } from '../flows/write-setting-rule.ts';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../test/flow-world.ts';
import type { TaskContext } from '../webhooks/tasks/task-editing.ts';
import type { TaskDefinition } from '../webhooks/tasks/task-rule.ts';
import { emptyReading, type FlowContent } from './flow-content.ts';
import { readContent } from './read-content.ts';
import { readPackage } from './read-package.ts';
import { readPackageText } from './package-text.ts';
import { writeContent } from './write-content.ts';
import { writePackage } from './write-package.ts';

const title = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => text.trim() !== '' && !text.includes('\0'))
  .map((text) => text.trim());
const words = fc.option(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => !text.includes('\0')),
);
/** Names that JavaScript would lose are refused wherever they come in. */
const anyStep = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'));
const file = fc.stringMatching(/^[a-z]{1,8}$/u);

const setting: fc.Arbitrary<WriteRule> = fc.record({
  path: fc.tuple(file, file).map(([a, b]) => `${a}/${b}`),
  action: fc.constantFrom('create', 'overwrite', 'append'),
  format: fc.constantFrom('csv', 'json'),
  compression: fc.constantFrom('none', 'gzip', 'zstd'),
  delim: fc.constantFrom(',', ';', '\t'),
  header: fc.boolean(),
  asSingleFile: fc.boolean(),
  hasQuotes: fc.boolean(),
  nullText: fc.constantFrom('', 'NULL', '\\N'),
});

const secretText = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/u).map((text) => `secret-${text}`);

/** Each member as it is. */
function constants<Members extends object>(members: Members) {
  const entries = Object.entries(members).map(([name, value]) => [name, fc.constant(value as unknown)]);
  return Object.fromEntries(entries) as { [Name in keyof Members]: fc.Arbitrary<Members[Name]> };
}

const task: fc.Arbitrary<Omit<TaskDefinition, 'recipeIds' | 'triggerObject'>> = fc.record({
  ...constants(initialFields),
  name: title,
  url: file.map((path) => `https://hooks.example.com/${path}`),
  urlSecret: fc.boolean(),
  method: fc.constantFrom('post', 'put', 'patch'),
  headers: fc.record({ 'X-Team': file, Authorization: secretText }, { requiredKeys: [] }),
  secretHeaders: fc.constantFrom<string[][]>([], ['X-Team']),
  body: fc.option(file.map((text) => `{"a":"${text} $jobId"}`)),
  triggerEvent: fc.constantFrom('onJobSuccess', 'onJobDone'),
  condition: fc
    .constantFrom(
      null,
      { kind: 'recovered' },
      { kind: 'notRefreshedBy', cron: '0 7 * * *', timezone: 'Europe/Berlin' },
      { kind: 'rowsOutside', min: 1, max: null },
    )
    .map((given) => (given === null ? null : webhookCondition.parse(given))),
  secretKey: fc.option(secretText),
  secrets: fc.dictionary(file, secretText, { maxKeys: 2 }),
  sslVerification: fc.boolean(),
  retryOnFailure: fc.boolean(),
  enabled: fc.boolean(),
});

const parameter: fc.Arbitrary<FlowContent['parameters'][number]> = fc.oneof(
  fc.record({
    name: fc.stringMatching(/^[A-Za-z_]\w{0,8}$/u),
    type: fc.constant('text'),
    defaultValue: title,
    description: words,
  }),
  fc.constant({ name: 'since', type: 'date', defaultValue: '2026-01-02', description: null }),
);

const schedule: fc.Arbitrary<NonNullable<FlowContent['schedule']>> = fc.record({
  name: fc.option(title),
  triggers: fc.constantFrom(
    [{ expression: '30 6 * * 1-5', timeZone: 'Europe/Berlin' }],
    [
      { expression: '@daily', timeZone: 'UTC' },
      { expression: '0 15 10 ? * 6L', timeZone: 'Asia/Tokyo' },
    ],
  ),
  missed: fc.constantFrom('once', 'skip'),
  overlap: fc.constantFrom('skip', 'queue'),
  parameters: fc.array(fc.record({ key: file, value: fc.oneof(title, fc.integer(), fc.boolean()) }), {
    maxLength: 2,
  }),
});

/** Recipes read what stands before them, so there is no circle; keys are places. */
const content: fc.Arbitrary<FlowContent> = fc
  .record({
    name: title,
    description: words,
    datasets: fc.array(fc.record({ name: title, description: words, reference: file }), { maxLength: 4 }),
    recipes: fc.array(
      fc.record({
        name: title,
        description: words,
        sql: fc.option(file.map((name) => `select * from ${name}`)),
        steps: fc.option(fc.array(anyStep, { minLength: 1, maxLength: 3 })),
        reads: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
        outputs: fc.uniqueArray(fc.boolean(), { maxLength: 2 }),
        settings: fc.uniqueArray(setting, { maxLength: 3, selector: ({ path }) => path }),
      }),
      { maxLength: 5 },
    ),
    tasks: fc.array(fc.record({ task, watches: fc.array(fc.nat(), { maxLength: 3 }), runs: fc.boolean() }), {
      maxLength: 3,
    }),
    parameters: fc.uniqueArray(parameter, { maxLength: 3, selector: ({ name }) => name.toLowerCase() }),
    schedule: fc.option(schedule),
  })
  .map(({ name, description, datasets, recipes, tasks, parameters, schedule }) => {
    const first = datasets.length;
    const inputsOf = (reads: readonly number[], index: number) =>
      first + index === 0 ? [] : [...new Set(reads.map((read) => read % (first + index)))];
    return {
      key: 1,
      name,
      description: description || null,
      datasets: datasets.map((each, key) => ({
        key,
        name: each.name,
        description: each.description,
        source: { kind: 'waiting' as const, reference: each.reference },
        pattern: null,
        reading: {
          ...emptyReading({ options: { delimiter: ';' } }),
          columns: [{ name: 'a', type: 'BIGINT' }],
        },
      })),
      recipes: recipes.map((each, index) => {
        const inputs = inputsOf(each.reads, index);
        const note = each.steps === null ? null : JSON.stringify(each.steps);
        return {
          key: first + index,
          name: each.name,
          description: each.description,
          sql: each.sql,
          note,
          inputs,
          primary: inputs.at(-1) ?? null,
        };
      }),
      outputs: recipes.flatMap(({ outputs, settings }, index) =>
        outputs.map((isAdhoc) => {
          const execution = isAdhoc ? ('photon' as const) : ('databricksSpark' as const);
          return { recipe: first + index, isAdhoc, execution, profiler: isAdhoc, settings };
        }),
      ),
      tasks: tasks.map((each, key) => {
        const watched = recipes.length === 0 ? [] : each.watches.map((n) => first + (n % recipes.length));
        const recipeIds = [...new Set(watched)];
        const triggerObject = recipeIds.length > 0 ? ('some' as const) : ('any' as const);
        const whole = { ...each.task, triggerObject, recipeIds };
        // What stands last is run by tasks that watch what stands before it: no circle.
        const last = first + recipes.length - 1;
        const runs = each.runs && recipeIds.length > 0 && !recipeIds.includes(last);
        if (!runs) return { key, task: whole, target: null, disabledReason: null };
        const request = { url: '', urlSecret: false, headers: {}, secretHeaders: [], body: null };
        const task = { ...whole, ...request, secretKey: null, secrets: {} };
        return { key, task, target: { kind: 'own' as const, recipe: last }, disabledReason: null };
      }),
      parameters: parameters.map((each) => ({ ...each, description: each.description || null })),
      schedule,
    };
  });

interface Packed {
  readonly id: number;
  readonly flownodes: readonly { readonly id: number }[];
  readonly webhookflowtasks: readonly { readonly id: number }[];
}

const nodeMembers = new Set(['scriptId', 'parsingScriptId', 'flowNodeId', 'inFlowNodeId', 'outFlowNodeId']);

/** Ids by their place in the order of the document, so that two packages can be compared. */
function withoutIds(text: string): unknown {
  const { data } = JSON.parse(text) as { data: { flows: [Packed] } };
  const [flow] = data.flows;
  const places = new Map(flow.flownodes.map(({ id }, index) => [id, index]));
  const place = (id: number) => places.get(id) ?? assert.fail(`no node ${id}`);
  const replace = (value: unknown, list: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => replace(each, list));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, each]) => {
      if (nodeMembers.has(name)) return [name, each === null ? null : place(each as number)];
      const ofNode = ['flownodes', 'recipes', 'datasources'].includes(list);
      if (name === 'id' && ofNode) return [name, place(each as number)];
      return [name, name === 'steps' ? each : replace(each, Array.isArray(each) ? name : list)];
    });
    return Object.fromEntries(entries) as unknown;
  };
  const tasks = flow.webhookflowtasks.map((task) => ({ ...(replace(task, 'task') as object), id: 0 }));
  return { ...(replace(flow, '') as object), id: 0, webhookflowtasks: tasks };
}

describeOnBoth('a round trip', (make, dialect) => {
  let database: TestDatabase;
  let world: FlowWorld;
  let tasks: TaskContext;
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database);
    tasks = makeTaskContext(world.db);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  const write = async (given: FlowContent) => {
    const context = { room: world.room, tasks };
    const { flowId } = await world.db.transaction((tx) =>
      writeContent(tx, context, world.caller.personId, given),
    );
    return flowId;
  };
  const pack = async (flowId: number) => {
    const [flow] = await readFlows(world.db.read, selectOne('f.id', flowId));
    const read = await readContent(world.db.read, tasks.box, flow!, { withTasks: true });
    const metadata = { exportedAt: '2026-01-01T00:00:00Z', exportedBy: 1, uuid: 'u', version: '1' };
    return JSON.stringify(writePackage(read, metadata), null, 2);
  };
  const unpack = (text: string) =>
    readPackage(readPackageText(text, 'data'), 'data', { judgeUrl: () => null, now: Date.UTC(2026, 0, 1) });

  it('gives the same package', async () => {
    await fc.assert(
      fc.asyncProperty(content, async (given) => {
        const first = await pack(await write(given));
        assert.doesNotMatch(first, /secret-/u);
        const { contents, report } = unpack(first);
        assert.deepEqual([report.dropped, contents.length], [[], 1]);
        const second = await pack(await write(contents[0]!));
        assert.deepEqual(withoutIds(second), withoutIds(first));
      }),
      { numRuns: dialect === 'sqlite' ? 60 : 25, endOnFailure: true },
    );
  });

  it('brings 10 MB in, in time that grows with the size and not with its square', async () => {
    const step = { task: { type: 'Derive', parameters: { formula: 'x'.repeat(900), column: 'total' } } };
    const recipesOf = (count: number) =>
      [...Array(count).keys()].map((index) => ({
        key: index + 1,
        name: `Recipe ${index}`,
        description: null,
        sql: null,
        note: JSON.stringify(Array.from({ length: 35 }, () => step)),
        inputs: [index],
        primary: index,
      }));
    const source = { kind: 'waiting', reference: 'gs://numbers/in.csv' } as const;
    const dataset = { key: 0, name: 'In', description: null, source, pattern: null, reading: emptyReading() };
    const flowOf = (count: number) => ({
      key: 1,
      name: `Large ${count}`,
      description: null,
      datasets: [dataset],
      recipes: recipesOf(count),
      outputs: [],
      tasks: [],
      parameters: [],
      schedule: null,
    });
    const metadata = { exportedAt: 'x', exportedBy: 1, uuid: 'u', version: '1' };
    const timeOf = async (text: string) => {
      const from = performance.now();
      const { contents } = unpack(text);
      await write(contents[0]!);
      return performance.now() - from;
    };
    const textOf = (count: number) => JSON.stringify(writePackage(flowOf(count), metadata));
    const [small, large] = [textOf(30), textOf(300)];
    assert.ok(large.length > 10e6, `${large.length}`);
    const short = await timeOf(small);
    const long = await timeOf(large);
    // Ten times as much: 100 times as long where each recipe looks at each other.
    assert.ok(long < short * 40, `${long} ms, ${short} ms for a tenth of it (${dialect})`);
  });
});

function makeTaskContext(db: Database): TaskContext {
  return {
    db,
    box: createSecretBox([makeKey()]),
    maxTasks: () => 50,
    policy: () => {
      throw new Error('no URL is judged here');
    },
  };
}
