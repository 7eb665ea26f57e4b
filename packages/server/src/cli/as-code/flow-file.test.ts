// A flow written as files and read again is the same flow, and the same bytes when it is written once more.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import * as fc from 'fast-check';
import type { FlowDocument } from '@flowhook/contract/flow/flow-document';
import { webhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import { isSecretByName } from '@flowhook/contract/webhook/webhook-definition';
import {
  toDocument,
  type CodeDocument,
  type CodeTask,
  type SecretFrom,
  type SecretSource,
} from './code-document.ts';
import { planCode } from './code-plan.ts';
import { toFileName } from './file-name.ts';
import { plainPaint, printPlan } from './print-plan.ts';
import { readFolder } from './read-folder.ts';
import { diffLines } from './text-diff.ts';
import { writeFlowFolder } from './write-folder.ts';
import { byName, writeForm } from './write-form.ts';

const odd = fc.constantFrom(
  '- a: b',
  '# x',
  ' &a *b',
  '? !!x',
  'yes',
  '0x10',
  '1.0',
  "'",
  '"',
  '{',
  '%',
  '\t',
  '|',
  '>-',
  '...',
);
const line = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), odd);
const lines = fc.array(line, { minLength: 1, maxLength: 5 }).map((each) => each.join('\n'));
const usable = (text: string) => !text.includes('\0') && !text.startsWith('\uFEFF');
const text = fc.oneof(line, lines).filter(usable);
const name = text.map((given) => given.trim()).filter((given) => given !== '' && given.length < 200);
const names = (max: number) =>
  fc.uniqueArray(name, { maxLength: max, selector: (each) => each.toLowerCase() });
const sql = lines
  .map((given) => given.replaceAll('\r\n', '\n').trimEnd())
  .filter((given) => given !== '' && usable(given));
const header = fc.stringMatching(/^X-[A-Za-z]{1,8}$/u).filter((each) => !isSecretByName(each));
const source: fc.Arbitrary<SecretFrom> = fc
  .constantFrom<SecretSource>('stored', 'env:HOOK_KEY', 'env:_x1')
  .map((from) => ({ from }));

const file = fc.record({
  path: name,
  action: fc.constantFrom('create', 'overwrite', 'append'),
  format: fc.constantFrom('csv', 'json'),
  compression: fc.constantFrom('none', 'gzip'),
  zstd: fc.constant(false),
  header: fc.boolean(),
  asSingleFile: fc.boolean(),
  delim: fc.constantFrom(',', ';', '\t', '#', ' '),
  hasQuotes: fc.boolean(),
  nullText: fc.constantFrom('', 'NULL', '\\N'),
});
const safePath = (path: string) => !/[/\\\p{Cc}]/u.test(path) && path !== '..';
const output = fc.option(
  fc.record({
    execution: fc.constantFrom('photon', 'dataflow'),
    profiler: fc.boolean(),
    files: fc.array(
      file.filter(({ path }) => safePath(path)),
      { maxLength: 2 },
    ),
  }),
);
const condition = fc
  .constantFrom(
    null,
    { kind: 'recovered' },
    { kind: 'failuresInRow', count: 3 },
    { kind: 'notRefreshedBy', cron: '0 7 * * *' },
    { kind: 'rowsOutside', min: 1 },
  )
  .map((given) => (given === null ? null : webhookCondition.parse(given)));

const task = (recipes: readonly string[]): fc.Arbitrary<Omit<CodeTask, 'name'>> =>
  fc
    .record({
      enabled: fc.boolean(),
      triggerEvent: fc.constantFrom('onJobSuccess', 'onJobFailure', 'onJobDone'),
      recipes:
        recipes.length === 0
          ? fc.constant(null)
          : fc.option(fc.subarray([...recipes], { minLength: 1 }).map((each) => each.toSorted())),
      condition,
      runs: fc.option(
        fc.oneof(
          fc.record({ flow: name.map((each) => `other ${each}`), recipe: name }),
          recipes.length === 0
            ? fc.constant(null)
            : fc.record({ flow: fc.constant(null), recipe: fc.constantFrom(...recipes) }),
        ),
      ),
      method: fc.constantFrom('post', 'get', 'put'),
      url: fc.option(name),
      headers: fc.dictionary(header, text, { maxKeys: 2 }),
      body: fc.option(text),
      listed: fc.uniqueArray(header, { maxLength: 2 }),
      hidden: fc.record(
        { secretKey: source, 'headers.Authorization': source, 'secrets.routing': source },
        { requiredKeys: [] },
      ),
      sslVerification: fc.boolean(),
      retryOnFailure: fc.boolean(),
    })
    .map(({ listed, hidden, url, runs, headers, ...given }) => {
      const { secretHeaders: _secret, urlSecret: _url, ...initial } = initialFields;
      const rest = { ...initial, ...given };
      if (runs !== null) {
        const open = { method: 'post' as const, url: null, headers: {}, body: null };
        return { ...rest, ...open, runs, secretKey: null, secrets: {} };
      }
      const open = Object.keys(headers).map((each) => each.toLowerCase());
      const secretHeaders = listed.filter((each) => !open.includes(each.toLowerCase()));
      const { secretKey = null, 'headers.Authorization': authorization, 'secrets.routing': routing } = hidden;
      return {
        ...rest,
        runs,
        url: url ?? { from: 'env:URL' as const },
        headers: {
          ...headers,
          ...(authorization !== undefined && { Authorization: authorization }),
          ...Object.fromEntries(secretHeaders.map((each) => [each, { from: 'stored' as const }])),
        },
        secretKey,
        secrets: routing === undefined ? {} : { routing },
      };
    });

