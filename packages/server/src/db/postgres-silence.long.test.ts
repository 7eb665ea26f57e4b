// A network that carries nothing any more though its connections stand: others go on, the node says so, stops in time and recovers.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { makeTestDatabase, type TestDatabase } from '../../test/database.ts';
import { postgresUrl } from '../../test/postgres-server.ts';
import { processSettings, startServerProcess, type ServerProcess } from '../../test/server-process.ts';
import { startSilentProxy, type SilentProxy } from '../../test/silent-proxy.ts';
import { until } from '../../test/wait.ts';
import type { Database, Tx } from './database.ts';
import { openDatabase } from './open-database.ts';

const skip = postgresUrl() === undefined ? 'PostgreSQL not available: set FLOWHOOK_TEST_POSTGRES_URL' : false;

describe('A silent network before PostgreSQL', { skip }, () => {
  let test: TestDatabase;
  let proxy: SilentProxy;
  before(async () => {
    test = await makeTestDatabase('postgres');
    proxy = await startSilentProxy(test.url!);
  });
  after(async () => {
    proxy.close();
    await test.remove();
  });

  const lockNodes = (tx: Tx) => sql`select id from nodes order by id for update`.execute(tx);

  it('holds up nobody else, and gives its own queries up until it carries again', async () => {
    const told: string[] = [];
    const onError = (error: unknown) => told.push(String(error));
    const url = proxy.through(test.url!);
    const cut: Database = await openDatabase({ url, dataDir: test.dataDir, nodeName: 'cut', onError });
    const other = await test.open();
    try {
      let isSilent = true;
      const lost = cut.transaction(async (tx) => {
        await lockNodes(tx);
        proxy.silence();
        // The database ends the transaction of the node that is cut off: its locks are free again.
        await other.transaction(lockNodes);
        assert.ok(isSilent);
        await lockNodes(tx);
      });
      await assert.rejects(lost, /has not answered|terminated|ended/u);
      await until(() => told.some((line) => line.includes('has not answered')), 'it says why', 30_000);
      await assert.rejects(cut.read.selectFrom('nodes').select('id').execute());
      isSilent = false;
      proxy.resume();
      const answers = () =>
        cut.read
          .selectFrom('nodes')
          .select('id')
          .execute()
          .then(
            () => true,
            () => false,
          );
      await until(answers, 'it answers again', 30_000);
      // Its session is there again, and so is its lock: nobody takes its leases away.
      let heard = false;
      cut.listen(({ topic }) => (heard ||= topic === 'after'));
      const tell = async () => {
        await other.transaction(async (tx) => other.announce(tx, { topic: 'after', flowId: null, ids: [] }));
        return heard;
      };
      await until(tell, 'it hears others again', 30_000);
      assert.deepEqual(await other.findGoneNodes([cut.nodeId]), []);
    } finally {
      proxy.resume();
      await cut.close();
      await other.close();
    }
  });

  it('is told by /readyz and the log, is recovered from, and keeps no server from stopping', async () => {
    const env = processSettings(test.dataDir, proxy.through(test.url!));
    const node: ServerProcess = await startServerProcess({ ...env, FLOWHOOK_STOP_SECONDS: '2' });
    try {
      proxy.silence();
      await until(async () => (await node.ready()).checks['database']?.ok === false, 'not ready', 30_000);
      await until(() => node.output().includes('has not answered'), 'the log says why', 30_000);
      proxy.resume();
      await until(async () => (await node.ready()).status === 200, 'ready again', 60_000);
      proxy.silence();
      node.child.kill('SIGTERM');
      await until(() => node.child.exitCode !== null, 'it has stopped', 20_000);
    } finally {
      proxy.resume();
      await node.kill();
    }
  });
});
