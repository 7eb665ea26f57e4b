// Native code in a child's place: it reads no file but its inputs, opens no connection, sees no other process.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { channelDescriptor } from '../line-channel.ts';
import { openInputs } from '../input/open-input.ts';
import { raiseWalls } from './raise.ts';
import type { Walls } from './wall.ts';

/** A program that makes any system call by its number; the child runs it by the loader of libraries that it sees. */
const perl = '/usr/bin/perl';
const loaders = { x64: '/lib64/ld-linux-x86-64.so.2', arm64: '/lib/ld-linux-aarch64.so.1' };
const machine = process.arch === 'arm64' ? 'arm64' : 'x64';
const loader = existsSync(perl) && existsSync(loaders[machine]) ? loaders[machine] : null;
/** Calls that do nothing here, with what the filter answers: EPERM is 1, ENOSYS 38, none 0. */
const calls: Record<string, readonly [x64: number, arm64: number, first: number, answer: number]> = {
  getpid: [39, 172, 0, 0],
  unshareNothing: [272, 97, 0, 1],
  ptrace: [101, 117, 0xffff, 1],
  keyctl: [250, 219, 0xffff, 1],
  readOtherMemory: [310, 270, 0, 1],
  uringSetup: [425, 425, 0, 38],
  clone3: [435, 435, 0, 38],
  cloneUsers: [56, 220, 0x1000_0000, 1],
  socketOfNetwork: [41, 198, 2, 1],
  socketOfNetlink: [41, 198, 16, 1],
  socketOfFiles: [41, 198, 1, 0],
};
const writeCalls = (names: readonly string[]): string => {
  const lines = names.map((name) => {
    const [x64, arm64, first] = calls[name]!;
    const given = [machine === 'x64' ? x64 : arm64, first, name.startsWith('socket') ? 1 : 0, 0, 0, 0, 0];
    return `$! = 0; push @said, '"${name}":' . (syscall(${given.join(', ')}) < 0 ? $! + 0 : 0);`;
  });
  return `my @said; ${lines.join(' ')} print '{' . join(',', @said) . '}';`;
};

/** What it tries, and what came of each: `done` where it worked. */
const attack = (paths: Record<string, string | null>, port: number): string => `
  const fs = require('node:fs'), net = require('node:net'), dgram = require('node:dgram');
  const paths = ${JSON.stringify(paths)};
  const tries = {
    readKey: () => fs.readFileSync(paths.key, 'utf8'),
    listData: () => fs.readdirSync(paths.data),
    readNeighbour: () => fs.readFileSync(paths.neighbour, 'utf8'),
    readPasswords: () => fs.readFileSync('/etc/passwd', 'utf8'),
    readByParent: () => fs.readFileSync('in/../../encryption.key', 'utf8'),
    readRootOfServer: () => fs.readFileSync('/proc/' + ${process.pid} + '/root' + paths.key, 'utf8'),
    readEnvironment: () => fs.readFileSync('/proc/' + ${process.pid} + '/environ', 'utf8'),
    killServer: () => process.kill(${process.pid}, 0),
    writeInput: () => fs.appendFileSync('in/0-0', 'x'),
    replaceInput: () => { fs.unlinkSync('in/0-0'); },
    changeInput: () => fs.chmodSync('in/0-0', 0o777),
    writeProgram: () => fs.appendFileSync(paths.program, ' '),
    writeOutside: () => fs.writeFileSync('/written', 'x'),
    becomeRoot: () => { process.setuid(0); if (process.getuid() !== 0 || ${process.getuid?.() ?? -1} !== 0) throw new Error('no'); },
  };
  const said = {};
  for (const [name, work] of Object.entries(tries))
    try { work(); said[name] = 'done'; } catch (error) { said[name] = String(error.code ?? error.message); }
  said.processes = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length;
  try { said.interfaces = Object.keys(require('node:os').networkInterfaces()).filter((name) => name !== 'lo'); } catch { said.interfaces = []; }
  said.calls = paths.loader === null ? null : JSON.parse(require('node:child_process').execFileSync(paths.loader, [paths.perl, '-e', paths.calls], { encoding: 'utf8' }));
  said.uid = process.getuid();
  const limits = fs.readFileSync('/proc/self/limits', 'utf8');
  said.limits = ['core file size', 'open files', 'processes'].map((name) => Number(new RegExp('^Max ' + name + ' +\\\\S+ +(\\\\d+)', 'm').exec(limits)?.[1]));
  try { said.input = fs.readFileSync('in/0-0', 'utf8'); } catch (error) { said.input = error.code; }
  try { fs.writeFileSync('out/made', 'x'); said.output = 'done'; } catch (error) { said.output = error.code; }
  const dial = (options) => new Promise((done) => {
    const socket = net.connect(options, () => done('done'));
    socket.once('error', (error) => done(error.code));
    socket.setTimeout(3000, () => done('timeout'));
  });
  Promise.all([dial({ port: ${port}, host: '127.0.0.1' }), dial({ port: 80, host: '192.0.2.1' })]).then((dialled) => {
    fs.writeSync(3, JSON.stringify({ ...said, dialled }) + '\\n');
    process.exit();
  });`;

