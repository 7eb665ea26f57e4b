// A throw-away PostgreSQL server of one's own: started, killed as in a crash, started again, and gone.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';

export interface PostgresServer {
  /** postgres://postgres@127.0.0.1:PORT/postgres, with the rights to do everything. */
  readonly url: string;
  /** Of the postmaster; another one after `restart`. */
  readonly pid: number;
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  /** SIGKILL to the postmaster and all its children at once, as a crash: nothing is flushed or said to clients. */
  kill(): void;
  /** Ends what still runs and starts again on the same folder and port; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

interface Options {
  /** Off: what is committed survives a kill, but no crash of the machine; a commit waits for no disk. On unless said. */
  readonly fsync?: 'on' | 'off';
}

interface Home extends Required<Options> {
  readonly folder: string;
  readonly binaries: string;
  readonly port: number;
  readonly url: string;
  readonly user: User | undefined;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The folder that holds `initdb` and `postgres`: on PATH, or where Debian puts them (newest first). */
export function findPostgresBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((name) => join(debian, name, 'bin')),
  ]
    .filter((folder) => folder !== '')
    .find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

/** Starts a server on 127.0.0.1. It ends with this process, however that ends (Linux). */
export async function startPostgres({ fsync = 'on' }: Options = {}): Promise<PostgresServer> {
  const home = await makeHome(fsync);
  let postmaster: ChildProcess | undefined;
  const kill = () => {
    if (isRunning(postmaster)) killTree(postmaster.pid);
  };
  const removeAtExit = () => {
    kill();
    rmSync(home.folder, { recursive: true, force: true });
  };
  process.once('exit', removeAtExit);
  const start = async () => {
    postmaster = spawnPostmaster(home);
    await waitUntilReady(home, postmaster);
  };
  await start();
  return {
    url: home.url,
    get pid() {
      return postmaster?.pid ?? 0;
    },
    createDatabase: () => createDatabase(home.url),
    kill,
    async restart() {
      kill();
      await hasEnded(postmaster);
      await start();
    },
    async stop() {
      await stopGently(postmaster);
      process.off('exit', removeAtExit);
      rmSync(home.folder, { recursive: true, force: true });
    },
  };
}

async function makeHome(fsync: 'on' | 'off'): Promise<Home> {
  const binaries = findPostgresBinaries();
  if (binaries === undefined) {
    throw new Error('PostgreSQL is not installed: initdb is neither on PATH nor below /usr/lib/postgresql');
  }
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-postgres-'));
  const user = process.getuid?.() === 0 ? findUser() : undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  initialise({ folder, binaries, user });
  const port = await findFreePort();
  return { fsync, folder, binaries, port, user, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

/** PostgreSQL refuses to run as root: the user that Debian's package makes, else nobody. */
function findUser(): User {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const fields = ['postgres', 'nobody']
    .map((name) => lines.find((line) => line.startsWith(`${name}:`))?.split(':'))
    .find((line) => line !== undefined);
  if (fields === undefined) throw new Error('neither a user postgres nor a user nobody is in /etc/passwd');
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

function initialise({ folder, binaries, user }: Pick<Home, 'folder' | 'binaries' | 'user'>): void {
  const args = [
    '-D',
    join(folder, 'data'),
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const { status, stdout, stderr, error } = spawnSync(join(binaries, 'initdb'), args, {
    cwd: folder,
    encoding: 'utf8',
    ...user,
  });
  if (status !== 0) throw new Error(`initdb failed: ${error?.message ?? ''}\n${stdout}\n${stderr}`);
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function spawnPostmaster({ folder, binaries, port, user, fsync }: Home): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    fsync,
    full_page_writes: fsync,
  };
  const args = [
    '-D',
    join(folder, 'data'),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ];
  const log = openSync(join(folder, 'log'), 'a');
  const [command, ...prefix] = [...findDeathSignal(), join(binaries, 'postgres')];
  const child = spawn(command ?? '', [...prefix, ...args], {
    cwd: folder,
    stdio: ['ignore', log, log],
    ...user,
  });
  closeSync(log);
  child.unref();
  return child;
}

/** setpriv has the kernel end PostgreSQL (SIGQUIT: at once) when this process is gone, SIGKILL included. */
function findDeathSignal(): readonly string[] {
  const { status, stdout } = spawnSync('setpriv', ['--help'], { encoding: 'utf8' });
  return status === 0 && stdout.includes('--pdeathsig') ? ['setpriv', '--pdeathsig', 'QUIT', '--'] : [];
}

async function waitUntilReady(home: Home, postmaster: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const problem = await tryConnection(home.url);
    if (problem === undefined) return;
    if (!isRunning(postmaster) || Date.now() > deadline) {
      const log = readFileSync(join(home.folder, 'log'), 'utf8');
      if (isRunning(postmaster)) killTree(postmaster.pid);
      throw new Error(`PostgreSQL did not start:\n${log}`, { cause: problem });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function tryConnection(url: string): Promise<unknown> {
  try {
    await runOn(url, 'select 1');
    return undefined;
  } catch (error) {
    return error;
  }
}

async function createDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOn(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function runOn(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  // The server may go away at any moment: the failing query says so, the event need not end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function stopGently(postmaster: ChildProcess | undefined): Promise<void> {
  if (!isRunning(postmaster)) return;
  postmaster.kill('SIGINT');
  const force = setTimeout(() => killTree(postmaster.pid), 10_000);
  await hasEnded(postmaster);
  clearTimeout(force);
}

type Running = ChildProcess & { readonly pid: number };

function isRunning(child: ChildProcess | undefined): child is Running {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function hasEnded(child: ChildProcess | undefined): Promise<void> {
  if (!isRunning(child)) return;
  child.ref();
  await once(child, 'exit');
}

/** Stops the postmaster first, so that it starts no child while they are counted. */
function killTree(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  for (const child of listChildren(pid)) kill(child);
  kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function listChildren(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const lines = existsSync('/proc/self/stat')
    ? readProcesses()
    : stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/u).map(Number));
  return lines.filter(([, parent]) => parent === pid).map(([child]) => child ?? 0);
}

function readProcesses(): number[][] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((name) => [Number(name), readParent(name)]);
}

function readParent(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets: what follows the last one is `state parent ...`.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
