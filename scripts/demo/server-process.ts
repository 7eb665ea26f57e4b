// The demo's server: a process of its own, started as an administrator would, with a data folder that goes with it.
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ServerProcess {
  /** `http://127.0.0.1:41233` */
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  readonly logFile: string;
  /** The newest lines of its log. */
  lastLines(): readonly string[];
  /** Fulfilled when the process ends, however it does, with a sentence that says so. */
  readonly ended: Promise<string>;
  /** Ends the process, in order, and removes its folder. */
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));
const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the server on a free port; `settings` are named as in the environment. `program`: an installed `flowhook`. */
export async function startServerProcess(
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
  program?: string,
): Promise<ServerProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flowhook-demo-'));
  const logFile = join(dataDir, 'server.log');
  const start = program === undefined ? [...process.execArgv, main] : [program];
  const child = spawn(process.execPath, [...start, 'serve'], {
    cwd: program === undefined ? folder : dataDir,
    env: { ...cleanEnvironment(), PORT: '0', HOST: '127.0.0.1', FLOWHOOK_DATA_DIR: dataDir, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for the demo, which then stops the server in order.
    detached: true,
  });
  const ended = once(child, 'exit').then(([code, by]) => `The server ended (${by ?? `exit code ${code}`}).`);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  const lines: string[] = [];
  const lastLines = () => lines;
  try {
    const url = await readAddress(keepLines(child, logFile, lines), lines, ended, signal);
    return { url, pid: child.pid!, dataDir, logFile, lastLines, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Settings of another server, such as its database, are not the demo's. */
function cleanEnvironment(): Record<string, string | undefined> {
  const foreign = /^(?:FLOWHOOK_.*|DATABASE_URL|ROLES|PORT|HOST)$/u;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Writes every line to the file and keeps the newest 20. */
function keepLines(child: ChildProcess, logFile: string, lines: string[]): EventEmitter<{ line: [string] }> {
  const all = new EventEmitter<{ line: [string] }>();
  const file = createWriteStream(logFile).on('error', () => undefined);
  all.on('line', (line) => {
    file.write(`${line}\n`);
    lines.push(line);
    if (lines.length > 20) lines.shift();
  });
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => all.emit('line', line));
  }
  return all;
}

/** The address is in the log line that says that the server listens. */
async function readAddress(
  output: EventEmitter<{ line: [string] }>,
  lines: readonly string[],
  ended: Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const address = Promise.withResolvers<string>();
  output.on('line', (line) => {
    const found = /"address":"(http:[^"]+)"/u.exec(line)?.[1];
    if (found !== undefined) address.resolve(found);
  });
  void ended.then((sentence) => address.reject(new Error(`${sentence} It said:\n${lines.join('\n')}`)));
  signal.addEventListener('abort', () => address.reject(signal.reason));
  return address.promise;
}
