// The throw-away PostgreSQL keeps its promises: a crash loses nothing committed, and nothing is left running.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { it } from 'node:test';
import { Client } from 'pg';
import { findPostgresBinaries, startPostgres } from './postgres.ts';

const skip = findPostgresBinaries() === undefined ? 'PostgreSQL is not installed' : false;

it('keeps what was committed through kill and restart, and cuts connections', { skip }, async () => {
  const server = await startPostgres();
  try {
    const url = await server.createDatabase();
    const client = new Client({ connectionString: url });
    await client.connect();
    const cut = once(client, 'error');
    await client.query('create table kept as select 7 as value');
    const before = server.pid;
    server.kill();
    await cut;
    await server.restart();
    assert.notEqual(server.pid, before);
    assert.equal(await readValue(url), 7);
  } finally {
    await server.stop();
  }
  assert.ok(!isAlive(server.pid));
});

it(
  'ends with its process, even one that is killed',
  { skip: skip || process.platform !== 'linux' },
  async () => {
    const code = `const { startPostgres } = await import(${JSON.stringify(new URL('postgres.ts', import.meta.url).href)});
    const { pid } = await startPostgres(); console.log(pid); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    assert.ok(isAlive(pid));
    const folder = readlinkSync(`/proc/${pid}/cwd`);
    owner.kill('SIGKILL');
    const deadline = Date.now() + 10_000;
    while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!isAlive(pid));
    rmSync(dirname(folder), { recursive: true, force: true });
  },
);

async function readValue(url: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ value: number }>('select value from kept');
  await client.end();
  return rows[0]?.value;
}

function isAlive(pid: number): boolean {
  try {
    // Empty for a process that has ended and waits for its parent to notice.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
