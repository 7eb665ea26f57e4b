// What is made and checked at start, and what keeps a server from starting.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { personEndpoints } from '@flowhook/contract/person/person';
import { setupEndpoints } from '@flowhook/contract/person/setup';
import { makeClient } from '../test/client.ts';
import { describeOnBoth, type TestDatabase } from '../test/database.ts';
import { testConfig, testPassword } from '../test/server.ts';
import { startApp, type App } from './app.ts';
import { createLog } from './base/log.ts';

const quiet = { log: createLog('silent') };
const nobodyYet = { FLOWHOOK_ADMIN_EMAIL: '', FLOWHOOK_ADMIN_PASSWORD: '' };

describeOnBoth('the start', (make, dialect) => {
  const start = (database: TestDatabase, env: Record<string, string> = {}) =>
    startApp(testConfig(database, env), quiet);

  async function using(work: (database: TestDatabase) => Promise<void>): Promise<void> {
    const database = await make();
    try {
      await work(database);
    } finally {
      await database.remove();
    }
  }

  async function usingApp(
    database: TestDatabase,
    env: Record<string, string>,
    work: (app: App) => Promise<void>,
  ) {
    const app = await start(database, env);
    try {
      await work(app);
    } finally {
      await app.stop();
    }
  }

  const countPeople = async ({ db }: App) =>
    (await db.read.selectFrom('people').select('id').execute()).length;

  it('makes folder and key for their owner alone', () =>
    using(async (database) => {
      const dataDir = join(database.dataDir, 'new', 'data');
      await usingApp(database, { FLOWHOOK_DATA_DIR: dataDir }, async () => undefined);
      assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
      assert.equal((await stat(join(dataDir, 'encryption.key'))).mode & 0o777, 0o600);
    }));

  it('makes the administrator that the settings name, once, with the token', () =>
    using(async (database) => {
      const env = { FLOWHOOK_ADMIN_TOKEN: 'any text' };
      await usingApp(database, env, async (app) => {
        assert.equal(app.setupUrl, null);
        const client = makeClient(() => app.url, { authorization: 'Bearer any text' });
        const { email, role } = await client.call(personEndpoints.current);
        assert.deepEqual([email, role], ['first@example.com', 'administrator']);
      });
      const another = { FLOWHOOK_ADMIN_EMAIL: 'second@example.com' };
      await usingApp(database, another, async (app) => assert.equal(await countPeople(app), 1));
    }));

  it('refuses half an administrator', () =>
    using(async (database) => {
      await assert.rejects(start(database, { FLOWHOOK_ADMIN_PASSWORD: '' }), /set both, or none/u);
      await assert.rejects(start(database, { FLOWHOOK_ADMIN_EMAIL: '' }), /set both, or none/u);
    }));

  it('prints a link that works once, until the next one is printed', () =>
    using(async (database) => {
      let old = '';
      await usingApp(database, nobodyYet, async (app) => {
        old = new URL(app.setupUrl!).searchParams.get('token')!;
      });
      await usingApp(database, nobodyYet, async (app) => {
        const nobody = makeClient(() => app.url, {});
        assert.deepEqual(await nobody.call(setupEndpoints.get), { needed: true });
        const token = new URL(app.setupUrl!).searchParams.get('token')!;
        const person = { email: 'first@example.com', name: 'First', password: testPassword };
        await nobody.refused(setupEndpoints.create, 403, { body: { token: old, ...person } });
        const answers = await Promise.all(
          [1, 2, 3].map((each) => {
            const body = { token, ...person, email: `${each}@example.com` };
            return nobody.send('POST', '/v4/setup', { body });
          }),
        );
        const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
        assert.deepEqual(statuses, [201, 409, 409]);
        const cookie = String(answers.find(({ status }) => status === 201)!.headers['set-cookie']).split(
          ';',
        )[0]!;
        const signedIn = makeClient(() => app.url, { cookie });
        assert.equal((await signedIn.call(personEndpoints.current)).isAdmin, true);
        assert.deepEqual(await nobody.call(setupEndpoints.get), { needed: false });
        assert.equal(await countPeople(app), 1);
        const rows = await app.db.read.selectFrom('workspace_settings').selectAll().execute();
        assert.ok(!JSON.stringify(rows).includes(token));
      });
    }));

  it('refuses another encryption key, and takes the right one in either place', () =>
    using(async (database) => {
      const key = { FLOWHOOK_ENCRYPTION_KEY: 'the key of this test' };
      await usingApp(database, key, async () => undefined);
      const other = { FLOWHOOK_ENCRYPTION_KEY: 'another key of a test' };
      await assert.rejects(start(database, other), /encryption key is not the one/u);
      await assert.rejects(start(database), /encryption key is missing/u);
      assert.equal(existsSync(join(database.dataDir, 'encryption.key')), false);
      await assert.rejects(start(database, { FLOWHOOK_ENCRYPTION_KEY: 'short' }), /at least 16 characters/u);
      await writeFile(join(database.dataDir, 'encryption.key'), `${key.FLOWHOOK_ENCRYPTION_KEY}\n`);
      await usingApp(database, {}, async () => undefined);
    }));

  it('says which address is taken', () =>
    using(async (database) => {
      await usingApp(database, {}, async (app) => {
        const { port } = new URL(app.url);
        const other = await make();
        await assert.rejects(start(other, { PORT: port }), /EADDRINUSE.*set PORT or HOST/su);
        await other.remove();
      });
    }));

  if (dialect === 'sqlite') {
    it('is refused to a second process on the same folder', () =>
      using(async (database) => {
        await usingApp(database, {}, async () => {
          await assert.rejects(start(database), /Another Flowhook has the database/u);
        });
        await usingApp(database, {}, async () => undefined);
      }));
  } else {
    it('takes several nodes on one folder, and none that sees another', () =>
      using(async (database) => {
        const key = { FLOWHOOK_ENCRYPTION_KEY: 'the key of this test' };
        const elsewhere = await mkdtemp(join(tmpdir(), 'flowhook-other-'));
        await usingApp(database, key, async () => {
          await usingApp(database, key, async () => undefined);
          const other = { ...key, FLOWHOOK_DATA_DIR: elsewhere };
          await assert.rejects(start(database, other), /it has no marker.*expected is/su);
          await writeFile(join(elsewhere, 'folder-id'), 'another\n');
          await assert.rejects(start(database, other), /its marker is another, expected is/u);
          await cp(join(database.dataDir, 'folder-id'), join(elsewhere, 'folder-id'));
          await usingApp(database, other, async () => undefined);
        });
        await rm(elsewhere, { recursive: true });
      }));

    it('makes one administrator where several nodes start first at once', () =>
      using(async (database) => {
        const apps = await Promise.all([1, 2, 3].map(() => start(database)));
        assert.equal(await countPeople(apps[0]!), 1);
        await Promise.all(apps.map((app) => app.stop()));
      }));

    it('says that the database can’t be reached, without its password', () =>
      using(async (database) => {
        const gone = { ...database, url: 'postgres://someone:secret@127.0.0.1:1/none' };
        await assert.rejects(start(gone), (error: Error) => {
          assert.match(error.message, /The database at 127\.0\.0\.1:1 can't be used/u);
          assert.ok(!error.message.includes('secret'));
          return true;
        });
      }));
  }
});
