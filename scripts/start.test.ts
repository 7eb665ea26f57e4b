// npm start ends as a server does: one signal, to npm or to its whole group, stops it in order, and nothing is left running.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { makeClient, type Client } from '../packages/server/test/client.ts';
import { processSettings, processToken, startServerProcess } from '../packages/server/test/server-process.ts';
import { until } from '../packages/server/test/wait.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('npm start', { skip: !existsSync('/proc/self/stat') && 'reads /proc' }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowhook-start-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ways: readonly (readonly [string, (npm: ChildProcess) => void])[] = [
    ['SIGTERM to npm', (npm) => npm.kill('SIGTERM')],
    ['SIGTERM to the whole group', ({ pid }) => process.kill(-pid!, 'SIGTERM')],
    ['SIGINT to the whole group', ({ pid }) => process.kill(-pid!, 'SIGINT')],
    ['SIGKILL to npm', (npm) => npm.kill('SIGKILL')],
  ];
  for (const [name, end] of ways)
    it(`ends in order by ${name}`, async () => {
      const dataDir = join(folder, name.replaceAll(' ', '-'));
      const npm = spawn('npm', ['start', '--silent'], {
        cwd: root,
        env: { ...processSettings(dataDir, null), HOME: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      let out = '';
      npm.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      npm.stderr.setEncoding('utf8').on('data', (text: string) => (out += text));
      const address = () => /^Flowhook listens on (\S+)$/mu.exec(out)?.[1];
      await until(() => address() !== undefined, 'the server listens', 120_000);
      // A request whose body is under way: a stop in order lets it end.
      const slow = startSlowRequest(address()!);
      await slow.begun;
      const others = new Set(findOf(dataDir));
      assert.ok(others.size > 0);
      end(npm);
      await until(() => refuses(address()!), 'nothing new is taken', 30_000);
      assert.equal(await slow.finish(), 201, out);
      await until(() => findOf(dataDir).length === 0, 'nothing is left running', 30_000);
      assert.match(out, /"msg":"stopped"/u);
    });

  it('lets 50 attempts that are open come back: none is cut off, none is sent twice', async () => {
    const receiver = await startHolding();
    const dataDir = join(folder, 'attempts');
    const allowed = { FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${receiver.url}`]) };
    const env = { ...processSettings(dataDir, null), ...allowed, HOME: folder };
    const npm = spawn('npm', ['start', '--silent'], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      let out = '';
      npm.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      const address = () => /^Flowhook listens on (\S+)$/mu.exec(out)?.[1];
      await until(() => address() !== undefined, 'the server listens', 120_000);
      await owe(
        makeClient(address as () => string, { authorization: `Bearer ${processToken}` }),
        receiver.url,
      );
      await until(() => receiver.open() === attempts, 'all attempts are open', 60_000);
      npm.kill('SIGTERM');
      await until(() => refuses(address()!), 'nothing new is taken', 30_000);
      receiver.answer();
      await until(() => findOf(dataDir).length === 0, 'nothing is left running', 30_000);
      assert.match(out, /"msg":"stopped"/u);
      assert.deepEqual([receiver.ids().size, receiver.cutOff()], [attempts, 0]);
      // The next start owes nothing.
      const next = await startServerProcess(env);
      const query = { noLimit: true };
      const { data } = await next.client.call(webhookDeliveryEndpoints.list, { query });
      assert.deepEqual(
        new Set(data.map(({ state, attemptCount }) => `${state} ${attemptCount}`)),
        new Set(['delivered 1']),
      );
      await next.kill();
      assert.deepEqual(
        [...receiver.ids().values()],
        Array.from({ length: attempts }, () => 1),
      );
    } finally {
      npm.kill('SIGKILL');
      receiver.close();
    }
  });

  it('has flowhook beside it', () => {
    const command = join(root, 'node_modules', '.bin', 'flowhook');
    const { status, stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8', cwd: folder });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\d+\.\d+\.\d+/u);
  });
});

const attempts = 50;

/** A receiver that answers nobody until it is told to. */
async function startHolding() {
  const ids = new Map<string, number>();
  const held = new Set<ServerResponse>();
  let cutOff = 0;
  let answers = false;
  const server = createServer((incoming, response) => {
    const id = String(incoming.headers['x-webhook-delivery']);
    ids.set(id, (ids.get(id) ?? 0) + 1);
    incoming.resume();
    if (answers) return void response.end();
    held.add(response);
    response.on('close', () => {
      held.delete(response);
      if (!response.writableFinished) cutOff += 1;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    open: () => held.size,
    /** How often each delivery came. */
    ids: () => ids,
    cutOff: () => cutOff,
    answer() {
      answers = true;
      for (const response of held) response.end();
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A delivery for each of so many jobs. */
async function owe(client: Client, url: string): Promise<void> {
  const { id: flowId } = await client.call(flowEndpoints.create, { body: { name: 'Owes' } });
  const task = { name: 'tell', url, method: 'post', triggerEvent: 'onJobDone' } as const;
  await client.call(webhookTaskEndpoints.create, { body: { ...task, triggerObject: 'any', flowId } });
  const end = async () => {
    const { id } = await client.call(externalJobEndpoints.create, { body: { flow: { id: flowId } } });
    await client.call(externalJobEndpoints.change, { params: { id }, body: { status: 'Complete' } });
  };
  await Promise.all(Array.from({ length: attempts }, end));
}

/** Processes whose settings name this folder. */
function findOf(dataDir: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/u.test(pid) &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`FLOWHOOK_DATA_DIR=${dataDir}\0`)
      );
    } catch {
      return false;
    }
  });
}

/** The server says by `100 Continue` that it has the request; its body ends later. */
function startSlowRequest(url: string) {
  const body = JSON.stringify({ name: 'slow' });
  const headers = {
    authorization: `Bearer ${processToken}`,
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  };
  const sent = request(`${url}/v4/flows`, { method: 'POST', headers });
  const answer = once(sent, 'response') as Promise<[IncomingMessage]>;
  const begun = once(sent, 'continue').then(() => sent.write(body.slice(0, 5)));
  sent.flushHeaders();
  return {
    begun,
    async finish() {
      sent.end(body.slice(5));
      const [{ statusCode }] = await answer;
      return statusCode;
    },
  };
}

async function refuses(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).catch(() => null);
  return answer === null || answer.status === 503;
}