const flow: fc.Arbitrary<CodeDocument> = fc
  .record({ recipes: names(4), datasets: names(3), tasks: fc.uniqueArray(name, { maxLength: 3 }) })
  .chain(({ recipes, datasets, tasks }) =>
    fc.record({
      name,
      description: fc.option(text),
      parameters: fc.constantFrom<CodeDocument['parameters']>(
        [],
        [
          { name: 'region', type: 'text', defaultValue: '1.0', description: null },
          { name: 'since', type: 'date', defaultValue: '2026-01-02', description: 'from then on' },
        ],
      ),
      datasets: fc.tuple(
        ...datasets.map((name) =>
          fc.record({
            name: fc.constant(name),
            description: fc.option(text),
            uri: fc.option(
              name.includes('x') ? text.filter((each) => each !== '') : fc.constant('file:///a.csv'),
            ),
            pathPattern: fc.constantFrom(null, { files: 'all' as const, defaults: { region: 'north' } }),
            format: fc.option(fc.constantFrom('csv', 'json')),
            compression: fc.constant(null),
            options: fc.constantFrom({}, { delimiter: ';', header: true, columnTypes: { a: 'BIGINT' } }),
          }),
        ),
      ),
      recipes: fc.tuple(
        ...recipes.map((name, index) =>
          fc.record({
            name: fc.constant(name),
            description: fc.option(text),
            sql,
            waitsForSql: fc.constant(false),
            input: fc.constant(index === 0 ? null : { recipe: recipes[index - 1]! }),
            outputs: fc.record({ adhoc: output, scheduled: output }),
          }),
        ),
      ),
      webhookTasks: fc.tuple(
        ...tasks.map((name) => task(recipes).map((rest): CodeTask => ({ name, ...rest }))),
      ),
      schedule: fc.option(
        fc.record({
          name: fc.option(name),
          enabled: fc.boolean(),
          times: fc.constant([{ cron: '30 6 * * 1-5', timezone: 'Europe/Berlin' }]),
          missed: fc.constantFrom('once', 'skip'),
          overlap: fc.constantFrom('skip', 'queue'),
          parameters: fc.array(
            fc.record({ key: fc.constant('region'), value: fc.oneof(text, fc.integer()) }),
            { maxLength: 1 },
          ),
        }),
      ),
    }),
  );

function inFolder<Result>(work: (root: string) => Result): Result {
  const root = mkdtempSync(join(tmpdir(), 'flowhook-code-'));
  try {
    return work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
const sorted = (spec: CodeDocument): CodeDocument => ({
  ...spec,
  datasets: byName(spec.datasets),
  recipes: byName(spec.recipes),
  webhookTasks: byName(spec.webhookTasks),
  parameters: byName(spec.parameters),
});
const bytesOf = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, string] => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('a flow as files', () => {
  it('comes back as it was, in the same bytes', () => {
    fc.assert(
      fc.property(flow, (spec) => {
        inFolder((root) => {
          const write = (each: CodeDocument) =>
            writeFlowFolder(root, { folder: toFileName(each.name), files: writeForm(each), stale: [] });
          write(spec);
          const first = bytesOf(root);
          const { flows, faults } = readFolder(root);
          assert.deepEqual(faults, []);
          assert.deepEqual(
            flows.map((each) => plain(each.spec)),
            [plain(sorted(spec))],
          );
          write(flows[0]!.spec);
          assert.deepEqual(bytesOf(root), first);
        });
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });

  it('has no difference to itself, and to nothing is all new, one line that no text can break out of', () => {
    const choices = {
      env: { HOOK_KEY: 'hidden-value', _x1: 'hidden-value' },
      prune: true,
      sendSecrets: false,
    };
    fc.assert(
      fc.property(flow, (spec) => {
        const stored = toDocument(sorted(spec), () => ({ state: 'stored' })) as FlowDocument;
        const same = planCode(stored, spec, choices);
        assert.deepEqual([same.changes, same.faults], [[], []]);
        const fresh = planCode(null, spec, choices);
        assert.ok(fresh.changes.every(({ action }) => action === 'create'));
        const shown = printPlan(fresh, plainPaint);
        assert.doesNotMatch(shown.join('\n'), /hidden-value/u);
        for (const each of shown) assert.doesNotMatch(each.replaceAll('\t', ''), /\p{Cc}/u);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('gets file names that no system takes for something else', () => {
    const cases: [name: string, file: string][] = [
      ['Nightly sales', 'nightly-sales'],
      ['../../etc/passwd', 'etc-passwd'],
      ['CON', 'con_'],
      ['売上 2026', '売上-2026'],
      ['...', 'unnamed'],
      ['a\u0000b\\c:d', 'a-b-c-d'],
      ['x'.repeat(300), 'x'.repeat(60)],
    ];
    assert.deepEqual(
      cases.map(([given]) => [given, toFileName(given)]),
      cases,
    );
  });
});

describe('the difference of two texts', () => {
  it('shows what goes and comes, with two lines around it', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].join('\n');
    const shown = diffLines(before, before.replace('d', 'D\nE')).map(({ sign, text }) => `${sign}${text}`);
    assert.deepEqual(shown, ['…', ' b', ' c', '-d', '+D', '+E', ' e', ' f', '…']);
  });

  it('is enough to make the second of the first', () => {
    const short = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(short, short, (one, other) => {
        const kept = diffLines(one.join('\n'), other.join('\n')).filter(
          ({ sign }) => sign === '-' || sign === '+',
        );
        const balance = kept.reduce((sum, { sign }) => sum + (sign === '+' ? 1 : -1), 0);
        assert.equal(balance, Math.max(1, other.length) - Math.max(1, one.length));
        assert.equal(kept.length === 0, one.join('\n') === other.join('\n'));
      }),
    );
  });
});
