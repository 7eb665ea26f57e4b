// A schedule whose time ends the server is set aside at the third time; those beside it fire, and the server stays up.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { crashMark } from '../../test/crash-stage.ts';
import { inCrashWorld } from '../../test/crash-world.ts';
import { describeOnBoth } from '../../test/database.ts';
import type { ProcessWorld } from '../../test/process-world.ts';
import { until } from '../../test/wait.ts';
import { openDatabase } from '../db/open-database.ts';

/** A start of the server takes long on a busy machine, and there are four. */
const patienceMs = 240_000;
const neighbours = 2;

describeOnBoth('A schedule that ends the server', (make) => {
  it('is set aside at the third time, shown and counted; its neighbours fire', () =>
    inCrashWorld(make, async ({ world, database, file, supervise }) => {
      const marked = await makeScheduled(world, crashMark);
      const sound: number[] = [];
      while (sound.length < neighbours) sound.push(await makeScheduled(world, 'harmless'));
      await world.kill();
      await writeFile(file, 'fire');
      await makeDue([marked, ...sound], { url: database.url, dataDir: join(world.folder, 'data') });
      await world.start();
      const supervisor = supervise();
      const occurrences = async (id: number) =>
        (await world.client.call(schedules.occurrences, { params: { id } })).data;
      const isOnRecord = (id: number) => async () =>
        occurrences(id).then(
          (data) => data.length > 0,
          () => false,
        );
      for (const id of [...sound, marked])
        await until(isOnRecord(id), `what came of schedule ${id}`, patienceMs);
      const [aside] = await occurrences(marked);
      assert.deepEqual([aside!.state, aside!.reason], ['failed', 'crashes']);
      for (const id of sound) assert.equal((await occurrences(id))[0]!.state, 'launched');
      assert.equal(supervisor.stop(), 3, 'ends of the server');
      const shown = await world.client.call(schedules.get, { params: { id: marked } });
      assert.equal(shown.enabled, false);
      assert.match(shown.disableReason!, /three times in a row/u);
      assert.equal(await readGauge(world), 1);
      // Mended, and enabled by a person.
      await rm(file);
      await world.client.call(schedules.enable, { params: { id: marked } });
      assert.equal(await readGauge(world), 0);
      await world.kill();
      await makeDue([marked], { url: database.url, dataDir: join(world.folder, 'data') });
      await world.start();
      await until(async () => (await occurrences(marked)).length === 2, 'it fires again', patienceMs);
      assert.equal((await occurrences(marked))[0]!.state, 'launched');
    }));
});

/** Once a year; the value of its parameter is what the hook knows it by. */
async function makeScheduled({ client }: ProcessWorld, value: string): Promise<number> {
  const { id: flowId } = await client.call(flows.create, { body: { name: 'Scheduled' } });
  const parameter = { name: 'mark', defaultValue: '' };
  await client.call(parameters.create, { params: { id: flowId }, body: parameter });
  const recipe = { name: 'r', flow: { id: flowId }, sql: 'select 1 as a' };
  const { id } = await client.call(recipes.create, { body: recipe });
  await client.call(outputs.create, { body: { flowNodeId: id, isAdhoc: false, profiler: false } });
  const runParameters = { overrides: { data: [{ key: 'mark', value }] } };
  const triggers = [{ timeBased: { cron: { expression: '0 0 1 1 *' } } }];
  const tasks = [{ runFlow: { flowId, runParameters } }];
  return (await client.call(schedules.create, { body: { triggers, tasks } })).id;
}

/** Changes the database while no server runs on it. */
async function makeDue(ids: readonly number[], place: { url: string | null; dataDir: string }) {
  const db = await openDatabase({ ...place, nodeName: 'test', onError: console.error });
  const due = Date.now();
  await db.transaction((tx) =>
    tx.updateTable('schedules').set({ next_at: due }).where('id', 'in', ids).execute(),
  );
  await db.close();
}

async function readGauge({ client }: ProcessWorld): Promise<number> {
  const { text } = await client.send('GET', '/metrics');
  return Number(/^flowhook_schedules_crashed (\d+)$/mu.exec(text)?.[1]);
}
