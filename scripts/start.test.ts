// npm start ends as a server does: one signal, to npm or to its whole group, stops it in order, and nothing is left running.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processSettings, processToken } from '../packages/server/test/server-process.ts';
import { until } from '../packages/server/test/wait.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('npm start', { skip: !existsSync('/proc/self/stat') && 'reads /proc' }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowhook-start-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ways: readonly (readonly [string, (npm: ChildProcess) => void])[] = [
    ['SIGTERM to npm', (npm) => npm.kill('SIGTERM')],
    ['SIGTERM to the whole group', ({ pid }) => process.kill(-pid!, 'SIGTERM')],
    ['SIGINT to the whole group', ({ pid }) => process.kill(-pid!, 'SIGINT')],
    ['SIGKILL to npm', (npm) => npm.kill('SIGKILL')],
  ];
  for (const [name, end] of ways)
    it(`ends in order by ${name}`, async () => {
      const dataDir = join(folder, name.replaceAll(' ', '-'));
      const npm = spawn('npm', ['start', '--silent'], {
        cwd: root,
        env: { ...processSettings(dataDir, null), HOME: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      let out = '';
      npm.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      npm.stderr.setEncoding('utf8').on('data', (text: string) => (out += text));
      const address = () => /^Flowhook listens on (\S+)$/mu.exec(out)?.[1];
      await until(() => address() !== undefined, 'the server listens', 120_000);
      // A request whose body is under way: a stop in order lets it end.
      const slow = startSlowRequest(address()!);
      await slow.begun;
      const others = new Set(findOf(dataDir));
      assert.ok(others.size > 0);
      end(npm);
      await until(() => refuses(address()!), 'nothing new is taken', 30_000);
      assert.equal(await slow.finish(), 201, out);
      await until(() => findOf(dataDir).length === 0, 'nothing is left running', 30_000);
      assert.match(out, /"msg":"stopped"/u);
    });

  it('has flowhook beside it', () => {
    const command = join(root, 'node_modules', '.bin', 'flowhook');
    const { status, stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8', cwd: folder });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\d+\.\d+\.\d+/u);
  });
});

/** Processes whose settings name this folder. */
function findOf(dataDir: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/u.test(pid) &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`FLOWHOOK_DATA_DIR=${dataDir}\0`)
      );
    } catch {
      return false;
    }
  });
}

/** The server says by `100 Continue` that it has the request; its body ends later. */
function startSlowRequest(url: string) {
  const body = JSON.stringify({ name: 'slow' });
  const headers = {
    authorization: `Bearer ${processToken}`,
    'content-type': 'application/json',
    'content-length': body.length,
    expect: '100-continue',
  };
  const sent = request(`${url}/v4/flows`, { method: 'POST', headers });
  const answer = once(sent, 'response') as Promise<[IncomingMessage]>;
  const begun = once(sent, 'continue').then(() => sent.write(body.slice(0, 5)));
  sent.flushHeaders();
  return {
    begun,
    async finish() {
      sent.end(body.slice(5));
      const [{ statusCode }] = await answer;
      return statusCode;
    },
  };
}

async function refuses(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).catch(() => null);
  return answer === null || answer.status === 503;
}
