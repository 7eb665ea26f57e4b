// A log on a full disk: serving goes on, lines are dropped and counted, and come again once there is room.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { findFreePort } from '../../test/free-port.ts';
import { programArgs } from '../../test/node-flag.ts';
import { processSettings } from '../../test/server-process.ts';
import { until } from '../../test/wait.ts';

interface Logged {
  get(path: string): Promise<Response | null>;
  readDropped(): Promise<number>;
}

/** A server whose standard output is this file; it must not have ended when `use` has, and ends by itself then. */
async function serveWithLog(log: string, use: (server: Logged) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'flowhook-full-'));
  const port = await findFreePort();
  const env = { ...processSettings(folder, null), PORT: String(port), FLOWHOOK_LOG_LEVEL: 'trace' };
  const child = spawn(process.execPath, programArgs(['serve'], env), {
    env,
    stdio: ['ignore', openSync(log, 'a'), 'inherit'],
  });
  const ended = once(child, 'exit');
  // A long line: what waits is bounded in bytes.
  const headers = { 'x-request-id': 'x'.repeat(100) };
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers }).catch(() => null);
  const readDropped = async () => {
    const text = (await (await get('/metrics'))?.text()) ?? '';
    return Number(/^flowhook_log_lines_dropped (\d+)$/mu.exec(text)?.[1]);
  };
  try {
    await until(async () => (await get('/healthz'))?.status === 200, 'the server answers', 60_000);
    await use({ get, readDropped });
    assert.equal((await get('/healthz'))?.status, 200);
    assert.equal(child.exitCode, null);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  assert.ok(child.exitCode !== null, 'it ends by itself');
}

const askMany = ({ get }: Logged) =>
  Promise.all(Array.from({ length: 200 }, () => get('/v4/people/current')));

it(
  'a log on a full disk keeps nobody from serving',
  { skip: !existsSync('/dev/full') && 'no /dev/full' },
  () =>
    serveWithLog('/dev/full', async (server) => {
      await askMany(server);
      // They wait for room, and are counted once that is given up.
      assert.ok((await server.readDropped()) >= 0);
    }),
);

it('its lines are dropped and counted, and come again once there is room', async (context) => {
  const disk = mkdtempSync(join(tmpdir(), 'flowhook-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    rmSync(disk, { recursive: true });
    return context.skip('no file system can be mounted here');
  }
  const [log, filler] = [join(disk, 'log'), join(disk, 'filler')];
  try {
    writeFileSync(log, '');
    assert.throws(() => writeFileSync(filler, Buffer.alloc(33 * 2 ** 20)), { code: 'ENOSPC' });
    await serveWithLog(log, async (server) => {
      const isDropping = async () => {
        await askMany(server);
        return (await server.readDropped()) > 0;
      };
      await until(isDropping, 'lines are dropped', 120_000);
      const written = statSync(log).size;
      rmSync(filler);
      const isWriting = async () => {
        await askMany(server);
        return statSync(log).size > written;
      };
      await until(isWriting, 'lines are written again', 30_000);
    });
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});
