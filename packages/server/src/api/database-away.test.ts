// While the database can't be used, callers are told to come again, and the process says that it is not ready.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from 'pg';
import { startApp, type App } from '../app.ts';
import { createLog } from '../base/log.ts';
import { isDatabaseAway } from '../db/database-away.ts';
import { makeClient, type Client as ApiClient } from '../../test/client.ts';
import { makeTestDatabase, type TestDatabase } from '../../test/database.ts';
import { postgresUrl } from '../../test/postgres-server.ts';
import { testConfig } from '../../test/server.ts';
import { startSilentProxy, type SilentProxy } from '../../test/silent-proxy.ts';
import { until } from '../../test/wait.ts';

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;

describe('A database that can’t be used', { skip }, () => {
  let test: TestDatabase;
  let proxy: SilentProxy;
  let app: App;
  let client: ApiClient;
  before(async () => {
    test = await makeTestDatabase('postgres');
    proxy = await startSilentProxy(test.url!);
    const env = { DATABASE_URL: proxy.through(test.url!), FLOWHOOK_ADMIN_TOKEN: 'away-token' };
    app = await startApp(testConfig(test, env), { log: createLog('silent') });
    client = makeClient(() => app.url, { authorization: 'Bearer away-token' });
  });
  after(async () => {
    proxy.close();
    await app.stop();
    await test.remove();
  });

  const create = () => client.send('POST', '/v4/flows', { body: { name: 'One' } });
  const isReady = async () => (await client.send('GET', '/readyz')).status === 200;

  it('for changes is told by 503 with Retry-After, and by /readyz', async () => {
    assert.equal((await create()).status, 201);
    const name = new URL(test.url!).pathname.slice(1);
    await runOn(postgresUrl()!, `alter database ${name} set default_transaction_read_only = on`);
    proxy.cut();
    await until(async () => !(await isReady()), 'it is not ready');
    const refused = await create();
    assert.equal(refused.status, 503, refused.text);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    await runOn(postgresUrl()!, `alter database ${name} reset default_transaction_read_only`);
    proxy.cut();
    await until(isReady, 'it is ready again', 30_000);
    assert.equal((await create()).status, 201);
  });

  it('at all is told by 503, too', async () => {
    proxy.close();
    const refused = await client.send('GET', '/v4/flows?name=never-asked-before');
    assert.equal(refused.status, 503, refused.text);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal(await isReady(), false);
  });
});

it('A full disk takes a server on SQLite out, until there is room', async (context) => {
  const test = await makeTestDatabase('sqlite');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', test.dataDir], { stdio: 'pipe' });
  } catch {
    await test.remove();
    return context.skip('no file system can be mounted here');
  }
  const app = await startApp(testConfig(test, {}), { log: createLog('silent') });
  try {
    const client = makeClient(() => app.url, {});
    const readDatabase = async () => {
      const { status, json } = await client.send('GET', '/readyz');
      const { checks } = json as { checks: { database: { ok: boolean; detail: string } } };
      return [status, checks.database.ok, checks.database.detail];
    };
    assert.deepEqual(await readDatabase(), [200, true, 'sqlite']);
    const full = join(test.dataDir, 'full');
    await assert.rejects(writeFile(full, Buffer.alloc(2 ** 25)), { code: 'ENOSPC' });
    assert.deepEqual(await readDatabase(), [503, false, 'its disk is full: nothing can be kept']);
    await rm(full);
    assert.deepEqual(await readDatabase(), [200, true, 'sqlite']);
  } finally {
    await app.stop();
    execFileSync('umount', ['-l', test.dataDir]);
    await test.remove();
  }
});

describe('errors of a database', () => {
  it('are told from faults of a statement', () => {
    const withCode = (code: string) => Object.assign(new Error('no'), { code });
    for (const code of [
      'SQLITE_READONLY',
      'SQLITE_FULL',
      'SQLITE_IOERR_WRITE',
      '57P01',
      '25006',
      '08006',
      'ECONNREFUSED',
    ])
      assert.equal(isDatabaseAway(withCode(code)), true, code);
    for (const code of ['SQLITE_CONSTRAINT_UNIQUE', '23505', '42601', 'ENOENT', 'ENOSPC'])
      assert.equal(isDatabaseAway(withCode(code)), false, code);
    assert.equal(isDatabaseAway(new Error('timeout exceeded when trying to connect')), true);
    assert.equal(isDatabaseAway(new TypeError('x is not a function')), false);
  });
});

async function runOn(url: string, text: string): Promise<void> {
  const database = new Client({ connectionString: url });
  await database.connect();
  await database.query(text);
  await database.end();
}
