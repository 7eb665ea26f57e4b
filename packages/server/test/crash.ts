// Kills a real server, or its PostgreSQL, with kill -9 while it is sending, again and again; the receiver's own log is the judge.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { startCrashReceiver } from './crash-receiver.ts';
import { programArgs } from './node-flag.ts';
import type { PostgresServer } from './postgres.ts';

const token = 'crash-test-token';
const slots = 8;

export interface CrashPlan {
  readonly jobs: number;
  readonly kills: number;
  readonly dataDir: string;
  /** Null for SQLite. */
  readonly databaseUrl: string | null;
  /** The database server that is killed, with the server of Flowhook left alive; without it that one is killed. */
  readonly victim?: PostgresServer;
}

export interface CrashResult {
  readonly jobs: number;
  readonly kills: number;
  /** Jobs whose callback the receiver never answered with 200. */
  readonly lost: number;
  /** Requests answered with 200 for a delivery that had been answered so before. */
  readonly duplicates: number;
  /** Attempts that may have been under way at the kills: the server's slots, each time. What the receiver has answered and the server not yet written down is among them. */
  readonly inFlight: number;
  /** Requests that were open at a kill and whose delivery was sent again. */
  readonly cutOff: number;
  /** From a restart (the server answers, or PostgreSQL does) to the next request of a delivery that was cut off: the longest, milliseconds. Where the next kill came first, the time for which the victim was up. */
  readonly slowestResumeMs: number;
  readonly auditCloses: boolean;
}

/** Runs the plan: ends `jobs` external jobs while the victim is killed `kills` times, each time with a request under way. */
export async function runCrash(plan: CrashPlan): Promise<CrashResult> {
  const receiver = await startCrashReceiver();
  const port = await findFreePort();
  const env = makeEnvironment(plan, port, receiver.port);
  const base = `http://127.0.0.1:${port}`;
  let server = await startServer(env, base);
  const killAndRestart = async () => {
    if (plan.victim === undefined) {
      await killServer(server);
      server = await startServer(env, base);
    } else {
      plan.victim.kill();
      await plan.victim.restart();
    }
  };
  try {
    const flowId = await prepareFlow(base, receiver.port);
    const ending = endJobs(base, flowId, plan.jobs, plan.kills, () => receiver.restarts());
    // A caller that gave up ends the run; callers that are through leave nothing to wait for.
    const tooEarly = ending.then(() => {
      throw new Error('all jobs had ended before the last kill: give more of them');
    });
    tooEarly.catch(() => undefined);
    const nextRequest = () => Promise.race([receiver.nextRequest(), tooEarly]);
    for (let kill = 0; kill < plan.kills; kill += 1) {
      await nextRequest();
      await delay(Math.random() * 60);
      if (receiver.open() === 0) await nextRequest();
      receiver.cut();
      await killAndRestart();
      receiver.noteRestart();
    }
    const jobIds = await ending;
    await receiver.waitFor(jobIds);
    await killServer(server, 'SIGTERM');
    const auditCloses = (await runMain(['audit'], env)) === 0;
    const lost = jobIds.filter((id) => !receiver.delivered.has(id)).length;
    const inFlight = slots * plan.kills;
    return { jobs: jobIds.length, kills: plan.kills, lost, inFlight, ...receiver.count(), auditCloses };
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
  return spawn(process.execPath, programArgs(args, env), {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function runMain(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const child = runMainProcess(args, env);
  await once(child, 'exit');
  return child.exitCode;
}

async function startServer(env: NodeJS.ProcessEnv, base: string): Promise<ChildProcess> {
  const child = runMainProcess(['serve'], env);
  const until = Date.now() + 120_000;
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
  if (answer.status >= 500) throw new TypeError(`${method} ${path}: ${answer.status}`);
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { id: number };
}

/** A caller that meets a killed server, or one without its database, asks again, as a real one does. */
async function callUntilAnswered(
  base: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ id: number }> {
  const patientUntil = Date.now() + 600_000;
  for (;;) {
    try {
      return await call(base, method, path, body);
    } catch (error) {
      if (!(error instanceof TypeError) || Date.now() > patientUntil) throw error;
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

/**
 * Starts and ends external jobs, some at a time; gives the ids of those whose end was answered. They are spread over
 * the kills, so that every one of those meets requests.
 */
async function endJobs(
  base: string,
  flowId: number,
  count: number,
  kills: number,
  restarts: () => number,
): Promise<number[]> {
  const ids: number[] = [];
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      while (begun >= (count * (restarts() + 1)) / (kills + 1)) await delay(10);
      if (begun >= count) break;
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
