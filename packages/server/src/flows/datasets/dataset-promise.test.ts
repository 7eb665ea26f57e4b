// A new file that can't be held against the promise as a whole is taken, and that is said.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, it } from 'node:test';
import { describeOnBoth, type TestDatabase } from '../../../test/database.ts';
import { makeFlowWorld, type FlowWorld } from '../../../test/flow-world.ts';
import { createDuckDbEngine, type DuckDbOptions } from '../../engine/duckdb/duckdb-engine.ts';
import { replaceFile } from './dataset.ts';

const megabyte = 2 ** 20;

describeOnBoth('a new file', (make) => {
  let database: TestDatabase;
  let world: FlowWorld;
  before(async () => {
    database = await make();
    world = await makeFlowWorld(database);
  });
  after(async () => {
    await world.close();
    await database.remove();
  });

  async function put(name: string, rows: number, bounds: Partial<DuckDbOptions>) {
    const id = await world.addDataset(name, 'id,text\n1,a\n');
    const engine = createDuckDbEngine({ scratchFolder: join(database.dataDir, name), ...bounds });
    const lines = Array.from({ length: rows }, (_, at) => `${at},${'x'.repeat(at % 100)}\n`);
    const stream = Readable.from([Buffer.from(`id,text\n${lines.join('')}`)]);
    try {
      return await replaceFile({ ...world.room, engine }, world.caller, id, {
        file: { name: 'new.csv', stream },
        readInput: async () => ({ newPromise: false }),
      });
    } finally {
      await engine.close();
    }
  }

  it('that takes too long or too much memory to be read is taken with a warning', async () => {
    for (const [name, bounds, why] of [
      ['slow', { previewMs: 1 }, /longer than there is time/u],
      ['large', { poolMemoryBytes: 20 * megabyte }, /more memory than there is/u],
    ] as const) {
      const { dataset, told = [] } = await put(name, 200_000, bounds);
      assert.equal(dataset.file_version, 2);
      assert.match(told.join(' '), why);
      assert.match(told.join(' '), new RegExp(`"${name}" was taken, but not all of it has been held`, 'u'));
    }
  });

  it('that is read whole is taken without a word, however short previews are waited for', async () => {
    const { dataset, told } = await put('whole', 20_000, { previewWaitMs: 1 });
    assert.deepEqual([dataset.file_version, told], [2, []]);
  });
});
