// A log on a full disk: serving goes on, lines are dropped and counted.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { findFreePort } from '../../test/free-port.ts';
import { programArgs } from '../../test/node-flag.ts';
import { processSettings } from '../../test/server-process.ts';
import { until } from '../../test/wait.ts';

it(
  'a log on a full disk keeps nobody from serving',
  { skip: !existsSync('/dev/full') && 'no /dev/full' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flowhook-full-'));
    const port = await findFreePort();
    const env = { ...processSettings(folder, null), PORT: String(port), FLOWHOOK_LOG_LEVEL: 'trace' };
    const child = spawn(process.execPath, programArgs(['serve'], env), {
      env,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'inherit'],
    });
    const ended = once(child, 'exit');
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    try {
      await until(async () => (await get('/healthz'))?.status === 200, 'the server answers', 60_000);
      for (let index = 0; index < 50; index += 1) await get('/v4/people/current');
      // They wait for room, and are counted once that is given up.
      assert.match((await (await get('/metrics'))?.text()) ?? '', /^flowhook_log_lines_dropped \d+$/mu);
      assert.equal((await get('/healthz'))?.status, 200);
      assert.equal(child.exitCode, null);
    } finally {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
    assert.ok(child.exitCode !== null, 'it ends by itself');
  },
);
