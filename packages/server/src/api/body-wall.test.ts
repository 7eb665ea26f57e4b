// Proves that a request is judged by its head alone, and that what does not come, or comes too slowly, is ended.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { startServer, type TestServer } from '../../test/server.ts';

interface Talk {
  /** What the server has sent by the time it ended its side. */
  readonly ended: Promise<string>;
  /** What came until its first line was whole. */
  readonly answered: Promise<string>;
  write(bytes: string): void;
  close(): void;
}

function talk(url: string, head: string): Talk {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('error', () => undefined);
  socket.write(head);
  const answered = new Promise<string>((resolve) => {
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
      if (text.includes('\r\n\r\n')) resolve(text);
    });
  });
  const ended = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  return { ended, answered, write: (bytes) => void socket.write(bytes), close: () => socket.destroy() };
}

function writeHead(line: string, headers: Record<string, string>): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${[line, ...lines].join('\r\n')}\r\n\r\n`;
}

const json = (length: number) => ({
  'content-type': 'application/json',
  'content-length': String(length),
});

describe('A request is judged by its head', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer('sqlite', { FLOWHOOK_REQUEST_SECONDS: '1' });
  });
  after(() => server.stop());
  const open = (line: string, headers: Record<string, string> = {}) =>
    talk(server.url, writeHead(`${line} HTTP/1.1`, headers));
  const as = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });

  it('which says who calls: no byte of the body is waited for', async () => {
    for (const [line, headers, status] of [
      ['POST /v4/flows', {}, 401],
      ['POST /v4/flows', { authorization: 'Bearer none' }, 401],
      ['POST /v4/importedDatasets', {}, 401],
      ['POST /v4/flows', as(server.viewer), 403],
      ['POST /v4/nowhere', {}, 404],
      ['PUT /v4/sessions', {}, 405],
      ['POST /v4/sessions', {}, 413],
      ['POST /v4/setup', {}, 413],
    ] as const) {
      const answer = await open(line, { ...json(2_097_151), ...headers }).ended;
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `, 'u'), line);
      assert.match(answer, /^connection: close\r$/imu, line);
    }
  });

  it('and a hundred that never end are gone', async () => {
    const talks = Array.from({ length: 100 }, () => {
      const each = open('POST /v4/flows', json(2_097_151));
      each.write('x'.repeat(100_000));
      return each;
    });
    for (const answer of await Promise.all(talks.map(({ ended }) => ended)))
      assert.match(answer, /^HTTP\/1\.1 401 /u);
  });

  it('and a caller that sends on still reads why', async () => {
    const body = { name: 'x'.repeat(1_500_000) };
    for (let turn = 0; turn < 5; turn += 1)
      assert.equal((await server.nobody.send('POST', '/v4/flows', { body })).status, 401);
  });

  it('and the small body of an open route is read', async () => {
    const body = { email: 'nobody@example.com', password: 'x'.repeat(200) };
    assert.equal((await server.nobody.send('POST', '/v4/sessions', { body })).status, 401);
  });

  it('and a body that does not come in its time is refused', async () => {
    const dripping = open('POST /v4/flows', { ...json(1000), ...as(server.author) });
    dripping.write('{"name":');
    assert.match(await dripping.ended, /^HTTP\/1\.1 408 [^]*"code":"too_slow"/u);
    const signIn = open('POST /v4/sessions', json(1000));
    signIn.write('{');
    assert.match(await signIn.ended, /^HTTP\/1\.1 408 /u);
  });

  it('and so is an upload that stands still, while one that goes on may take its time', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' };
    const start = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\r\n';
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const begin = () => {
      const upload = open('POST /v4/importedDatasets/upload', { ...type, ...as(server.author) });
      upload.write(chunk(start));
      return upload;
    };
    const moving = begin();
    const timer = setInterval(() => moving.write(chunk('1\r\n'.repeat(400))), 100);
    try {
      // It outlives two that stand still, one begun after the other.
      assert.match(await begin().ended, /^HTTP\/1\.1 408 /u);
      assert.match(await begin().ended, /^HTTP\/1\.1 408 /u);
    } finally {
      clearInterval(timer);
    }
    moving.write(`${chunk('\r\n--b--\r\n')}0\r\n\r\n`);
    assert.match(await moving.answered, /^HTTP\/1\.1 201 /u);
    moving.close();
  });

  it('and a head that does not come is not waited for', async () => {
    const half = talk(server.url, 'GET /healthz HTTP/1.1\r\nHost: x\r\n');
    assert.match(await half.ended, /^HTTP\/1\.1 408 /u);
  });
});

describe('Connections', () => {
  it('have a bound, and make room when one ends', async () => {
    const server = await startServer('sqlite', { FLOWHOOK_MAX_CONNECTIONS: '2' });
    try {
      const ask = () => talk(server.url, writeHead('GET /healthz HTTP/1.1', {}));
      const [first, second] = [ask(), ask()];
      await Promise.all([first.answered, second.answered]);
      assert.equal(await ask().ended, '');
      first.close();
      await first.ended;
      let last = '';
      while (last === '') last = await Promise.race([ask().answered, ask().ended]);
      assert.match(last, /^HTTP\/1\.1 200 /u);
      second.close();
    } finally {
      await server.stop();
    }
  });
});
