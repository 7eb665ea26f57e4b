// Egress where it counts: at the connection. A trap listens where nothing may ever arrive.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTls } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { makeAuthority } from '../../../test/certificate.ts';
import { startDns, type DnsAnswer, type TestDns } from '../../../test/dns.ts';
import {
  forbiddenNames,
  forbiddenUrls,
  metadataUrls,
  refusedForms,
} from '../../../test/forbidden-address.ts';
import { listenTcp, type Listening } from '../../../test/listen.ts';
import { compilePolicy, type EgressPolicy } from './egress/policy.ts';
import { createSender, type Sender } from './sender.ts';
import type { OutgoingRequest, SendResult } from './send-result.ts';
import { createResolver } from './resolve.ts';

const usual = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
const wideOpen = compilePolicy({ allowedUrlRegexes: ['.*'], forbiddenIps: '' });
// On a machine without a network one loopback address plays the public one, another the forbidden one.
const openHost = '127.0.0.2';
const closedHost = '127.0.0.3';
const listed = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: `!127.0.0.0/8;${closedHost}` });

let receiver: Listening;
let trap: Listening;
let dns: TestDns;
let answers: (name: string) => DnsAnswer = () => 'unknown';
let policy: EgressPolicy = usual;
let onAsked = () => {};
const senders: Sender[] = [];

before(async () => {
  receiver = await listenTcp(
    (socket) => socket.on('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n')),
    { host: openHost },
  );
  trap = await listenTcp((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\ntrapped'), {
    host: closedHost,
    port: receiver.port,
  });
  dns = await startDns((name) => {
    onAsked();
    return answers(name);
  });
});
after(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  await Promise.all([receiver.close(), trap.close(), dns.close()]);
});

function make(own: EgressPolicy): Sender {
  policy = own;
  const resolve = createResolver({ servers: [dns.server], fallback: async () => [] });
  const limits = { totalMs: 1000, connectMs: 500 };
  const sender = createSender({ policy: () => policy, limits: () => limits, resolve });
  senders.push(sender);
  return sender;
}

function post(sender: Sender, url: string, more: Partial<OutgoingRequest> = {}): Promise<SendResult> {
  return sender.send({
    method: 'POST',
    url,
    headers: {},
    body: Buffer.from('x'),
    sslVerification: true,
    ...more,
  });
}

function assertBlocked({ outcome, egress, response }: SendResult, about: string): void {
  assert.equal(
    outcome.kind === 'failure' && outcome.reason,
    'blocked',
    `${about} ${JSON.stringify(outcome)}`,
  );
  assert.deepEqual([egress.allowed, response], [false, null]);
}

describe('no connection is made', () => {
  it('for any spelling of a forbidden address', async () => {
    const own = await listenTcp(() => undefined);
    const sender = make(usual);
    for (const url of [...forbiddenUrls, ...metadataUrls, ...refusedForms]) {
      const result = await post(sender, url.replace('$PORT', String(own.port)));
      assertBlocked(result, url);
      assert.equal(result.address, null);
    }
    assert.equal(own.connections(), 0);
    await own.close();
  });

  it('for any name that leads to one', async () => {
    const own = await listenTcp(() => undefined);
    const sender = make(usual);
    const addresses = new Map(forbiddenNames);
    answers = (name) => addresses.get(name) ?? 'unknown';
    for (const [name, [first]] of forbiddenNames) {
      const result = await post(sender, `http://${name}:${own.port}/`);
      assertBlocked(result, name);
      assert.ok(result.egress.address !== null, first);
    }
    assert.equal(own.connections(), 0);
    await own.close();
  });

  it('to a metadata service, even where everything is opened', async () => {
    const sender = make(wideOpen);
    for (const url of metadataUrls) assert.equal((await post(sender, url)).egress.rule, 'metadata', url);
    answers = () => ['169.254.169.254', 'fd00:ec2::254'];
    assert.equal((await post(sender, 'http://rebound.test/')).egress.rule, 'metadata');
  });
});

