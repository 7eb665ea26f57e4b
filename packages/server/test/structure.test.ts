// The source tree keeps its rules: import line, circles, pure files, names, words, lengths. And each rule can fail.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSource, readSources } from './source-scan.ts';
import { checkStructure } from './structure-rule.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it('the source tree keeps its rules', () => {
  const files = readSources(root);
  assert.ok(files.length > 100, `only ${files.length} files were found`);
  const wrong = checkStructure(files);
  assert.equal(wrong.length, 0, `\n${wrong.join('\n')}\n`);
});

/** Checks a made-up tree; each file gets its opening line unless it brings one. */
function check(tree: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-structure-'));
  try {
    for (const [name, text] of Object.entries(tree)) {
      const path = join(folder, 'packages', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, /^(?:\/\/|#!|\n)/u.test(text) ? text : `// A file.\n${text}`);
    }
    return checkStructure(readSources(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const clean = {
  'server/src/main.ts': '#!/usr/bin/env node\n// Begins.\nimport "./cli/serve.ts";',
  'server/src/cli/serve.ts': "import { start } from '../app.ts';\nstart();",
  'server/src/app.ts': "import { run } from './jobs/runner.ts';\nexport const start = () => run();",
  'server/src/jobs/runner.ts': "import { now } from '../base/clock.ts';\nexport const run = () => now();",
  'server/src/base/clock.ts': 'export const now = () => Date.now();',
  'server/src/base/config.ts': 'export const environment = process.env;',
};

const violations: readonly (readonly [
  name: string,
  tree: Readonly<Record<string, string>>,
  message: RegExp,
])[] = [
  [
    'an import to the left',
    {
      'server/src/base/clock.ts': "import type { Job } from '../jobs/job.ts';",
      'server/src/jobs/job.ts': 'export type Job = 1;',
    },
    /base imports \.\.\/jobs\/job\.ts: jobs is further left.*app\.ts hands in/u,
  ],
  [
    'a room that is not on the line',
    { 'server/src/tools/a.ts': "import '../base/b.ts';", 'server/src/base/b.ts': '' },
    /tools, which is no room/u,
  ],
  [
    'an import to the left inside webhooks',
    {
      'server/src/webhooks/sending/a.ts': "import type { Task } from '../tasks/b.ts';",
      'server/src/webhooks/tasks/b.ts': 'export type Task = 1;',
    },
    /webhooks\/sending imports \.\.\/tasks\/b\.ts: tasks is further left/u,
  ],
  [
    'a file of webhooks in no room',
    { 'server/src/webhooks/a.ts': "import './sending/b.ts';", 'server/src/webhooks/sending/b.ts': '' },
    /webhooks\/a\.ts, which is no room/u,
  ],
  [
    'a full folder',
    Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`server/src/workspace/file-${n}.ts`, ''])),
    /server\/src\/workspace: has 26 source files, 25 at most/u,
  ],
  [
    'an import to the left in the web interface',
    {
      'web/src/parts/frame.tsx': "import { pages } from '../router/page-list.ts';",
      'web/src/router/page-list.ts': 'export const pages = [];',
    },
    /parts imports \.\.\/router\/page-list\.ts: router is further left.*its caller hands in/u,
  ],
  [
    'a room that the web interface has not',
    { 'web/src/hooks/a.ts': "import '../text/b.ts';", 'web/src/text/b.ts': '' },
    /hooks, which is no room.*router, pages, parts, live, api, text/u,
  ],
  [
    'the server in the web interface',
    { 'web/src/api/a.ts': "import '@flowhook/server/src/app.ts';" },
    /web may not import @flowhook\/server/u,
  ],
  [
    'the server in the client',
    { 'client/src/a.ts': "import '@flowhook/server/src/app.ts';" },
    /client may not import @flowhook\/server/u,
  ],
  [
    'the client in the server, but for its commands',
    {
      'server/src/cli/a.ts': "import '@flowhook/client/problem';",
      'server/src/api/b.ts': "import '@flowhook/client/problem';",
    },
    /server\/src\/api\/b\.ts:\d+: only cli\/ may import @flowhook\/client/u,
  ],
  [
    'the client in the contract',
    { 'contract/src/a.ts': "import '@flowhook/client';" },
    /contract may not import @flowhook\/client/u,
  ],
  [
    'a circle',
    {
      'server/src/jobs/a.ts': "import './b.ts';",
      'server/src/jobs/b.ts': "import type { A } from './a.ts';",
    },
    /in a circle: server\/src\/jobs\/a\.ts -> server\/src\/jobs\/b\.ts -> server\/src\/jobs\/a\.ts/u,
  ],
  [
    'a package to the left',
    { 'contract/src/flow.ts': "import '@flowhook/server';" },
    /contract may not import @flowhook\/server/u,
  ],
  [
    'an import from a test folder',
    { 'server/src/base/a.ts': "import '../../test/server.ts';" },
    /outside of its package's src/u,
  ],
  [
    'a barrel',
    { 'server/src/base/all.ts': "export * from './clock.ts';" },
    /passes on another file's exports/u,
  ],
  ['an index file', { 'server/src/base/index.ts': '' }, /the name index says nothing/u],
  ['a folder of utils', { 'server/src/base/utils/a.ts': '' }, /the name utils says nothing/u],
  ['camel case', { 'server/src/base/workLoop.ts': '' }, /workLoop\.ts is not kebab-case/u],
  [
    'no opening line',
    { 'server/src/base/a.ts': '\nexport const a = 1;' },
    /must open with one comment line/u,
  ],
  ['a long file', { 'server/src/base/a.ts': 'void 0;\n'.repeat(300) }, /has 301 lines, 300 at most/u],
  [
    'the environment',
    { 'server/src/jobs/a.ts': "const home = process.env['HOME'];" },
    /jobs\/a\.ts:2: process\.env is read in base\/config\.ts alone/u,
  ],
  [
    'a word of the API',
    { 'server/src/jobs/a.ts': 'export const jobGroupId = 1;' },
    /jobs\/a\.ts:2: jobGroup is the public API's word/u,
  ],
  [
    'a clock in a pure file',
    { 'server/src/jobs/a.ts': '// Pure: a rule.\nDate.now();' },
    /is pure, and Date\.now reads the clock/u,
  ],
  [
    'a clock in a rule',
    { 'server/src/webhooks/deliveries/retry.ts': 'export const at = new Date();' },
    /is pure, and new Date\(\) reads the clock/u,
  ],
  [
    'lots in a pure file',
    { 'server/src/jobs/a.ts': '// Pure: a rule.\nrandomUUID();' },
    /is pure, and randomUUID draws lots/u,
  ],
  [
    'waiting in a pure file',
    { 'server/src/jobs/a.ts': '// Pure: a rule.\nsetTimeout(f);' },
    /is pure, and setTimeout waits/u,
  ],
  [
    'a file read in a pure file',
    { 'server/src/jobs/a.ts': "// Pure: a rule.\nimport { open } from 'node:fs';" },
    /is pure, and node:fs is not/u,
  ],
  [
    'an impure file behind a pure one',
    {
      'server/src/jobs/a.ts': "// Pure: a rule.\nimport { now } from '../base/clock.ts';",
      'server/src/base/clock.ts': '',
    },
    /is pure, and \.\.\/base\/clock\.ts is not/u,
  ],
  [
    'a dialect that is handed around',
    { 'server/src/jobs/a.ts': 'export function claim(tx: Tx, dialect: Dialect): void {}' },
    /jobs\/a\.ts:2: hands the dialect around/u,
  ],
  [
    'a dialect by its names',
    { 'server/src/jobs/a.ts': "export function claim(tx: Tx, engine: 'sqlite' | 'postgres'): void {}" },
    /jobs\/a\.ts:2: hands the dialect around/u,
  ],
  [
    'a lock by hand',
    { 'server/src/jobs/a.ts': '// for update\nawait sql`select * from jobs for no key update`;' },
    /jobs\/a\.ts:2: writes the lock for no key update by hand/u,
  ],
  [
    'a lock of the query builder',
    { 'server/src/jobs/a.ts': "await tx.selectFrom('jobs').forUpdate().execute();" },
    /jobs\/a\.ts:2: writes the lock \.forUpdate\( by hand/u,
  ],
  [
    'a state written beside its door, in SQL',
    {
      'server/src/jobs/a.ts':
        "const end = sql`update jobs set finished_at = 1,\n state = 'failed' where id = ${id}`.execute(tx);",
    },
    /jobs\/a\.ts:2: writes a state of jobs beside its door: call a move of .*job-move\.ts/u,
  ],
  [
    'a state written beside its door, in Kysely',
    {
      'server/src/jobs/a.ts':
        "void tx.updateTable('flow_runs').set({ updated_at: now, state }).where('id', '=', 1).execute();",
    },
    /writes a state of flow_runs beside its door/u,
  ],
  ...(
    [
      [
        "sql`update jobs set name = (select name from x where id = 1), state = 'failed' where id = 1`",
        'jobs',
      ],
      ["sql`update ${sql.table('deliveries')} set state = 'dead' where id = 1`", 'deliveries'],
      ['sql`update flow_runs set "state" = 1`', 'flow_runs'],
      ['sql`update jobs set (name, state) = (select 1, 2) where id = 1`', 'jobs'],
      ['sql`update jobs set cancel_requested = 1 where id = 1`', 'jobs'],
      ["tx.updateTable('jobs').set(changed).where('id', '=', 1).execute()", 'jobs'],
      ["tx.updateTable('jobs').set({ ...(end ? { state } : {}) }).where('id', '=', 1).execute()", 'jobs'],
      ["tx.updateTable('jobs').set({ ...changed }).where('id', '=', 1).execute()", 'jobs'],
    ] as const
  ).map(([write, table]): (typeof violations)[number] => [
    `a state written beside its door, by ${write}`,
    { 'server/src/api/a.ts': `void ${write};` },
    new RegExp(`writes a state of ${table} beside its door`, 'u'),
  ]),
  [
    'a row that is born beside its door',
    { 'server/src/api/a.ts': "void insertMany(tx, { table: 'schedule_occurrences', columns, rows });" },
    /writes a state of schedule_occurrences beside its door/u,
  ],
  [
    'a lease that ends beside its door',
    {
      'server/src/webhooks/deliveries/a.ts':
        'const end = sql`\n update deliveries d set due_at = 0 where id = 1`;',
    },
    /a\.ts:3: writes a state of deliveries beside its door: call a move of .*delivery-move\.ts/u,
  ],
  [
    'what is held beside its door',
    {
      'server/src/webhooks/deliveries/a.ts':
        "void tx.updateTable('deliveries').set({ host, held: 1 }).where('state', '=', 'pending').execute();",
    },
    /writes a state of deliveries beside its door/u,
  ],
  [
    'a delivery that is born beside its door',
    {
      'server/src/webhooks/deliveries/a.ts':
        "const make = sql`insert into deliveries (id, state) values (1, 'dead')`;",
    },
    /writes a state of deliveries beside its door/u,
  ],
];

const schema = 'export interface Schema {\n  jobs: JobsTable;\n}\n';

describe('the rule of tables', () => {
  const found = (tree: Readonly<Record<string, string>>) => check({ ...clean, ...tree });
  const foreign = /flows names the table jobs, which belongs to jobs:.*app\.ts hands in/u;

  const namings: Readonly<Record<string, string>> = {
    'a statement': 'await sql`select id from jobs where id = 1`.execute(db);',
    'a statement with a type': 'sql<{ id: number }>`select 1 from flows f join jobs j on true`;',
    'a part of a statement': 'sql`select ${sql`(select count(*) from jobs)`} as count`;',
    'a raw text': "sql.raw('update jobs set name = 1');",
    'a call': "db.selectFrom('jobs').selectAll();",
    'a joining call': "db.selectFrom('flows').innerJoin('jobs as j', 'j.flow_id', 'flows.id');",
    'a call on a line of its own': "db\n  .deleteFrom(\n    'jobs');",
  };
  for (const [name, text] of Object.entries(namings))
    it(`finds a table of a room further left in ${name}`, () => {
      const wrong = found({ 'server/src/flows/a.ts': text });
      assert.equal(wrong.length, 1, wrong.join('\n'));
      assert.match(wrong[0]!, foreign);
    });

  it('finds one inside of webhooks', () => {
    const [wrong = ''] = found({ 'server/src/webhooks/sending/a.ts': 'sql`select 1 from deliveries`;' });
    assert.match(
      wrong,
      /webhooks\/sending names the table deliveries, which belongs to webhooks\/deliveries/u,
    );
  });

  it('lets the owner, the rooms left of it, migrations and prose name it', () => {
    const statement = 'sql`select 1 from jobs`;';
    const tree = {
      'server/src/jobs/a.ts': statement,
      'server/src/schedules/a.ts': statement,
      'server/src/db/migration/a.ts': statement,
      'server/src/flows/a.ts': "// Away from jobs.\nexport const text = 'It comes from jobs of the flow.';",
    };
    assert.deepEqual(found(tree), []);
  });

  it('finds a table without an owner, and exceptions that nothing needs', () => {
    const wrong = found({ 'server/src/db/schema.ts': schema.replace('}', '  pets: PetsTable;\n}') });
    assert.match(wrong.join('\n'), /pets has no owner: give it one in table-rule\.ts/u);
    assert.match(wrong.join('\n'), /the exception for people in workspace is not needed/u);
    assert.doesNotMatch(wrong.join('\n'), /jobs has no owner/u);
  });
});

describe('the rules', () => {
  it('say nothing of a clean tree', () => assert.deepEqual(check(clean), []));

  for (const [name, tree, message] of violations) {
    it(`find ${name}`, () => {
      const found = check({ ...clean, ...tree });
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, message);
    });
  }

  it('let a file write what is no state, and ask for one', () => {
    const tree = {
      'server/src/jobs/a.ts': `void tx.updateTable('jobs').set({ percent }).where('state', '=', 'running').execute();
        sql\`update jobs set percent = 1 where state = 'running'\`;`,
    };
    assert.deepEqual(check({ ...clean, ...tree }), []);
  });

  it('count the functions that take many arguments, and name each where there are more than ten', () => {
    const declared = 'export function take(a: A, b: Map<B, C>, c: () => void, d = 1, { e, f }: E): void {}\n';
    const arrow = 'const take = async (a, b, c, d, e) => a(b, [c, d], (x) => e, 1, 2);\n';
    const method = 'interface Taker {\n  take(a: A, b: B, c: C, d?: D, ...e: E[]): Promise<void>;\n}\n';
    const fewer = 'export function take(a: A, b: B, { c, d, e }: { c: C; d: D; e: E }, f: [F, G]): void {}\n';
    const tree = (count: number) => ({
      ...clean,
      'server/src/base/a.ts': `${declared.repeat(count - 3)}${fewer}${arrow}${method}${method}`,
    });
    assert.deepEqual(check(tree(10)), []);
    const found = check(tree(11));
    assert.equal(found.length, 11, found.join('\n'));
    assert.match(found[0]!, /a\.ts:2: take has 5 parameters, and 11 functions have 5 or more, 10 at most/u);
    assert.match(found[8]!, /a\.ts:11: take has 5/u);
    assert.match(found[10]!, /a\.ts:16: take has 5/u);
  });

  it('let a statement read where a delivery stands, and write what else is known of it', () => {
    const text = `// Writes.
      sql\`update deliveries set host = 'a', crashes_in_row = 1 where state = 'pending' and held = 0\`;
      sql\`select id from deliveries where state = 'dead'\`;
      void tx.updateTable('deliveries').set({ host: 'a' }).where('held', '=', 1).execute();`;
    assert.deepEqual(check({ ...clean, 'server/src/webhooks/deliveries/a.ts': text }), []);
  });

  it('let a pure file name types of anything, and tests do as they like', () => {
    const tree = {
      'server/src/jobs/a.ts':
        "// Pure: a rule.\nimport { type Now } from '../base/clock.ts';\nimport type { Dir } from 'node:fs';",
      'server/src/base/clock.test.ts': `import '../app.ts';\nprocess.env['A'] = 'jobGroup';${'\n'.repeat(400)}void 0;`,
    };
    assert.deepEqual(check({ ...clean, ...tree }), []);
  });
});

describe('reading a source', () => {
  const blanked: readonly (readonly [string, string])[] = [
    ["const a = 'x//y'; // z", "const a = '    ';     "],
    ['a /* b */ c', 'a         c'],
    ['`a${b + `c${d}`}e`', '` ${b + ` ${d}`} `'],
    ['`a${{ b: 1 }.b}c`', '` ${{ b: 1 }.b} `'],
    ['x = /[\'"`/]/u.test(y)', 'x =          .test(y)'],
    ['a / b / c', 'a / b / c'],
    ["f('it\\'s')", "f('     ')"],
  ];
  for (const [text, bare] of blanked) {
    it(`blanks ${text}`, () => assert.equal(readSource('a.ts', text).bare, bare));
  }

  it('finds imports in every form, and none in comments and strings', () => {
    const text = `import a from 'one';
import {
  type B,
} from 'two';
export { c } from 'three';
// import d from 'four';
const e = \`
import f from 'five';
\`;
const g = await import('six');
import type { H } from 'seven';
import 'eight';
`;
    const found = readSource('a.ts', text).imports.map(({ specifier, typeOnly, line }) => [
      specifier,
      typeOnly,
      line,
    ]);
    assert.deepEqual(found, [
      ['one', false, 1],
      ['two', true, 2],
      ['three', false, 5],
      ['seven', true, 11],
      ['eight', false, 12],
      ['six', false, 10],
    ]);
  });
});
