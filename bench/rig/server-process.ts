// The server of a bench: a process of its own, started as an administrator would, its log in a file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import type { Home } from './home.ts';
import { readCpuMs } from './process-cost.ts';

export interface Server {
  readonly url: string;
  readonly pid: number;
  /** What says that the administrator calls. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds from the start of the process until its log says that it listens. */
  readonly startMs: number;
  cpuMs(): number;
  /** Calls the API as the administrator; what is not 2xx is an error with the server's words. */
  call<Answer>(method: Method, path: string, body?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));
const token = 'a token for benches';
const authorized = { authorization: `Bearer ${token}` };

export interface ServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** An installed `flowhook`; unset: the sources. */
  readonly program?: string;
  /** More arguments for Node, as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[];
}

/** Starts it; stopped and started again on the same home it goes on with what is there. */
export async function startServer(home: Home, options: ServerOptions = {}): Promise<Server> {
  const { settings = {}, program, nodeArgs = [] } = options;
  const file = program === undefined ? ['--conditions=flowhook-source', main] : [program];
  const logFile = join(home.dataDir, 'server.log');
  const log = openSync(logFile, 'w');
  const began = performance.now();
  const child = spawn(process.execPath, [...nodeArgs, ...file, 'serve'], {
    env: { ...cleanEnvironment(), ...environmentOf(home), ...settings },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const url = await readAddress(logFile, hasEnded);
  let stopping = false;
  child.once('exit', (code, signal) => {
    // Nobody else would notice: a bench that waits for what such a server owes would wait for ever.
    if (!stopping) throw new Error(`The server ended (${signal ?? code}). It said:\n${readEnd(logFile)}`);
  });
  const startMs = performance.now() - began;
  const agent = new Agent({ connections: 256, pipelining: 1 });
  return {
    url,
    pid: child.pid!,
    startMs,
    headers: authorized,
    cpuMs: () => readCpuMs(child.pid!),
    call: (method, path, body) => call(agent, { method, url: `${url}${path}`, body }),
    async stop() {
      stopping = true;
      await agent.close();
      if (hasEnded()) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function environmentOf({ dataDir, databaseUrl }: Home): Record<string, string> {
  return {
    PORT: '0',
    FLOWHOOK_DATA_DIR: dataDir,
    ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }),
    FLOWHOOK_ADMIN_EMAIL: 'bench@example.com',
    FLOWHOOK_ADMIN_PASSWORD: 'a password for benches',
    FLOWHOOK_ADMIN_TOKEN: token,
  };
}

/** The settings of another server are not this one's. */
function cleanEnvironment(): Record<string, string | undefined> {
  const foreign = /^(?:FLOWHOOK_.*|DATABASE_URL|ROLES|PORT|HOST)$/u;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** The last words of a log; empty where its folder is gone. */
function readEnd(logFile: string): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-2000) : '';
}

async function readAddress(logFile: string, hasEnded: () => boolean): Promise<string> {
  for (;;) {
    const text = readFileSync(logFile, 'utf8');
    const found = /"address":"(http:[^"]+)"/u.exec(text)?.[1];
    if (found !== undefined) return found;
    if (hasEnded()) throw new Error(`The server ended. It said:\n${text}`);
    await wait(2);
  }
}

interface Call {
  readonly method: Method;
  readonly url: string;
  readonly body: unknown;
}

async function call<Answer>(agent: Agent, { method, url, body }: Call): Promise<Answer> {
  const answer = await request(url, {
    method,
    dispatcher: agent,
    headers: { ...authorized, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode > 299) throw new Error(`${method} ${url}: ${answer.statusCode} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}