describe('a name that changes where it leads', () => {
  const url = () => `http://rebinding.test:${receiver.port}/`;

  it('is judged for every connection, and what was judged is what is dialled', async () => {
    const sender = make(listed);
    const turns = [openHost, closedHost, openHost, closedHost, closedHost];
    for (const host of turns) {
      answers = () => [host];
      const result = await post(sender, url());
      if (host === closedHost) assertBlocked(result, host);
      else
        assert.deepEqual([result.outcome.kind, result.address], ['response', `${openHost}:${receiver.port}`]);
      sender.policyChanged();
    }
    assert.equal(trap.connections(), 0);
  });

  it('is asked once for a connection: an answer for the check and another for the call are not possible', async () => {
    const sender = make(listed);
    let asked = 0;
    answers = () => [(asked += 1) <= 2 ? openHost : closedHost];
    const first = await post(sender, url());
    assert.equal(first.outcome.kind, 'response');
    assert.equal(asked, 2, 'A and AAAA');
    // A kept connection goes on leading to where it was judged to lead.
    const second = await post(sender, url());
    assert.deepEqual([second.address, second.timing.dnsMs, asked], [first.address, null, 2]);
    assert.equal(trap.connections(), 0);
  });

  it('is called at its allowed addresses alone', async () => {
    const sender = make(listed);
    answers = () => [closedHost, openHost];
    const { outcome, egress } = await post(sender, url());
    assert.deepEqual([outcome.kind, egress.address], ['response', openHost]);
    answers = () => [closedHost];
    sender.policyChanged();
    assertBlocked(await post(sender, url()), 'mixed, then closed');
    assert.equal(trap.connections(), 0);
  });
});

describe('a change of policy', () => {
  const closed = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: `${openHost};${closedHost}` });
  const url = () => `http://${openHost}:${receiver.port}/`;

  it('closes what was kept, and the next request is refused', async () => {
    const sender = make(listed);
    const before = receiver.connections();
    assert.equal((await post(sender, url())).outcome.kind, 'response');
    assert.equal((await post(sender, url())).timing.connectMs, null);
    policy = closed;
    sender.policyChanged();
    assertBlocked(await post(sender, url()), 'after the change');
    policy = listed;
    // Opened again: the old connection is gone, a new one is made.
    assert.ok((await post(sender, url())).timing.connectMs !== null);
    assert.equal(receiver.connections(), before + 2);
  });

  it('closes connections that wait, and those at work once their request is over', async () => {
    const closed: Promise<unknown>[] = [];
    const answer = Promise.withResolvers<void>();
    const own = await listenTcp(
      (socket) => {
        closed.push(once(socket, 'close'));
        socket.on('data', (chunk: Buffer) => {
          const isHeld = chunk.includes('/held');
          void (isHeld ? answer.promise : Promise.resolve()).then(() =>
            socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
          );
          if (isHeld) sender.policyChanged();
        });
      },
      { host: openHost },
    );
    const sender = make(listed);
    await post(sender, `http://${openHost}:${own.port}/`);
    const held = post(sender, `http://${openHost}:${own.port}/held`);
    await post(sender, `http://${openHost}:${own.port}/`);
    assert.equal(closed.length, 2);
    // Of a sender that nobody told: its connection is kept for as long as an idle one is.
    await post(make(listed), `http://${openHost}:${own.port}/`);
    await closed[1];
    answer.resolve();
    assert.equal((await held).outcome.kind, 'response');
    const first = await Promise.race([
      closed[0]!.then(() => 'the one that the change concerns'),
      closed[2]!.then(() => 'the idle one'),
    ]);
    assert.equal(first, 'the one that the change concerns');
    await own.close();
  });

  it('holds while a name is being resolved, also where nobody announced it', async () => {
    const sender = make(listed);
    const before = receiver.connections();
    answers = () => [openHost];
    onAsked = () => (policy = closed);
    assertBlocked(await post(sender, `http://changing.test:${receiver.port}/`), 'while resolving');
    onAsked = () => {};
    assert.equal(receiver.connections(), before);
  });

  it('holds while TLS is being agreed: no byte of the request leaves', async () => {
    const authority = await makeAuthority();
    let bytes = 0;
    const server = createTls(await authority.issue(openHost), (socket) => {
      socket.on('error', () => undefined).on('data', (chunk: Buffer) => (bytes += chunk.length));
    });
    server.on('connection', () => (policy = closed));
    await new Promise<void>((resolve) => server.listen(0, openHost, resolve));
    const { port } = server.address() as { port: number };
    policy = listed;
    const limits = { totalMs: 1000, connectMs: 500 };
    const sender = createSender({ policy: () => policy, limits: () => limits, ca: authority.cert });
    const result = await post(sender, `https://${openHost}:${port}/`);
    assertBlocked(result, 'while TLS');
    assert.equal(result.address, `${openHost}:${port}`);
    await sender.close();
    await new Promise((resolve) => server.close(resolve));
    assert.equal(bytes, 0);
  });
});
