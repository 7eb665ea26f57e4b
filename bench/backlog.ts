// A backlog of deliveries to one fast receiver, first claim to last settle, beside the machine's floor: a loop in one
// process that signs and POSTs the same bytes with the same client, no database.
//
//   node --conditions=flowhook-source bench/backlog.ts [deliveries]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { importKey, sign } from '@flowhook/signature';
import { systemClock } from '../packages/server/src/base/clock.ts';
import { createLog } from '../packages/server/src/base/log.ts';
import { createExternalJobs } from '../packages/server/src/jobs/external-job.ts';
import { openWorkspace } from '../packages/server/src/workspace/setting.ts';
import { createDeliverer } from '../packages/server/src/webhooks/deliverer.ts';
import { importNodeHmac } from '../packages/server/src/webhooks/hmac.ts';
import { makeTestDatabase } from '../packages/server/test/database.ts';
import { postgresUrl } from '../packages/server/test/postgres-server.ts';
import { makeWorld } from '../packages/server/test/webhook-world.ts';

const count = Number(process.argv[2] ?? 20_000);
const slots = 128;

const code = `require('node:http').createServer((q, r) => { q.resume(); q.on('end', () => r.end('ok')); }).listen(0, '127.0.0.1', function () { process.send(this.address().port); });`;
const receiver = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
const [port] = (await once(receiver, 'message')) as [number];
const url = `http://127.0.0.1:${port}/`;

const floors = [];
for (const concurrency of [8, 32, 50, 128])
  floors.push({ concurrency, rate: await measureFloor(concurrency) });
const floor = floors.toSorted((a, b) => b.rate - a.rate)[0]!;
console.log(`floor: ${Math.round(floor.rate)}/s at ${floor.concurrency} in flight`);
for (const engine of ['sqlite', 'postgres'] as const) {
  if (engine === 'postgres' && postgresUrl() === undefined)
    console.log('postgres: left out, FLOWHOOK_TEST_POSTGRES_URL is not set');
  else console.log(`${engine}: ${await measureBacklog(engine)}`);
}
receiver.kill();

async function measureFloor(concurrency: number): Promise<number> {
  const agent = new Agent({ allowH2: false, connections: concurrency });
  const key = await importKey('mySecret', importNodeHmac);
  const body = Buffer.from('{"job":1234,"status":"Complete"}');
  let left = Math.min(count, 10_000);
  const all = left;
  const began = performance.now();
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const headers = {
        ...(await sign(
          key,
          { method: 'post', url, body },
          { deliveryId: 'dlv_0123456789abcdef', time: Date.now() },
        )),
      };
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const rate = all / ((performance.now() - began) / 1000);
  await agent.close();
  return rate;
}

async function measureBacklog(engine: 'sqlite' | 'postgres'): Promise<string> {
  const database = await makeTestDatabase(engine);
  const db = await database.open();
  const world = await makeWorld(db);
  await world.addTask({ url });
  const external = createExternalJobs(db, world.finish);
  const caller = {
    personId: world.personId,
    email: '',
    name: '',
    role: 'author',
    via: 'token',
    readOnly: false,
    flowIds: null,
  } as const;
  for (let made = 0; made < count; made += 500) {
    const ids = await Promise.all(
      Array.from({ length: Math.min(500, count - made) }, () => world.addExternalJob()),
    );
    await Promise.all(
      ids.map((jobId) =>
        external.report({
          caller,
          jobId,
          state: 'complete',
          percent: null,
          facts: null,
          errorMessage: null,
          logTail: null,
        }),
      ),
    );
  }
  const settings = { 'webapp.webhookSettings.allowedUrlRegexes': [`^http://127\\.0\\.0\\.1:${port}/`] };
  const workspace = await openWorkspace({ db, first: settings, checks: {}, onError: console.error });
  const task = {
    name: 't',
    url,
    method: 'post',
    headers: {},
    secretHeaders: [],
    body: '{"job":$jobId,"status":"$jobStatus"}',
    secretKey: 'mySecret',
    secrets: {},
    sslVerification: true,
    urlSecret: false,
  } as const;
  const deliverer = createDeliverer({
    db,
    clock: systemClock,
    log: createLog('silent'),
    workspace,
    version: '0',
    slots,
    slotsOfHost: slots,
    ownOrigin: 'http://127.0.0.1:1',
    loadTask: async () => ({ task, retryOnFailure: true }),
  });
  const left = async () =>
    (
      await db.read
        .selectFrom('deliveries')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('state', '!=', 'delivered')
        .executeTakeFirstOrThrow()
    ).count;
  const began = performance.now();
  deliverer.worker.start();
  while ((await left()) > 0)
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  const rate = count / ((performance.now() - began) / 1000);
  await deliverer.close(1000);
  await db.close();
  await database.remove();
  return `${Math.round(rate)}/s at ${slots} slots, ${(rate / floor.rate).toFixed(2)} of the floor`;
}
