// What somebody tries who has not signed in: memory, time, and other people's way in.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Attack } from './attack.ts';
import { answersMeanwhile } from './meanwhile.ts';
import type { World } from './world.ts';

function openConnection({ url }: World): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname).on('error', () => undefined);
}

/** Memory of the server's process, in MB. */
function readMemory({ server }: World): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1] ?? 0) / 1024;
}

const wholeBody = 2_097_151;

export const nobodyAttacks: readonly Attack[] = [
  {
    name: '400 bodies of 2 MB whose last byte never comes',
    who: 'nobody',
    async run(world) {
      // 800 MB if they were kept. What is read and dropped is garbage for a moment: about 100 MB, however many come.
      const before = readMemory(world);
      const sockets = Array.from({ length: 400 }, () => openConnection(world));
      const closed = sockets.map((socket) => new Promise<void>((done) => socket.on('close', () => done())));
      for (const socket of sockets) {
        socket.write(
          `POST /v4/flows HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${wholeBody}\r\n\r\n`,
        );
        socket.write(Buffer.alloc(wholeBody - 1, ' '));
        socket.resume();
      }
      const late = Promise.withResolvers<'late'>();
      const timer = setTimeout(() => late.resolve('late'), 20_000);
      const first = await Promise.race([Promise.all(closed).then(() => 'closed' as const), late.promise]);
      clearTimeout(timer);
      const grown = readMemory(world) - before;
      for (const socket of sockets) socket.destroy();
      if (first === 'late') return 'the connections were open after 20 s.';
      return grown < 300 ? null : `the process grew by ${Math.round(grown)} MB.`;
    },
  },
  {
    name: '2 MB of an unfinished JSON array on an open route',
    who: 'nobody',
    async run(world) {
      const body = `[${'1,'.repeat(1_000_000)}`;
      const { result, late } = await answersMeanwhile(world, () =>
        Promise.all(
          Array.from({ length: 8 }, () =>
            world.nobody
              .send('POST', '/v4/sessions', { headers: { 'content-type': 'application/json' }, body })
              .catch(() => null),
          ),
        ),
      );
      const accepted = result.filter((answer) => answer !== null).find(({ status }) => status < 400);
      return accepted === undefined ? late : `answered ${accepted.status}.`;
    },
  },
  {
    name: 'two megabytes of a broken JSON array, signed in',
    who: 'viewer',
    async run(world) {
      const body = `[${'1,'.repeat(1_000_000)}`;
      const { late } = await answersMeanwhile(world, () =>
        world.viewer.send('POST', '/v4/flows', { headers: { 'content-type': 'application/json' }, body }),
      );
      return late;
    },
  },
  {
    name: 'right credentials in 40 calls at once, while somebody else signs out',
    who: 'nobody',
    async run({ nobody, author, other }) {
      const basic = (email: string, password: string) => ({
        authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
      });
      const signedIn = await nobody.send('POST', '/v4/sessions', {
        body: { email: other.email, password: other.password },
      });
      const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
      const calls = Array.from({ length: 40 }, () =>
        nobody.send('GET', '/v4/people/current', { headers: basic(author.email, author.password) }),
      );
      await nobody.send('DELETE', '/v4/sessions/current', {
        headers: { cookie: cookie.replace(/=.*/u, '=none') },
      });
      await nobody.send('DELETE', '/v4/sessions/current', { headers: { cookie } });
      const refused = (await Promise.all(calls)).filter(({ status }) => status !== 200);
      return refused.length === 0
        ? null
        : `${refused.length} of 40 were answered with ${refused[0]!.status}.`;
    },
  },
  {
    name: 'an action of a signed-in browser, asked for by a foreign page',
    who: 'nobody',
    async run({ nobody, author }) {
      const signedIn = await nobody.send('POST', '/v4/sessions', {
        body: { email: author.email, password: author.password },
      });
      const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
      if (cookie === '') throw new Error('nobody was signed in');
      const { status } = await nobody.send('POST', '/v4/flows', {
        headers: { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        body: { name: 'forged' },
      });
      return status >= 400 ? null : `answered ${status}.`;
    },
  },
  {
    name: 'the metrics, through a proxy on the same machine',
    who: 'nobody',
    async run({ nobody }) {
      const near = await nobody.send('GET', '/metrics');
      if (near.status !== 200) throw new Error(`this machine itself is answered with ${near.status}`);
      for (const headers of [
        { 'x-forwarded-for': '127.0.0.1' },
        { forwarded: 'for=127.0.0.1' },
        { via: '1.1 proxy' },
        { 'x-real-ip': '127.0.0.1' },
      ]) {
        const { status } = await nobody.send('GET', '/metrics', { headers });
        if (status !== 401) return `${JSON.stringify(headers)} was answered with ${status}.`;
      }
      return null;
    },
  },
  {
    name: 'a page of somebody else in a frame, a script or another window',
    who: 'nobody',
    async run({ nobody }) {
      const { headers } = await nobody.send('GET', '/');
      const wanted = ['content-security-policy', 'x-content-type-options', 'cross-origin-opener-policy'];
      const missing = wanted.filter((name) => !headers.has(name));
      return missing.length === 0 ? null : `the page has no ${missing.join(', ')}.`;
    },
  },
];
