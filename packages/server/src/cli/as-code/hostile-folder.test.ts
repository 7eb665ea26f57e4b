// Folders made to break things: each is a clear problem with its place, and nothing outside of the folder is read.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { printFault } from './print-plan.ts';
import { readFolder } from './read-folder.ts';

const recipe = 'recipes:\n  - name: totals\n    sql: totals.sql\n';
const task = 'webhookTasks:\n  - name: tell\n    triggerEvent: onJobDone\n';
const withTask = (more: string) => `flow: a\n${task}    url: https://example.com/\n${more}`;

type Case = [what: string, yaml: string | Buffer, says: RegExp];
const cases: Case[] = [
  ['a list', '- flow: a\n', /^a\/flow\.yaml:1:1: must be an object/u],
  ['nothing', '', /must be an object/u],
  ['no name', 'description: x\n', /^a\/flow\.yaml:1:1: flow: is needed/u],
  ['a name that is a number', 'flow: 12\n', /:1:1: flow: must be a text/u],
  ['broken YAML', 'flow: "a\n', /^a\/flow\.yaml:\d+:\d+: .*quote/u],
  ['two documents', 'flow: a\n---\nflow: b\n', /:2:1: .*multiple documents/u],
  ['a field twice', 'flow: a\nflow: b\n', /:2:1: .*unique/u],
  ['an unknown field', 'flow: a\nsurprise: 1\n', /^a\/flow\.yaml:2:1: surprise: is no field/u],
  [
    'an unknown field far down',
    withTask('    condition: {kind: recovered, often: 3}\n'),
    /^a\/flow\.yaml:6:\d+: webhookTasks\[0\]\.condition\.often: is no field/u,
  ],
  ['an anchor', 'flow: &x a\ndescription: b\n', /:1:\d+: anchors/u],
  ['an alias', 'flow: a\ndescription: *x\n', /alias/iu],
  ['a bomb of aliases', bomb(), /anchors/u],
  ['a tag of its own', 'flow: !!js/function "x"\n', /tag/u],
  ['bytes', 'flow: !!binary aGVsbG8=\n', /tag/u],
  ['a prototype', 'flow: a\n__proto__: {description: b}\n', /:2:1: .*__proto__/u],
  ['deep nesting', `flow: ${'['.repeat(50)}${']'.repeat(50)}\n`, /nested deeper than 20/u],
  ['very deep nesting', `flow: ${'['.repeat(200_000)}`, /nested too deeply|flow/u],
  ['more parts than anybody writes', `flow: [${'1,'.repeat(250_000)}]\n`, /more than 200000 parts/u],
  ['no UTF-8', Buffer.from([0x66, 0xff, 0xfe]), /^a\/flow\.yaml: is not UTF-8/u],
  [
    'a way out',
    `flow: a\n${recipe.replace('totals.sql', '../secret.sql')}`,
    /:4:5: recipes\[0\]\.sql: must be the name/u,
  ],
  ['an absolute way', `flow: a\n${recipe.replace('totals.sql', '/etc/passwd.sql')}`, /must be the name/u],
  [
    'a way with backslashes',
    `flow: a\n${recipe.replace('totals.sql', String.raw`..\x.sql`)}`,
    /must be the name/u,
  ],
  ['a hidden file', `flow: a\n${recipe.replace('totals.sql', '.env.sql')}`, /must be the name/u],
  ['another file', `flow: a\n${recipe.replace('totals.sql', 'flow.yaml')}`, /must be the name/u],
  [
    'a file that is not there',
    `flow: a\n${recipe.replace('totals.sql', 'none.sql')}`,
    /:4:5: .*none\.sql is not there/u,
  ],
  ['a link', `flow: a\n${recipe.replace('totals.sql', 'link.sql')}`, /link\.sql is a link/u],
  ['a pipe', `flow: a\n${recipe.replace('totals.sql', 'pipe.sql')}`, /pipe\.sql is no file/u],
  ['a huge file', `flow: a\n${recipe.replace('totals.sql', 'huge.sql')}`, /larger than 1 MiB/u],
  ['an empty file', `flow: a\n${recipe.replace('totals.sql', 'empty.sql')}`, /^a\/empty\.sql: is empty/u],
  [
    'two recipes of one name',
    `flow: a\n${recipe}  - name: TOTALS\n    sql: other.sql\n`,
    /:5:5: recipes\[1\]\.name: "TOTALS" is given twice/u,
  ],
  [
    'two recipes of one file',
    `flow: a\n${recipe}  - name: b\n    sql: totals.sql\n`,
    /SQL of another recipe/u,
  ],
  ['a recipe of nothing', 'flow: a\nrecipes:\n  - name: b\n', /sql: is needed/u],
  [
    'an input that is not there',
    'flow: a\nrecipes:\n  - name: b\n    input: {dataset: c}\n',
    /no dataset named "c"/u,
  ],
  [
    'a task that watches nothing there is',
    withTask('    recipes: [b]\n'),
    /:6:\d+: webhookTasks\[0\]\.recipes\[0\]: The file has no/u,
  ],
  [
    'a secret in the open',
    withTask('    headers: {Authorization: Bearer x}\n'),
    /:6:\d+: webhookTasks\[0\]\.headers\.Authorization: is a secret/u,
  ],
  [
    'a secret for a source',
    withTask('    secretKeyFrom: mySecret\n'),
    /secretKeyFrom: must be `stored`, or an environment/u,
  ],
  ['the word for a secret of the API', withTask('    secretKey: mySecret\n'), /secretKey: is no field/u],
  [
    'an unknown event',
    `flow: a\n${task.replace('onJobDone', 'always')}    url: https://a\n`,
    /triggerEvent: must be one of/u,
  ],
  ['no target', `flow: a\n${task}`, /url: is needed/u],
  ['two targets', withTask('    runs: {flow: b, recipe: c}\n'), /does not stand beside/u],
  ['a text that is a number', 'flow: a\nparameters:\n  - {name: v, default: 1.0}\n', /put it in quotes/u],
  [
    'a default of another type',
    'flow: a\nparameters:\n  - {name: v, type: date, default: soon}\n',
    /must be a date/u,
  ],
  ['a dataset without an address', 'flow: a\ndatasets:\n  - name: d\n', /uri: is needed/u],
  ['a schedule without times', 'flow: a\nschedule: {times: []}\n', /times: must not be empty/u],
];

