// A file that is swapped for a link between its judging and its reading: never one byte from outside the allowed folders.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  csvDataset,
  failed,
  makeBench,
  makePlan,
  makeQuery,
  type Bench,
} from '../../../test/engine-fixture.ts';
import { createDuckDbEngine, type DuckDbEngine } from '../../engine/duckdb/duckdb-engine.ts';
import { noWalls } from '../../engine/duckdb/wall/wall.ts';
import { createLocations } from './location.ts';

const secret = 'a\nsecret-bytes\n';

for (const walled of [true, false])
  void describe(`swapped files, ${walled ? 'with the walls of this machine' : 'without walls'}`, () => {
    let bench: Bench;
    let engine: DuckDbEngine;
    let root: string;
    let dataDir: string;

    before(async () => {
      bench = await makeBench();
      root = join(bench.folder, 'root');
      dataDir = join(bench.folder, 'data');
      const { mayRead } = createLocations({ dataDir, dataRoots: [root] });
      const walls = walled ? bench.walls : noWalls('off');
      engine = createDuckDbEngine({ walls, mayRead, scratchFolder: `${dataDir}/scratch` });
      await mkdir(join(dataDir, 'datasets/other'), { recursive: true });
      await mkdir(join(bench.folder, 'outside'));
      for (const path of ['data/encryption.key', 'data/datasets/other/drop.csv', 'outside/drop.csv'])
        await writeFile(join(bench.folder, path), secret);
    });
    beforeEach(async () => {
      await rm(root, { recursive: true, force: true });
      await mkdir(join(root, 'sub'), { recursive: true });
      await writeFile(join(root, 'drop.csv'), 'a\nplain\n');
      await writeFile(join(root, 'sub/drop.csv'), 'a\nplain\n');
    });
    after(async () => {
      await engine.close();
      await bench.remove();
    });

    const dataset = (path: string) => csvDataset('d', join(root, path), { a: 'VARCHAR' });

    /** Everything that the run and its folder hold. */
    async function runJob(path: string): Promise<string> {
      const plan = makePlan(bench, 'FROM d', [dataset(path)], { folder: join(dataDir, 'jobs/1/1') });
      const result = await engine.write(plan);
      const files = result.state === 'complete' ? await readdir(plan.folder) : [];
      const texts = await Promise.all(files.map((name) => readFile(join(plan.folder, name), 'utf8')));
      await rm(plan.folder, { recursive: true, force: true });
      return JSON.stringify([result, texts]);
    }

    const targets = ['data/encryption.key', 'data/datasets/other/drop.csv', 'outside/drop.csv'];
    for (const target of targets)
      void it(`are not read by a job once they lead to ${target}`, async () => {
        assert.match(await runJob('drop.csv'), /plain/u);
        await rm(join(root, 'drop.csv'));
        await symlink(join(bench.folder, target), join(root, 'drop.csv'));
        const said = await runJob('drop.csv');
        assert.doesNotMatch(said, /secret-bytes/u);
        assert.match(said, /"reason":"input_changed".*leads out of the folders/u);
        const seen = await engine.preview(makeQuery('FROM d', dataset('drop.csv')), { asker: 1, limit: 9 });
        assert.equal(!seen.ok && seen.failure.reason, 'input_changed');
        const found = await engine.inspect({ files: dataset('drop.csv').files }, { asker: 1 });
        assert.equal(!found.ok && found.failure.reason, 'input_changed');
      });

    void it('are not read where a folder above has become a link', async () => {
      assert.match(await runJob('sub/drop.csv'), /plain/u);
      await rm(join(root, 'sub'), { recursive: true });
      await symlink(join(bench.folder, 'outside'), join(root, 'sub'));
      const said = await runJob('sub/drop.csv');
      assert.doesNotMatch(said, /secret-bytes/u);
      assert.match(said, /"reason":"input_changed"/u);
    });

    void it('are read through a link that stays inside', async () => {
      await rm(join(root, 'drop.csv'));
      await symlink(join(root, 'sub/drop.csv'), join(root, 'drop.csv'));
      assert.match(await runJob('drop.csv'), /plain/u);
    });

    void it('are missing where a pipe has come under the name: nobody waits for a writer', async () => {
      await rm(join(root, 'drop.csv'));
      execFileSync('mkfifo', [join(root, 'drop.csv')]);
      const plan = makePlan(bench, 'FROM d', [dataset('drop.csv')], { folder: join(dataDir, 'jobs/2/1') });
      assert.equal(failed(await engine.write(plan)).reason, 'input_missing');
    });

    void it('never show a byte while they are swapped all the time', async () => {
      const drop = join(root, 'drop.csv');
      let over = false;
      let swaps = 0;
      const swapping = (async () => {
        while (!over) {
          await symlink(join(bench.folder, targets[swaps % targets.length]!), join(root, 'link'));
          await rename(join(root, 'link'), drop);
          await writeFile(join(root, 'file'), 'a\nplain\n');
          await rename(join(root, 'file'), drop);
          swaps += 1;
        }
      })();
      const said: string[] = [];
      for (let round = 0; round < 25; round += 1) {
        const seen = await engine.preview(makeQuery('FROM d', dataset('drop.csv')), {
          asker: round,
          limit: 9,
        });
        said.push(JSON.stringify(seen));
      }
      said.push(await runJob('drop.csv'), await runJob('drop.csv'));
      over = true;
      await swapping;
      assert.ok(swaps > 25, String(swaps));
      for (const text of said) {
        assert.doesNotMatch(text, /secret-bytes/u);
        assert.match(text, /plain|"input_changed"|"input_missing"/u);
      }
    });
  });
