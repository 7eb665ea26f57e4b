// The command as a process: what it prints, how it ends, and what it says when it can't.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { personEndpoints } from '@flowhook/contract/person/person';
import { makeClient } from '../../test/client.ts';
import { nodeFlags } from '../../test/node-flag.ts';
import { ownEnvironment } from '../../test/process-world.ts';
import { until } from '../../test/wait.ts';
import { version } from '../base/version.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folders: string[] = [];
const children: ChildProcess[] = [];

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-cli-'));
  folders.push(folder);
  return folder;
}

/** Writes the addresses of all modules that were loaded, as JSON, to standard error when the process ends. */
const listModules = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('exit', () => process.stderr.write(JSON.stringify(loaded)));
`;

interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  readonly ended: Promise<number | null>;
}

function run(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string; imports?: readonly string[] } = {},
): Running {
  const imports = (options.imports ?? []).map(
    (text) => `--import=data:text/javascript,${encodeURIComponent(text)}`,
  );
  const child = spawn(process.execPath, [...nodeFlags, ...imports, main, ...args], {
    cwd: options.cwd ?? makeFolder(),
    env: { ...ownEnvironment(), ...options.env },
  });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(options.input ?? '');
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, out: () => out, err: () => err, ended };
}

async function serve(cwd: string, env: Record<string, string> = {}): Promise<Running & { url: string }> {
  const running = run(['serve'], { cwd, env: { PORT: '0', ...env } });
  const line = /^Flowhook listens on (\S+)$/mu;
  await until(() => line.test(running.out()) || running.child.exitCode !== null, 'the address', 30_000);
  assert.equal(running.child.exitCode, null, running.err());
  return { ...running, url: line.exec(running.out())![1]! };
}

const administrator = { FLOWHOOK_ADMIN_EMAIL: 'a@example.com', FLOWHOOK_ADMIN_PASSWORD: 'first password' };
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`a@example.com:${password}`).toString('base64')}`,
});

