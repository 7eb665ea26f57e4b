// One server as a process of its own: started with settings, looked at, sent signals, and its log read.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { makeClient, type Client } from './client.ts';
import { programArgs } from './node-flag.ts';
import { ownEnvironment } from './process-world.ts';
import { until } from './wait.ts';

export const processToken = 'server-process-token';

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Signed in as its first administrator. */
  readonly client: Client;
  /** What it wrote to standard output and to standard error so far. */
  output(): string;
  /** The exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** The status of `/readyz`, with its checks; 0 where nothing answers. */
  ready(): Promise<{ status: number; checks: Record<string, { ok: boolean; detail: string }> }>;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
}

/** Settings of a server in this folder, on a free port. */
export function processSettings(dataDir: string, databaseUrl: string | null): Record<string, string> {
  return {
    ...ownEnvironment(),
    PORT: '0',
    FLOWHOOK_DATA_DIR: dataDir,
    ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }),
    FLOWHOOK_ADMIN_EMAIL: 'a@example.com',
    FLOWHOOK_ADMIN_PASSWORD: 'a password for tests',
    FLOWHOOK_ADMIN_TOKEN: processToken,
  };
}

/** Starts it and waits until it listens. Throws with what it wrote where it ends before that. */
export async function startServerProcess(env: Record<string, string>): Promise<ServerProcess> {
  const running = runMain(['serve'], env);
  const { child, output, ended } = running;
  let isEnded = false;
  void ended.then(() => (isEnded = true));
  const url = () => /^Flowhook listens on (\S+)$/mu.exec(output())?.[1];
  await until(() => url() !== undefined || isEnded, 'the server listens', 60_000);
  const found = url();
  if (found === undefined) throw new Error(`the server ended with ${await ended}:\n${output()}`);
  const client = makeClient(() => found, { authorization: `Bearer ${processToken}` });
  return {
    ...running,
    url: found,
    client,
    async ready() {
      const answer = await fetch(`${found}/readyz`).catch(() => null);
      if (answer === null) return { status: 0, checks: {} };
      const { checks } = (await answer.json()) as Awaited<ReturnType<ServerProcess['ready']>>;
      return { status: answer.status, checks };
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a command of `flowhook`. */
export function runMain(
  args: readonly string[],
  env: Record<string, string>,
): Pick<ServerProcess, 'child' | 'output' | 'ended'> {
  const child = spawn(process.execPath, programArgs(args, env), {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => text, ended };
}
