// An older copy of the database is put back, with the folders kept: no id comes twice, and no output is overwritten.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import SqliteConnection from 'better-sqlite3';
import { Client as PostgresClient } from 'pg';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { webhookDeliveryEndpoints as deliveries } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { Dialect } from './db/dialect.ts';
import type { Client } from '../test/client.ts';
import { describeOnBoth, type TestDatabase } from '../test/database.ts';
import { byFullness } from '../test/full.ts';
import { postgresUrl } from '../test/postgres-server.ts';
import { processSettings, startServerProcess, type ServerProcess } from '../test/server-process.ts';
import { until } from '../test/wait.ts';

interface Made {
  readonly flowId: number;
  readonly recipeId: number;
}

/** What people and receivers have seen. */
interface Seen {
  readonly flows: number;
  readonly jobs: number;
  readonly deliveries: number;
}

async function makeFlow(client: Client): Promise<Made> {
  const { id: flowId } = await client.call(flows.create, { body: { name: 'Restored' } });
  const recipe = { name: 'numbers', flow: { id: flowId }, sql: "select 'before' as word" };
  const { id: recipeId } = await client.call(recipes.create, { body: recipe });
  const writeSettings = [{ path: 'numbers.csv', action: 'create', format: 'csv' }] as const;
  const output = { flowNodeId: recipeId, profiler: false, writeSettings: [...writeSettings] };
  await client.call(outputs.create, { body: output });
  const task = { name: 'tell', url: 'https://receiver.invalid/', method: 'post' } as const;
  const when = { triggerEvent: 'onJobDone', triggerObject: 'any' } as const;
  await client.call(tasks.create, { body: { ...task, ...when, flowId } });
  return { flowId, recipeId };
}

/** A job of the engine with its file, one of an external program, and a flow. */
async function goOn(client: Client, { flowId, recipeId }: Made): Promise<Seen> {
  const { id } = await client.call(jobs.create, { body: { wrangledDataset: { id: recipeId } } });
  const status = () => client.call(jobs.status, { params: { id } });
  await until(async () => (await status()) === 'Complete', 'the job completes', 60_000);
  const one = await client.call(external.create, { body: { flow: { id: flowId } } });
  await client.call(external.change, { params: { id: one.id }, body: { status: 'Complete' } });
  const { id: other } = await client.call(flows.create, { body: { name: 'Another' } });
  const { data } = await client.call(deliveries.list, { query: { sort: '-id', limit: 1 } });
  return { flows: other, jobs: one.id, deliveries: data[0]!.id };
}

const readOutputs = (dataDir: string) =>
  Object.fromEntries(
    readdirSync(join(dataDir, 'outputs')).map((name) => [
      name,
      readFileSync(join(dataDir, 'outputs', name), 'utf8'),
    ]),
  );

/** Copies the database as it is. A template must not be in use; SQLite's copy is one statement. */
async function copyDatabase({ url, dataDir }: TestDatabase): Promise<void> {
  if (url === null) {
    const database = new SqliteConnection(join(dataDir, 'flowhook.db'), { readonly: true });
    database.prepare('vacuum into ?').run(join(dataDir, 'copy.db'));
    database.close();
  } else await onServer(`create database ${nameOf(url)}_copy template ${nameOf(url)}`);
}

async function restoreDatabase({ url, dataDir }: TestDatabase): Promise<void> {
  if (url === null) {
    for (const ending of ['', '-wal', '-shm']) rmSync(join(dataDir, `flowhook.db${ending}`), { force: true });
    copyFileSync(join(dataDir, 'copy.db'), join(dataDir, 'flowhook.db'));
  } else {
    await onServer(`drop database ${nameOf(url)} with (force)`);
    await onServer(`alter database ${nameOf(url)}_copy rename to ${nameOf(url)}`);
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

async function onServer(text: string): Promise<void> {
  const client = new PostgresClient({ connectionString: postgresUrl()! });
  await client.connect();
  await client.query(text);
  await client.end();
}

type Signal = 'SIGTERM' | 'SIGKILL';

async function end(server: ServerProcess, signal: Signal): Promise<void> {
  server.child.kill(signal);
  await server.ended;
}

/** Each costs four starts of a server. */
const signalsOf: Readonly<Record<Dialect, readonly Signal[]>> = {
  sqlite: ['SIGKILL'],
  postgres: ['SIGTERM'],
};
const allSignals: readonly Signal[] = ['SIGKILL', 'SIGTERM'];

describeOnBoth('An older copy of the database that is put back', (make, dialect) => {
  for (const signal of byFullness(allSignals, signalsOf[dialect]))
    it(`behind a server that ended by ${signal} gives no id again and overwrites no output`, async () => {
      const database = await make();
      const { dataDir } = database;
      const start = () => startServerProcess(processSettings(dataDir, database.url));
      let server = await start();
      try {
        const made = await makeFlow(server.client);
        await goOn(server.client, made);
        await end(server, 'SIGTERM');
        await copyDatabase(database);
        server = await start();
        const seen = await goOn(server.client, made);
        const written = readOutputs(dataDir);
        assert.equal(Object.keys(written).length, 2);
        await end(server, signal);
        await restoreDatabase(database);
        server = await start();
        assert.match(server.output(), /an older copy than its folder has seen/u);
        const sql = "select 'after' as word";
        await server.client.call(recipes.change, { params: { id: made.recipeId }, body: { sql } });
        const later = await goOn(server.client, made);
        for (const name of ['flows', 'jobs', 'deliveries'] as const)
          assert.ok(later[name] > seen[name] + 1, `${name}: ${later[name]} after ${seen[name]}`);
        const now = readOutputs(dataDir);
        for (const [name, text] of Object.entries(written)) assert.equal(now[name], text);
        assert.deepEqual(
          Object.entries(now).flatMap(([name, text]) => (name in written ? [] : [text])),
          ['word\nafter\n'],
        );
        // Ended in any way, what is not older goes on where it was.
        await end(server, signal);
        server = await start();
        assert.doesNotMatch(server.output(), /an older copy/u);
        assert.equal((await goOn(server.client, made)).jobs, later.jobs + 2);
      } finally {
        await server.kill();
        await database.remove();
      }
    });
});