/** Nine levels of nine aliases each: a billion of them, if anybody followed. */
function bomb(): string {
  const level = (index: number) =>
    `${'abcdefghi'[index]!}: &${'abcdefghi'[index]!} [${Array(9)
      .fill(index === 0 ? 'x' : `*${'abcdefghi'[index - 1]!}`)
      .join(', ')}]`;
  return `flow: a\n${[...Array(9).keys()].map(level).join('\n')}\n`;
}

describe('a hostile folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'flowhook-hostile-'));
    mkdirSync(join(root, 'a'));
    for (const name of ['totals', 'other']) writeFileSync(join(root, 'a', `${name}.sql`), 'select 1\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const faultsOf = () => {
    const { flows, faults } = readFolder(root);
    assert.equal(flows.length, 0);
    return faults.map(printFault);
  };

  for (const [what, yaml, says] of cases)
    it(`is refused with ${what}`, () => {
      const at = (name: string) => join(root, 'a', name);
      symlinkSync('/etc/passwd', at('link.sql'));
      execFileSync('mkfifo', [at('pipe.sql')]);
      writeFileSync(at('huge.sql'), 'x');
      truncateSync(at('huge.sql'), 2 ** 33);
      writeFileSync(at('empty.sql'), ' \n');
      writeFileSync(at('flow.yaml'), yaml);
      const faults = faultsOf();
      assert.ok(
        faults.some((fault) => says.test(fault)),
        faults.join('\n'),
      );
      assert.ok(faults.join('').length < 10_000);
      assert.doesNotMatch(faults.join(''), /root:/u);
    });

  it('is refused with a flow.yaml that is a link or too large', () => {
    symlinkSync('/etc/passwd', join(root, 'a/flow.yaml'));
    mkdirSync(join(root, 'b'));
    writeFileSync(join(root, 'b/flow.yaml'), 'flow: b');
    truncateSync(join(root, 'b/flow.yaml'), 2 ** 33);
    assert.deepEqual(faultsOf(), [
      'a/flow.yaml: is a link: links are not followed.',
      'b/flow.yaml: is larger than 16 MiB.',
    ]);
  });

  it('is refused with a folder that is a link, and passes over what is no flow', () => {
    const outside = mkdtempSync(join(tmpdir(), 'flowhook-outside-'));
    writeFileSync(join(outside, 'flow.yaml'), 'flow: outside\n');
    symlinkSync(outside, join(root, 'linked'));
    for (const hidden of ['.git', 'notes']) mkdirSync(join(root, hidden));
    writeFileSync(join(root, '.git/flow.yaml'), 'flow: hidden\n');
    assert.match(faultsOf().join('\n'), /^linked: is a link/u);
    rmSync(outside, { recursive: true });
  });

  it('names both folders of one flow', () => {
    for (const folder of ['x', 'y']) {
      mkdirSync(join(root, folder));
      writeFileSync(join(root, folder, 'flow.yaml'), 'flow: same\n');
    }
    const { faults } = readFolder(root);
    assert.deepEqual(faults.map(printFault), [
      'y/flow.yaml:1:1: flow: "same" is the flow of x/flow.yaml, too.',
    ]);
    assert.equal(dirname(faults[0]!.file), 'y');
  });
});
