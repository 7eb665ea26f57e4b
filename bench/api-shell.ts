// What the API's shell costs a request: a route that does nothing, called by another process with an access token.
//
//   node --conditions=flowhook-source bench/api-shell.ts [requests] [in flight]
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { defineEndpoint } from '@flowhook/contract/endpoint';
import { externalJobChange } from '@flowhook/contract/job/external-job';
import { idParams } from '@flowhook/contract/convention';
import { createIdempotency } from '../packages/server/src/api/idempotency.ts';
import { implement } from '../packages/server/src/api/route.ts';
import { createServer } from '../packages/server/src/api/server.ts';
import { createSignInLimit } from '../packages/server/src/api/sign-in-limit.ts';
import { createLog } from '../packages/server/src/base/log.ts';
import { keepNothing } from '../packages/server/src/db/kept-answer.ts';
import { openDatabase } from '../packages/server/src/db/open-database.ts';
import { insertToken } from '../packages/server/src/people/access-token.ts';
import { createAccount } from '../packages/server/src/people/account.ts';
import { createSignIn } from '../packages/server/src/people/sign-in.ts';

const count = Number(process.argv[2] ?? 30_000);
const inFlight = Number(process.argv[3] ?? 50);
const token = 'a token of the bench';
const body = JSON.stringify({ status: 'Complete', percentComplete: 100, facts: { rows: 12, source: 'dbt' } });

const endpoint = defineEndpoint({
  method: 'PATCH',
  path: '/v4/jobGroups/:id/external',
  summary: 'Do nothing',
  tag: 'Bench',
  access: 'author',
  params: idParams,
  body: externalJobChange,
  reply: z.object({ id: z.int(), status: z.string() }),
});

if (process.send === undefined) await measure();
else await callAll(process.argv[4]!);

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-bench-'));
  const db = await openDatabase({ url: null, dataDir, nodeName: 'bench', onError: console.error });
  const person = { email: 'bench@example.com', name: 'Bench', role: 'author', password: null } as const;
  const { id: personId } = await createAccount({ db, keep: keepNothing }, person);
  const info = { description: '', readOnly: false, flowIds: null, expiresAt: null, now: Date.now() };
  await db.transaction((tx) => insertToken(tx, personId, token, info));
  const route = implement(endpoint, async ({ params, body: given }) => ({
    id: params.id,
    status: given.status ?? '',
  }));
  const lines = { written: 0 };
  const server = await createServer({
    routes: [route],
    log: createLog('info', { write: (line) => (lines.written += line.length) }),
    signIn: createSignIn({ db, now: Date.now, sessionMs: 60_000, passwordsFor: () => 'all' }),
    limit: createSignInLimit(Date.now),
    idempotency: createIdempotency(db, Date.now, console.error),
    trustedProxies: [],
    basePath: '',
    secure: false,
    origins: [],
    uploadLimit: 1000,
  });
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  await run(url, Math.min(count, 10_000));
  const before = process.cpuUsage();
  const seconds = await run(url, count);
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / count;
  console.log(`${Math.round(count / seconds)} requests/s, ${cpu.toFixed(0)} µs of the server's CPU each`);
  console.log(`${lines.written} characters of log`);
  await server.close();
  await db.close();
  await rm(dataDir, { recursive: true });
}

async function run(url: string, requests: number): Promise<number> {
  const args = [String(requests), String(inFlight), url];
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), args);
  const [seconds] = (await once(child, 'message')) as [number];
  return seconds;
}

async function callAll(url: string): Promise<void> {
  const dispatcher = new Agent({ connections: inFlight, pipelining: 1 });
  let left = count;
  const began = performance.now();
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await request(`${url}/v4/jobGroups/7/external`, {
        method: 'PATCH',
        dispatcher,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      });
      if (answer.statusCode !== 200) throw new Error(await answer.body.text());
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  process.send!((performance.now() - began) / 1000);
  await dispatcher.close();
  process.disconnect();
}
