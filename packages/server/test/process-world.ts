// A real server as a process that can be killed, with a flow whose task tells a receiver that counts; and exec beside it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { makeClient, type Client } from './client.ts';
import { findFreePort } from './free-port.ts';
import { programArgs } from './node-flag.ts';
import { until } from './wait.ts';

const token = 'exec-test-token';

export interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** The exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

export type ProcessWorld = Awaited<ReturnType<typeof makeProcessWorld>>;

/** On SQLite unless a PostgreSQL database is named; `env` holds further settings of the server. */
export async function makeProcessWorld(databaseUrl: string | null = null, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-exec-'));
  /** What the receiver was told: job ids with their statuses. */
  const told: string[] = [];
  const receiver = createHttp((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      told.push(text);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const client: Client = makeClient(() => url, { authorization: `Bearer ${token}` });
  let server: ChildProcess | undefined;
  const children = new Set<ChildProcess>();

  async function start(): Promise<void> {
    server = spawn(process.execPath, programArgs(['serve'], env), {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...ownEnvironment(),
        PORT: String(port),
        FLOWHOOK_DATA_DIR: join(folder, 'data'),
        ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }),
        FLOWHOOK_ADMIN_EMAIL: 'a@example.com',
        FLOWHOOK_ADMIN_PASSWORD: 'a password for tests',
        FLOWHOOK_ADMIN_TOKEN: token,
        FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${hook.replaceAll('.', String.raw`\.`)}`]),
        FLOWHOOK_LOG_LEVEL: 'error',
        ...env,
      },
    });
    const answers = () =>
      client.send('GET', '/healthz').then(
        ({ status }) => status === 200,
        () => false,
      );
    const ends = once(server, 'exit');
    await Promise.race([until(answers, 'the server answers', 60_000), ends]);
  }

  /** Resolves when the server has ended by itself. */
  async function ended(): Promise<void> {
    if (server?.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }

  async function kill(): Promise<void> {
    server?.kill('SIGKILL');
    if (server?.exitCode === null && server.signalCode === null) await once(server, 'exit');
    server = undefined;
  }

  /** Runs a command of `flowhook` as a client of this server. */
  function command(
    args: readonly string[],
    options: { env?: Record<string, string>; input?: string } = {},
  ): Running {
    const child = spawn(process.execPath, programArgs(args, {}), {
      env: { ...ownEnvironment(), FLOWHOOK_SERVER: url, FLOWHOOK_TOKEN: token, ...options.env },
    });
    children.add(child);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    if (options.input !== undefined) child.stdin.end(options.input);
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, out: () => out, err: () => err, ended };
  }

  await start();
  const { id: flowId } = await client.call(flowEndpoints.create, { body: { name: 'Nightly' } });
  const task = {
    name: 'tell',
    url: hook,
    method: 'post',
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
  } as const;
  await client.call(webhookTaskEndpoints.create, { body: { ...task, flowId, body: '$jobId $jobStatus' } });

  return {
    folder,
    flowId,
    client,
    told,
    url,
    hook,
    token,
    start,
    kill,
    ended,
    serverPid: () => server!.pid!,
    outputsFolder: join(folder, 'data', 'outputs'),
    spool: (name: string) => join(folder, `spool-${name}`),
    /** The runs that stand in a spool. */
    left: (name: string) =>
      readdirSync(join(folder, `spool-${name}`)).filter((file) => file.endsWith('.json')),
    /** Runs `flowhook exec` with a spool of this name. */
    exec: (
      spool: string,
      args: readonly string[],
      options: { env?: Record<string, string>; input?: string } = {},
    ): Running =>
      command(['exec', ...args], {
        ...options,
        env: { FLOWHOOK_SPOOL: join(folder, `spool-${spool}`), ...options.env },
      }),
    command,
    /** Jobs of the flow, oldest first. */
    async jobs() {
      const { data } = await client.call(jobGroupEndpoints.list, { query: { flowId, noLimit: true } });
      return data.toReversed();
    },
    async close() {
      await kill();
      for (const child of children) child.kill('SIGKILL');
      receiver.closeAllConnections();
      receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a world's server again whenever it has ended; `stop` returns how often it had to. */
export function superviseServer({ start, ended }: Pick<ProcessWorld, 'start' | 'ended'>): { stop(): number } {
  let ends = 0;
  let stopped = false;
  const watch = async (): Promise<void> => {
    await ended();
    if (stopped) return;
    ends += 1;
    await start();
    await watch();
  };
  watch().catch(() => undefined);
  return {
    stop() {
      stopped = true;
      return ends;
    },
  };
}

/** What a process needs of this one's environment: no setting of Flowhook. */
export function ownEnvironment(): Record<string, string> {
  const names = ['PATH', 'NODE_COMPILE_CACHE'];
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
}
