// A pooler that shares sessions is refused at the start, and one that gives each client its own is not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { StartError } from '../../base/start-error.ts';
import { makeTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { startPgBouncer } from '../../../test/pg-bouncer.ts';
import { postgresUrl } from '../../../test/postgres-server.ts';
import { processSettings, runMain } from '../../../test/server-process.ts';
import { refuseSharedSessions } from './pooler-check.ts';

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;
const installed = spawnSync('pgbouncer', ['--version']).status === 0;

describe('A pooler before PostgreSQL', { skip }, () => {
  let test: TestDatabase;
  before(async () => {
    test = await makeTestDatabase('postgres');
  });
  after(() => test.remove());

  it('is refused where it gives the statements of one client to several sessions', async () => {
    const pooler = await startSharing(test.url!);
    try {
      const url = new URL(test.url!);
      url.port = String(pooler.port);
      await assert.rejects(refuseSharedSessions(url.href), StartError);
      const running = runMain(['serve'], processSettings(test.dataDir, url.href));
      assert.notEqual(await running.ended, 0);
      assert.match(running.output(), /pool_mode = session/u);
      assert.doesNotMatch(running.output(), /\n\s+at /u);
    } finally {
      pooler.close();
    }
  });

  for (const mode of ['transaction', 'statement', 'session'] as const)
    it(`PgBouncer, pool_mode = ${mode}`, { skip: !installed && 'PgBouncer is not installed' }, async () => {
      const pooler = await startPgBouncer(test.url!, mode);
      try {
        const judged = refuseSharedSessions(pooler.url);
        await (mode === 'session' ? judged : assert.rejects(judged, StartError));
      } finally {
        await pooler.stop();
      }
    });

  it('is not there where PostgreSQL itself answers', () => refuseSharedSessions(test.url!));
});

/**
 * A pooler of one's own with two sessions of the database: each client's message goes to the session that is free. It
 * knows as much of the protocol as the check needs: a start, simple queries, and when a transaction is open.
 */
async function startSharing(url: string): Promise<{ port: number; close(): void }> {
  const { hostname, port } = new URL(url);
  const all = await Promise.all([0, 1].map(() => openSession(hostname, Number(port), url)));
  const free = [...all];
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    let session: (typeof free)[number] | undefined;
    client.on('error', () => undefined);
    // A client that is gone leaves its transaction behind.
    client.on('close', () => session?.ask(simpleQuery('rollback'), () => free.unshift(session!)));
    client.on('data', (bytes) => {
      if (bytes[0] === 0x58) return void client.end();
      if (bytes.readInt32BE(4) === 196_608) return void client.write(greeting);
      session ??= free.shift()!;
      session.ask(bytes, (answer) => {
        client.write(answer);
        // The last byte says whether a transaction is open.
        if (answer.at(-1) === 0x49) {
          free.unshift(session!);
          session = undefined;
        }
      });
      return undefined;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const client of clients) client.destroy();
      for (const each of all) each.end();
    },
  };
}

function simpleQuery(text: string): Buffer {
  const message = Buffer.alloc(6 + text.length);
  message.write('Q');
  message.writeInt32BE(5 + text.length, 1);
  message.write(text, 5);
  return message;
}

/** Authentication is right, the process's number is 1, ready. */
const greeting = Buffer.from('5200000008000000004b0000000c00000001000000015a0000000549', 'hex');

async function openSession(host: string, port: number, url: string) {
  const socket = connect(port, host).on('error', () => undefined);
  await once(socket, 'connect');
  const { pathname, username } = new URL(url);
  const text = `user\0${username}\0database\0${pathname.slice(1)}\0\0`;
  const start = Buffer.alloc(8 + text.length);
  start.writeInt32BE(start.length, 0);
  start.writeInt32BE(196_608, 4);
  start.write(text, 8);
  let told: (answer: Buffer) => void = () => undefined;
  let gathered = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    gathered = Buffer.concat([gathered, bytes]);
    if (gathered.at(-6) !== 0x5a) return;
    const answer = gathered;
    gathered = Buffer.alloc(0);
    told(answer);
  });
  const ask = (bytes: Buffer, tell: (answer: Buffer) => void) => {
    told = tell;
    socket.write(bytes);
  };
  await new Promise<void>((resolve) => ask(start, () => resolve()));
  return { ask, end: () => socket.destroy() };
}