void describe('walls', () => {
  let folder: string;
  let dataDir: string;
  let walls: Walls;
  const server = createServer((socket) => socket.end());

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-walls-'));
    dataDir = join(folder, 'data');
    await mkdir(join(dataDir, 'datasets/a'), { recursive: true, mode: 0o700 });
    await writeFile(join(dataDir, 'encryption.key'), 'the key', { mode: 0o600 });
    await writeFile(join(dataDir, 'datasets/a/input.csv'), 'a\n1\n', { mode: 0o400 });
    await writeFile(join(dataDir, 'datasets/a/neighbour.csv'), 'a\n2\n', { mode: 0o600 });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    walls = await raiseWalls({ mode: 'auto', dataDir });
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Puts the attack in a child's place. */
  async function run(): Promise<Record<string, unknown>> {
    const own = join(dataDir, 'scratch/own');
    await rm(own, { recursive: true, force: true });
    // As a careful server makes them: for its own user alone.
    await mkdir(join(own, 'out'), { recursive: true, mode: 0o700 });
    const input = join(dataDir, 'datasets/a/input.csv');
    const files = [
      { uri: input, name: 'input.csv' },
      ...(loader === null ? [] : [{ uri: perl, name: 'perl' }]),
    ];
    const inputs = await openInputs([{ files }], () => true);
    const paths = {
      key: join(dataDir, 'encryption.key'),
      data: dataDir,
      neighbour: join(dataDir, 'datasets/a/neighbour.csv'),
      program: process.execPath,
      loader,
      perl: walls.kind === 'bubblewrap' ? 'in/0-1' : perl,
      // Without a filter some would do what they are for.
      calls: writeCalls(walls.kind === 'none' ? ['unshareNothing'] : Object.keys(calls)),
    };
    const program = {
      file: process.execPath,
      args: ['-e', attack(paths, (server.address() as AddressInfo).port)],
    };
    const { child, gone } = await walls.start({ folder: own, writes: ['out'], inputs: inputs.open }, program);
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const channel = child.stdio[channelDescriptor] as Readable;
    let told = '';
    channel.setEncoding('utf8').on('data', (text: string) => (told += text));
    await gone;
    await inputs.close();
    assert.notEqual(told, '', errors);
    return JSON.parse(told) as Record<string, unknown>;
  }

  void it('hold what is in a child’s place, or are refused where they are required', async (t) => {
    const required = raiseWalls({ mode: 'required', dataDir });
    if (walls.kind !== 'bubblewrap') {
      // This machine has no such wall: then nobody may believe that it has.
      t.diagnostic(`no bubblewrap here: ${walls.detail}`);
      await assert.rejects(required, /^StartError: FLOWHOOK_SANDBOX is required, but [^\n]+$/u);
      return;
    }
    assert.equal((await required).kind, 'bubblewrap');
    const said = await run();
    const { processes, interfaces, uid, input, output, dialled, limits, calls: answers, ...tries } = said;
    if (loader !== null)
      assert.deepEqual(
        answers,
        Object.fromEntries(Object.entries(calls).map(([name, [, , , answer]]) => [name, answer])),
      );
    if (existsSync('/usr/bin/prlimit')) {
      const [core, files, max] = limits as number[];
      assert.ok(core === 0 && files! <= 4096 && max! <= 2048, String(limits));
    }
    for (const [name, outcome] of Object.entries(tries)) assert.notEqual(outcome, 'done', name);
    assert.ok(Number(processes) <= 3, `sees ${String(processes)} processes`);
    assert.deepEqual(interfaces, []);
    assert.deepEqual((dialled as string[]).includes('done'), false, String(dialled));
    assert.equal(input, 'a\n1\n');
    assert.equal(output, 'done');
    if (process.getuid?.() === 0) assert.notEqual(uid, 0, 'a user of its own');
    assert.equal(await readFile(join(dataDir, 'datasets/a/input.csv'), 'utf8'), 'a\n1\n');
    assert.ok(existsSync(join(dataDir, 'scratch/own/out/made')));
  });

  void it('do not stand where they are off: the attack itself works', async () => {
    walls = await raiseWalls({ mode: 'off', dataDir });
    assert.equal(walls.kind, 'none');
    const { readKey, listData, dialled, calls: answers } = await run();
    assert.deepEqual([readKey, listData, (dialled as string[])[0]], ['done', 'done', 'done']);
    if (loader !== null) assert.equal((answers as Record<string, number>)['unshareNothing'], 0);
  });
});
