// A real server for tests: on a free port, with a data folder of its own, and signed-in clients of every role.
import { randomUUID } from 'node:crypto';
import type { Dialect } from '../src/db/dialect.ts';
import { startApp, type App } from '../src/app.ts';
import { readConfig } from '../src/base/config-source.ts';
import type { Config } from '../src/base/config.ts';
import { createLog } from '../src/base/log.ts';
import { insertToken } from '../src/people/access-token.ts';
import { insertAccount } from '../src/people/account.ts';
import type { Role } from '../src/people/caller.ts';
import { hashPassword } from '../src/people/password.ts';
import { makeClient, type Client } from './client.ts';
import { makeTestDatabase, type TestDatabase } from './database.ts';

export interface TestPerson extends Client {
  readonly id: number;
  readonly email: string;
  readonly token: string;
}

export interface TestServer {
  /** The app of now: another one after `restart`. */
  readonly app: App;
  readonly url: string;
  readonly database: TestDatabase;
  readonly administrator: TestPerson;
  readonly author: TestPerson;
  readonly viewer: TestPerson;
  /** Not signed in. */
  readonly nobody: Client;
  /** The lines of the log, parsed, the newest last. */
  readonly log: readonly Record<string, unknown>[];
  addPerson(role: Role): Promise<TestPerson>;
  /** A client that sends these headers. */
  client(headers: Record<string, string>): Client;
  restart(env?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

/** The password of everybody whom a test server makes. */
export const testPassword = 'a password for tests';

/** Starts a server; `env` holds further settings by their environment names. */
export async function startServer(dialect: Dialect, env: Record<string, string> = {}): Promise<TestServer> {
  const database = await makeTestDatabase(dialect);
  const log: Record<string, unknown>[] = [];
  const destination = createLog('debug', { write: (line) => log.push(JSON.parse(line) as never) });
  const start = (more: Record<string, string>) =>
    startApp(testConfig(database, { ...env, ...more }), { log: destination });
  let app = await start({}).catch(async (error: unknown) => {
    await database.remove();
    throw error;
  });
  const client = (headers: Record<string, string>) => makeClient(() => app.url, headers);
  const addPerson = (role: Role) => makePerson(app, client, role);
  const people = {
    administrator: await addPerson('administrator'),
    author: await addPerson('author'),
    viewer: await addPerson('viewer'),
  };
  return {
    get app() {
      return app;
    },
    get url() {
      return app.url;
    },
    ...people,
    nobody: client({}),
    database,
    log,
    client,
    addPerson,
    async restart(more = {}) {
      await app.stop();
      app = await start(more);
    },
    async stop() {
      await app.stop();
      await database.remove();
    },
  };
}

/** The settings of a test server, with these beside them. */
export function testConfig({ url, dataDir }: TestDatabase, env: Record<string, string> = {}): Config {
  const usual = {
    PORT: '0',
    FLOWHOOK_DATA_DIR: dataDir,
    FLOWHOOK_ADMIN_EMAIL: 'first@example.com',
    FLOWHOOK_ADMIN_PASSWORD: testPassword,
    ...(url === null ? {} : { DATABASE_URL: url }),
  };
  return readConfig({ env: { ...usual, ...env }, flags: {}, file: {} });
}

/** Hashed once for everybody, which costs 31 ms. */
let passwordHash: Promise<string> | undefined;

async function makePerson(
  { db }: App,
  client: (headers: Record<string, string>) => Client,
  role: Role,
): Promise<TestPerson> {
  const email = `${role}-${randomUUID()}@example.com`;
  passwordHash ??= hashPassword(testPassword);
  const account = { email, name: `The ${role}`, role, passwordHash: await passwordHash };
  const id = await db.transaction((tx) => insertAccount(tx, account, null));
  const token = `test-${randomUUID()}`;
  const now = Date.now();
  const info = { description: 'test', readOnly: false, flowIds: null, expiresAt: null, now };
  await db.transaction((tx) => insertToken(tx, id, token, info));
  return { id, email, token, ...client({ authorization: `Bearer ${token}` }) };
}