describe('the flowhook command', () => {
  after(() => {
    // Of a test that failed half way: what still runs would keep this file from ending.
    for (const child of children) child.kill('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('serves until it is told to stop, and ends in order', async () => {
    const cwd = makeFolder();
    const server = await serve(cwd);
    assert.match(
      server.out(),
      /Make the first administrator .*: http:\/\/127\.0\.0\.1:\d+\/setup\?token=setup_/u,
    );
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0, server.err());
    assert.match(server.out(), /"msg":"stopped"/u);
    // Nothing is left that would keep the next one from the database.
    const next = await serve(cwd);
    next.child.kill('SIGINT');
    assert.equal(await next.ended, 0);
  });

  it('ends at once on the second signal', async () => {
    const server = await serve(makeFolder(), {
      FLOWHOOK_STOP_SECONDS: '600',
      FLOWHOOK_ADMIN_EMAIL: 'a@example.com',
      FLOWHOOK_ADMIN_PASSWORD: 'a password for tests',
      FLOWHOOK_ADMIN_TOKEN: 'slow-token',
    });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    const head = 'POST /v4/flows HTTP/1.1\r\nhost: x\r\nauthorization: Bearer slow-token\r\n';
    socket.write(`${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    await makeClient(() => server.url, {}).send('GET', '/healthz');
    server.child.kill('SIGTERM');
    const refuses = async () =>
      makeClient(() => server.url, {})
        .send('GET', '/healthz')
        .then(
          ({ status }) => status === 503,
          () => true,
        );
    await until(refuses, 'the first signal');
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 1);
    socket.destroy();
  });

  it('takes settings from flags and a config file', async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, 'flowhook.yaml'), 'data-dir: ./elsewhere\nlog-level: silent\nhost: 127.0.0.9\n');
    const server = run(['serve', '--port', '0', '--host', '127.0.0.2'], { cwd });
    await until(() => server.out().includes('listens'), 'the address', 30_000);
    assert.match(server.out(), /^Flowhook listens on http:\/\/127\.0\.0\.2:/u);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
    assert.doesNotMatch(server.out(), /"level"/u);
  });

  it('says in a sentence what an administrator can put right', async () => {
    const cwd = makeFolder();
    const faults: [args: string[], env: Record<string, string>, says: RegExp][] = [
      [
        ['serve', '--port', 'x'],
        {},
        /^flowhook: --port: must be a port number, 0 to 65535\. It was "x"\.\n$/u,
      ],
      [
        ['serve'],
        { FLOWHOOK_ENCRYPTION_KEY: 'short' },
        /^flowhook: FLOWHOOK_ENCRYPTION_KEY: .*16 characters, and no semicolon\.\n$/u,
      ],
      [['serve', '--config', 'none.yaml'], {}, /^flowhook: The config file none\.yaml can't be read/u],
      [
        ['serve', '--database-url', 'postgres://u:secret@127.0.0.1:1/x'],
        {},
        /^flowhook: The database at 127\.0\.0\.1:1/u,
      ],
      [['serve', '--nonsense'], {}, /unknown option '--nonsense'/u],
      [['nonsense'], {}, /unknown command 'nonsense'/u],
      [['admin', 'reset-password', 'none@example.com'], {}, /^flowhook: There is no person with the email/u],
      [['admin', 'create-administrator', 'nonsense'], {}, /^flowhook: nonsense is no email address/u],
    ];
    for (const [args, env, says] of faults) {
      const running = run(args, { cwd, env, input: 'a long password\n' });
      assert.equal(await running.ended, 1, args.join(' '));
      assert.match(running.err(), says);
      assert.doesNotMatch(running.err(), /secret|\n {4}at /u);
    }
  });

  it('refuses a second server on the same folder, while the first goes on', async () => {
    const cwd = makeFolder();
    const first = await serve(cwd);
    const second = run(['serve'], { cwd, env: { PORT: '0' } });
    assert.equal(await second.ended, 1);
    assert.match(second.err(), /^flowhook: Another Flowhook has the database .* open\. Stop it first/u);
    assert.equal((await makeClient(() => first.url, {}).send('GET', '/readyz')).status, 200);
    first.child.kill('SIGTERM');
    await first.ended;
  });

  it('says its version and what there is', async () => {
    const asked = run(['--version']);
    assert.equal(await asked.ended, 0);
    assert.equal(asked.out(), `${version}\n`);
    const help = run(['--help']);
    assert.equal(await help.ended, 0);
    for (const name of ['serve', 'migrate', 'admin', 'audit', 'exec'])
      assert.match(help.out(), new RegExp(`^  ${name}`, 'mu'));
    const settings = run(['serve', '--help']);
    await settings.ended;
    assert.match(settings.out(), /FLOWHOOK_DATA_DIR/u);
  });

  for (const args of [['--version'], ['exec', '--help'], ['apply', '--help'], ['export', '--help']]) {
    it(`loads nothing of the server for ${args.join(' ')}`, async () => {
      const listed = run(args, { imports: [listModules] });
      assert.equal(await listed.ended, 0, listed.err());
      const modules = JSON.parse(listed.err()) as string[];
      assert.ok(
        modules.some((url) => url.endsWith('/cli/program.ts')),
        'the list is empty',
      );
      const server =
        /\/src\/(?:app|api\/server|db\/sqlite)\.ts$|node_modules\/(?:fastify|kysely|pg|@duckdb)\//u;
      assert.deepEqual(
        modules.filter((url) => server.test(url)),
        [],
      );
    });
  }

  it('puts accounts right from the machine itself', async () => {
    const cwd = makeFolder();
    const link = run(['admin', 'setup-link'], { cwd });
    assert.equal(await link.ended, 0, link.err());
    assert.match(link.out(), /^http:\/\/127\.0\.0\.1:3005\/setup\?token=setup_\S+\n$/u);
    const made = run(['admin', 'create-administrator', 'A@example.com'], { cwd, input: 'first password\n' });
    assert.equal(await made.ended, 0, made.err());
    const twice = run(['admin', 'create-administrator', 'a@example.com'], { cwd, input: 'first password\n' });
    assert.equal(await twice.ended, 1);
    assert.match(twice.err(), /already a person/u);
    const reset = run(['admin', 'reset-password', 'a@example.com'], { cwd, input: 'second password\n' });
    assert.equal(await reset.ended, 0, reset.err());
    const migrated = run(['migrate'], { cwd });
    assert.equal(await migrated.ended, 0, migrated.err());

    const server = await serve(cwd, administrator);
    const client = makeClient(() => server.url, basic('second password'));
    assert.equal((await client.call(personEndpoints.current)).role, 'administrator');
    await makeClient(() => server.url, basic('first password')).refused(personEndpoints.current, 401);
    server.child.kill('SIGTERM');
    await server.ended;
  });
});
