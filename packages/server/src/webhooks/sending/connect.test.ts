// Connecting: each way it can fail has its own detail, a name's other addresses are tried, certificates are looked at.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  makeAuthority,
  makeSelfSigned,
  type TestAuthority,
  type TestCertificate,
} from '../../../test/certificate.ts';
import { listenDeaf, listenTcp } from '../../../test/listen.ts';
import { compilePolicy } from './egress/policy.ts';
import { createSender, type Sender, type SenderOptions } from './sender.ts';
import type { OutgoingRequest } from './send-result.ts';

const open = ['^https?://127\\.0\\.0\\.\\d+:\\d+/', '^https?://[a-z.]+\\.test:\\d+/'];
const policy = compilePolicy({ allowedUrlRegexes: open, forbiddenIps: '' });
const servers: Server[] = [];
const senders: Sender[] = [];
after(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  for (const server of servers) server.close();
});

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function make(options: Partial<SenderOptions> = {}): Sender {
  const limits = { totalMs: 3000, connectMs: 400 };
  const resolve = async () => [{ address: '127.0.0.1' }];
  const sender = createSender({ policy: () => policy, limits: () => limits, resolve, ...options });
  senders.push(sender);
  return sender;
}

function get(url: string, sslVerification = true): OutgoingRequest {
  return { method: 'GET', url, headers: {}, body: null, sslVerification };
}

async function tell(sender: Sender, url: string, sslVerification = true): Promise<string> {
  const { outcome } = await sender.send(get(url, sslVerification));
  return outcome.kind === 'response' ? String(outcome.statusCode) : `${outcome.reason}: ${outcome.detail}`;
}

describe('connecting', () => {
  it('is refused', async () => {
    const listening = await listenTcp(() => undefined);
    await listening.close();
    assert.match(
      await tell(make(), `http://127.0.0.1:${listening.port}/`),
      /^connect: .*127\.0\.0\.1: .*refused/u,
    );
  });

  it('has its own limit within the whole', async () => {
    const deaf = await listenDeaf();
    // Of the whole, 3 s, it would say so.
    assert.equal(
      await tell(make(), `http://127.0.0.1:${deaf.port}/`),
      'timeout: 0.4 s passed while connecting.',
    );
    await deaf.close();
  });

  it('goes on to the next address where one is shut', async () => {
    const port = await listen(
      createHttp((_, response) => response.end()),
      '127.0.0.2',
    );
    const resolve = async () => ['127.0.0.3', '127.0.0.4', '127.0.0.2'].map((address) => ({ address }));
    const { outcome, address, egress } = await make({ resolve }).send(get(`http://many.test:${port}/`));
    assert.deepEqual(outcome, { kind: 'response', statusCode: 200 });
    assert.equal(address, `127.0.0.2:${port}`);
    assert.equal(egress.address, '127.0.0.2');
  });

  it('goes on to the next address where one is slow, and closes what came too late', async () => {
    const deaf = await listenDeaf();
    const server = createHttp((_, response) => response.end());
    servers.push(server);
    server.listen(deaf.port, '127.0.0.2');
    await once(server, 'listening');
    const resolve = async () => ['127.0.0.1', '127.0.0.2'].map((address) => ({ address }));
    // Far longer than any machine is slow: the next address is not waited for so long.
    const connectMs = 60_000;
    const sender = make({ resolve, limits: () => ({ totalMs: 2 * connectMs, connectMs }) });
    const { outcome, timing } = await sender.send(get(`http://slow.test:${deaf.port}/`));
    assert.deepEqual(outcome, { kind: 'response', statusCode: 200 });
    assert.ok(
      timing.connectMs !== null && timing.connectMs > 240 && timing.connectMs < connectMs / 2,
      `${timing.connectMs}`,
    );
    await deaf.close();
  });

  it('names every address that did not answer', async () => {
    const listening = await listenTcp(() => undefined);
    await listening.close();
    const resolve = async () => ['127.0.0.1', '127.0.0.2'].map((address) => ({ address }));
    assert.match(
      await tell(make({ resolve }), `http://none.test:${listening.port}/`),
      /^connect: .*127\.0\.0\.1: .*; 127\.0\.0\.2: /u,
    );
  });

  it('counts name resolution into its limit, and tells what a resolver said', async () => {
    const fails = (code: string) => async () => Promise.reject(Object.assign(new Error(code), { code }));
    assert.match(
      await tell(make({ resolve: fails('ENOTFOUND') }), 'http://a.test:1/'),
      /^dns: .*does not exist/u,
    );
    assert.match(
      await tell(make({ resolve: fails('ESERVFAIL') }), 'http://a.test:1/'),
      /^dns: .*failure of its own/u,
    );
    assert.match(await tell(make({ resolve: async () => [] }), 'http://a.test:1/'), /^dns: .*no address/u);
    const never = make({ resolve: () => new Promise(() => undefined) });
    assert.match(await tell(never, 'http://a.test:1/'), /^timeout: 0\.4 s .*resolved/u);
  });
});

