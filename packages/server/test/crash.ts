// Kills a real server with kill -9 while it is sending, again and again, and lets the receiver's own log be the judge.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const token = 'crash-test-token';
const slots = 8;

export interface CrashPlan {
  readonly jobs: number;
  readonly kills: number;
  readonly dataDir: string;
  /** Null for SQLite. */
  readonly databaseUrl: string | null;
}

export interface CrashResult {
  readonly jobs: number;
  readonly kills: number;
  /** Jobs whose callback the receiver never answered with 200. */
  readonly lost: number;
  /** Requests answered with 200 for a delivery that had been answered so before. */
  readonly duplicates: number;
  /** Attempts that may have been under way at the kills: the server's slots, each time. What the receiver had answered and the server had not yet written down is among them. */
  readonly inFlight: number;
  /** From a restart to the first request of a delivery that was cut off, the longest, milliseconds. */
  readonly slowestResumeMs: number;
  readonly auditCloses: boolean;
}

/** Runs the plan: ends `jobs` external jobs while the server is killed `kills` times, each time with a request under way. */
export async function runCrash(plan: CrashPlan): Promise<CrashResult> {
  const receiver = await startReceiver();
  const port = await findFreePort();
  const env = makeEnvironment(plan, port, receiver.port);
  const base = `http://127.0.0.1:${port}`;
  let server = await startServer(env, base);
  try {
    const flowId = await prepareFlow(base, receiver.port);
    const ending = endJobs(base, flowId, plan.jobs);
    let inFlight = 0;
    for (let kill = 0; kill < plan.kills; kill += 1) {
      await receiver.nextRequest();
      await delay(Math.random() * 60);
      if (receiver.open() === 0) await receiver.nextRequest();
      receiver.cut();
      inFlight += slots;
      await killServer(server);
      server = await startServer(env, base);
      receiver.noteRestart();
    }
    const jobIds = await ending;
    await receiver.waitFor(jobIds);
    await killServer(server, 'SIGTERM');
    const auditCloses = (await runMain(['audit'], env)) === 0;
    const lost = jobIds.filter((id) => !receiver.delivered.has(id)).length;
    return {
      jobs: jobIds.length,
      kills: plan.kills,
      lost,
      duplicates: receiver.duplicates(),
      inFlight,
      slowestResumeMs: receiver.slowestResume(),
      auditCloses,
    };
  } finally {
    if (server.exitCode === null && server.signalCode === null) await killServer(server);
    receiver.close();
  }
}

function makeEnvironment(
  { dataDir, databaseUrl }: CrashPlan,
  port: number,
  receiverPort: number,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PORT: String(port),
    FLOWHOOK_DATA_DIR: dataDir,
    ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }),
    FLOWHOOK_ADMIN_EMAIL: 'admin@example.com',
    FLOWHOOK_ADMIN_PASSWORD: 'a password for tests',
    FLOWHOOK_ADMIN_TOKEN: token,
    FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^http://127\\.0\\.0\\.1:${receiverPort}/`]),
    FLOWHOOK_RETRY_SCHEDULE: Array.from({ length: 20 }, () => '0.2').join(','),
    FLOWHOOK_DELIVERY_SLOTS: String(slots),
    FLOWHOOK_LOG_LEVEL: 'error',
  };
}

function runMainProcess(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const flags = ['--conditions=flowhook-source', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, main, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function runMain(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const child = runMainProcess(args, env);
  await once(child, 'exit');
  return child.exitCode;
}

async function startServer(env: NodeJS.ProcessEnv, base: string): Promise<ChildProcess> {
  const child = runMainProcess(['serve'], env);
  const until = Date.now() + 30_000;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(`${base}/healthz`).catch(() => null);
    if (answer?.ok) return child;
    await delay(20);
  }
  throw new Error('the server did not start');
}

async function killServer(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function call(base: string, method: string, path: string, body: unknown): Promise<{ id: number }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${base}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { id: number };
}

/** A caller that meets a killed server asks again, as a real one does. */
async function callUntilAnswered(
  base: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ id: number }> {
  for (;;) {
    try {
      return await call(base, method, path, body);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await delay(50);
    }
  }
}

async function prepareFlow(base: string, receiverPort: number): Promise<number> {
  const { id: flowId } = await call(base, 'POST', '/v4/flows', { name: 'crash' });
  const task = {
    name: 'tell',
    flowId,
    url: `http://127.0.0.1:${receiverPort}/`,
    method: 'post',
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
    body: '{"job":$jobId}',
    secretKey: 'mySecret',
  };
  await call(base, 'POST', '/v4/webhookFlowTasks', task);
  return flowId;
}

/** Starts and ends external jobs, some at a time; gives the ids of those whose end was answered. */
async function endJobs(base: string, flowId: number, count: number): Promise<number[]> {
  const ids: number[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      begun += 1;
      const { id } = await callUntilAnswered(base, 'POST', '/v4/jobGroups/external', {
        flow: { id: flowId },
      });
      await callUntilAnswered(base, 'PATCH', `/v4/jobGroups/${id}/external`, { status: 'Complete' });
      ids.push(id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return ids;
}

async function findFreePort(): Promise<number> {
  const server = createTcp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A receiver that is a little slow, fails one time in ten, and writes down all that it sees. */
async function startReceiver() {
  const delivered = new Set<number>();
  const answered = new Map<string, number>();
  const open = new Map<ServerResponse, string>();
  const cutOff = new Map<string, number>();
  let onRequest: (() => void)[] = [];
  let restartedAt = 0;
  let slowest = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const delivery = String(request.headers['x-webhook-delivery']);
    const chunks: Buffer[] = [];
    open.set(response, delivery);
    response.on('close', () => open.delete(response));
    noteResume(delivery);
    for (const tell of onRequest.splice(0)) tell();
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await delay(10);
    if (response.destroyed) return;
    if (Math.random() < 0.1) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200).end('ok');
    answered.set(delivery, (answered.get(delivery) ?? 0) + 1);
    delivered.add((JSON.parse(Buffer.concat(chunks).toString()) as { job: number }).job);
  }

  function noteResume(delivery: string): void {
    if (!cutOff.delete(delivery) || restartedAt === 0) return;
    slowest = Math.max(slowest, Date.now() - restartedAt);
  }

  const server = createServer(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    delivered,
    open: () => open.size,
    nextRequest: () =>
      new Promise<void>((resolve) => {
        onRequest = [...onRequest, resolve];
      }),
    /** The requests that are open now are about to be cut off. */
    cut() {
      for (const delivery of open.values()) cutOff.set(delivery, Date.now());
    },
    noteRestart() {
      restartedAt = Date.now();
    },
    async waitFor(ids: readonly number[]) {
      const until = Date.now() + 60_000;
      while (Date.now() < until && !ids.every((id) => delivered.has(id))) await delay(50);
    },
    duplicates: () => [...answered.values()].reduce((sum, count) => sum + count - 1, 0),
    slowestResume: () => slowest,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
