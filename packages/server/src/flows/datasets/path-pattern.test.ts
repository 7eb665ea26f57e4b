// Patterns of datasets: which files fit, which folder is fixed, and that no value leads out of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'node:test';
import type { Parameter } from '../../engine/engine.ts';
import { createLocations, type Locations } from './location.ts';
import { findFixedFolder, fitsPattern, type FileChoice } from './path-pattern.ts';

describe('the fixed folder of a pattern', () => {
  const table: [string, string][] = [
    ['/data/in/*.csv', '/data/in'],
    ['/data/{region}/x.csv', '/data'],
    ['/data/*/x.csv', '/data'],
    ['/data/in/{run.date:%Y/%m}.csv', '/data/in'],
    ['/data/in/x.csv', '/data/in'],
  ];
  for (const [path, folder] of table) it(path, () => assert.equal(findFixedFolder(path), folder));
});

describe('files that fit a pattern', () => {
  let folder: string;
  let root: string;
  let locations: Locations;
  const region: Parameter = { name: 'region', type: 'text', value: 'north' };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-pattern-'));
    root = join(folder, 'root');
    const files = {
      'root/north/sales-1.csv': 3000,
      'root/north/sales-2.csv': 2000,
      'root/north/.sales-3.csv': 9000,
      'root/north/sales-4.csv.tmp': 9000,
      'root/south/sales-1.csv': 1000,
      'root/2026-03/x.csv': 1000,
      'root/north/a+b(1).csv': 1000,
      'root/parts/x-1.csv': 1000,
      'root/parts/x-2.csv': 2000,
      'root/parts/x-*.csv': 500,
      'root/parts/x-a*b.csv': 500,
      [`root/parts/${'a'.repeat(60)}`]: 500,
      'outside/secret.csv': 5000,
    };
    for (const [path, seconds] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), 'a\n1\n');
      await utimes(join(folder, path), seconds, seconds);
    }
    await mkdir(join(root, 'north/sales-folder.csv'));
    await mkdir(join(root, 'linked'));
    await symlink(join(folder, 'outside'), join(root, 'linked/out'));
    locations = createLocations({ dataDir: join(folder, 'data'), dataRoots: [root] });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const find = async (
    path: string,
    files: FileChoice = 'all',
    parameters = [region] as const,
    defaults = {},
  ) => {
    const uri = pathToFileURL(join(root, path)).href;
    const found = await locations.resolvePattern(uri, { files, defaults }, parameters);
    return found.map((file) => file.path.slice(root.length + 1));
  };

  it('come by name; folders and what begins with a dot are left out', async () => {
    assert.deepEqual(await find('north/sales-*.csv'), ['north/sales-1.csv', 'north/sales-2.csv']);
    assert.deepEqual(await find('*/sales-1.csv'), ['north/sales-1.csv', 'south/sales-1.csv']);
    assert.deepEqual(await find('north/nothing-*.csv'), []);
    assert.deepEqual(await find('north/a+b(*).csv'), ['north/a+b(1).csv'], 'signs stand for themselves');
  });

  it('are the one that was written last where that is asked', async () => {
    assert.deepEqual(await find('north/sales-*.csv', 'newest'), ['north/sales-1.csv']);
  });

  it('take parameters and dates, and defaults where the flow has no parameter of the name', async () => {
    assert.deepEqual(await find('{region}/sales-2.csv'), ['north/sales-2.csv']);
    const date = { name: 'run.date', type: 'date', value: '2026-03-29' } as const;
    assert.deepEqual(await find('{run.date:%Y-%m}/*.csv', 'all', [date]), ['2026-03/x.csv']);
    assert.deepEqual(await find('{part}/sales-1.csv', 'all', [region], { part: 'south' }), [
      'south/sales-1.csv',
    ]);
    await assert.rejects(find('{nobody}/*.csv'), /No parameter is named "nobody"/u);
  });

  it('are not chosen by a star in a value: it is a character', async () => {
    const part = (value: string) => [{ name: 'part', type: 'text', value }] as const;
    assert.deepEqual(await find('parts/x-{part}.csv', 'all', part('*')), ['parts/x-*.csv']);
    assert.deepEqual(await find('parts/x-{part}.csv', 'all', part('**')), []);
    assert.deepEqual(await find('parts/x-{part}.csv', 'newest', part('a*b')), ['parts/x-a*b.csv']);
    assert.deepEqual(await find('parts/*-{part}.csv', 'all', part('*')), ['parts/x-*.csv']);
    assert.deepEqual(await find('parts/{part}*.csv', 'all', part('*')), []);
    assert.deepEqual(await find('{part}/x-1.csv', 'all', part('*')), []);
    assert.deepEqual(await find('parts/x-{part}.csv', 'all', [region], { part: '*' }), ['parts/x-*.csv']);
    assert.deepEqual(await find(`parts/${'*a'.repeat(11)}*ax`), []);
    const many = part('*a'.repeat(60));
    assert.deepEqual(await find('parts/x-{part}.csv', 'all', many), []);
    await assert.rejects(find('parts/x-{part}.csv', 'all', part('\0')), /can't stand in a path/u);
  });

  it('lie in the allowed folders, whatever a value or a link says', async () => {
    for (const value of ['..', '../outside', '/etc', 'north/..', '.'])
      await assert.rejects(find('{region}/*.csv', 'all', [{ ...region, value }]), /can't stand in a path/u);
    await assert.rejects(find('linked/*/secret.csv'), /not in a folder that datasets may be read from/u);
    await assert.rejects(async () =>
      locations.checkPattern(pathToFileURL(join(folder, 'outside/*.csv')).href),
    );
    assert.ok(locations.checkPattern(pathToFileURL(join(root, 'north/*.csv')).href).startsWith('file://'));
  });
});