describe('TLS', () => {
  let authority: TestAuthority;
  let checking: Sender;
  const serve = (certificate: TestCertificate) =>
    listen(createHttps(certificate, (_, response) => response.end('ok')));
  before(async () => {
    authority = await makeAuthority();
    checking = make({ ca: authority.cert });
  });

  it('looks at dates, names and authority, and says which was wrong', async () => {
    const cases: [string, TestCertificate, RegExp][] = [
      ['127.0.0.1', await authority.issue('127.0.0.1'), /^200$/u],
      ['127.0.0.1', await authority.issue('127.0.0.1', { to: -1 }), /^tls: The certificate has expired/u],
      [
        '127.0.0.1',
        await authority.issue('127.0.0.1', { from: 1 }),
        /^tls: The certificate is not valid yet/u,
      ],
      ['127.0.0.1', await authority.issue('127.0.0.2'), /^tls: .*another name: IP Address:127\.0\.0\.2/u],
      ['127.0.0.1', await authority.issue('localhost'), /^tls: .*another name: DNS:localhost/u],
      ['a.test', await authority.issue('a.test'), /^200$/u],
      ['a.test', await authority.issue('b.test'), /^tls: .*another name: DNS:b\.test/u],
      ['a.test', await authority.issue('127.0.0.1'), /^tls: .*another name/u],
      ['127.0.0.1', await makeSelfSigned('127.0.0.1'), /^tls: .*signed by itself/u],
    ];
    for (const [host, certificate, told] of cases) {
      assert.match(await tell(checking, `https://${host}:${await serve(certificate)}/`), told);
    }
    const good = await serve(await authority.issue('127.0.0.1'));
    assert.match(await tell(make(), `https://127.0.0.1:${good}/`), /^tls: .*authority .* unknown/u);
  });

  it('does not look where it is told so, and keeps such a connection apart', async () => {
    const port = await serve(await authority.issue('127.0.0.1', { to: -1 }));
    const url = `https://127.0.0.1:${port}/`;
    const { outcome, timing } = await checking.send(get(url, false));
    assert.equal(outcome.kind, 'response');
    assert.ok(timing.connectMs !== null && timing.tlsMs !== null && timing.tlsMs > 0);
    assert.equal((await checking.send(get(url, false))).timing.tlsMs, null);
    assert.match(await tell(checking, url, true), /^tls: .*expired/u);
  });

  it('is not spoken there', async () => {
    const plain = await listen(createHttp((_, response) => response.end()));
    assert.match(await tell(checking, `https://127.0.0.1:${plain}/`), /^tls: .*not TLS/u);
    const closing = await listenTcp((socket) => socket.once('data', () => socket.end()));
    assert.match(await tell(checking, `https://127.0.0.1:${closing.port}/`), /^tls: .*closed .* handshake/u);
    const silent = await listenTcp((socket) => socket.resume());
    assert.match(
      await tell(checking, `https://127.0.0.1:${silent.port}/`),
      /^timeout: 0\.4 s .*TLS handshake/u,
    );
    const secure = await serve(await authority.issue('127.0.0.1'));
    assert.match(await tell(checking, `http://127.0.0.1:${secure}/`), /^(?:invalid|connect): /u);
    await closing.close();
    await silent.close();
  });
});