describe('a name and a pattern', () => {
  const table: [string, string, boolean][] = [
    ['*', '', true],
    ['*', 'x', true],
    ['a*', 'a', true],
    ['*a', 'a', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['ab*bc', 'abc', false],
    ['ab*bc', 'abbc', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'acb', false],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'aba', false],
    ['*.csv', 'x.csv.tmp', false],
    ['a.c*', 'abc', false],
    ['a**b', 'ab', true],
    ['*a*b', 'bab', true],
    ['x*aa*a', 'xaaa', true],
    ['x*aa*aa', 'xaaa', false],
  ];
  for (const [pattern, name, fits] of table)
    it(`${pattern} and ${name}: ${fits}`, () => assert.equal(fitsPattern(name, pattern.split(/\*+/u)), fits));

  it('take time by their lengths', { timeout: 60_000 }, () => {
    // In a process of its own: a matcher that tries again what did not fit would never come back.
    const script = `
      const { fitsPattern } = await import(${JSON.stringify(new URL('./path-pattern.ts', import.meta.url).href)});
      const makers = [
        (n) => '*a'.repeat(n) + 'x', (n) => '*a'.repeat(n) + '*x*', (n) => '*aa'.repeat(n / 2) + '*b*',
        (n) => '*a*'.repeat(n), (n) => '*' + 'ab*'.repeat(n) + 'c',
      ];
      const measure = (make, n) => {
        const name = 'a'.repeat(n);
        const texts = make(n).split(/\\*+/u);
        const rounds = [1, 2, 3, 4, 5].map(() => {
          const from = process.cpuUsage();
          for (let again = 0; again < 10; again += 1) fitsPattern(name, texts);
          return process.cpuUsage(from).user;
        });
        return Math.min(...rounds);
      };
      console.log(JSON.stringify(makers.map((make) => [50_000, 100_000, 200_000].map((n) => measure(make, n)))));`;
    const child = spawnSync(
      process.execPath,
      ['--conditions=flowhook-source', '--input-type=module', '-e', script],
      {
        timeout: 50_000,
        encoding: 'utf8',
      },
    );
    assert.equal(child.status, 0, child.stderr);
    for (const [small, middle, large] of JSON.parse(child.stdout) as [number, number, number][]) {
      // Sixteen times is what a quadratic matcher takes from the first to the last; below 20 ms the clock decides.
      assert.ok(large < 8 * Math.max(small, 20_000), `${small}, ${middle}, ${large} µs`);
    }
  });
});
