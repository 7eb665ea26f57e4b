// Name resolution against a name server of its own: order, patience, and what a slow name must not do.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startDns, type DnsAnswer, type DnsType, type TestDns } from '../../../test/dns.ts';
import { createResolver, type Resolve } from './resolve.ts';

let dns: TestDns;
let answer: (name: string, type: DnsType) => DnsAnswer = () => 'unknown';
let folder = '';
before(async () => {
  dns = await startDns((name, type) => answer(name, type));
  folder = await mkdtemp(join(tmpdir(), 'flowhook-hosts-'));
});
after(async () => {
  await dns.close();
  await rm(folder, { recursive: true });
});

function make(fallback: Resolve = async () => [], hostsPath = '/nowhere'): Resolve {
  return createResolver({ servers: [dns.server], patienceMs: 300, fallback, hostsPath });
}

async function list(resolve: Resolve, name: string): Promise<string[]> {
  return (await resolve(name)).map(({ address }) => address);
}

describe('the resolver', () => {
  it('gives IPv4 and IPv6 in turn', async () => {
    answer = () => ['192.0.2.1', '2001:db8::1', '192.0.2.2'];
    assert.deepEqual(await list(make(), 'both.test'), ['192.0.2.1', '2001:db8::1', '192.0.2.2']);
  });

  it('does not wait for a family that does not answer', async () => {
    answer = (name, type) => (name === 'four.test' && type === 'A' ? ['192.0.2.1'] : 'silent');
    const resolve = make();
    // Asked first: whoever waited for the silent family would hear later than this one gives up.
    const silent = resolve('silent.test').catch(() => null);
    assert.deepEqual(await Promise.race([silent, list(resolve, 'four.test')]), ['192.0.2.1']);
    assert.equal(await silent, null);
  });

  it('says so where the name server fails', async () => {
    answer = () => 'broken';
    await assert.rejects(make()('broken.test'), { code: 'ESERVFAIL' });
  });

  it('asks the system for what DNS does not know', async () => {
    answer = () => 'unknown';
    const asked: string[] = [];
    const fallback: Resolve = async (name) => {
      asked.push(name);
      return [{ address: '192.0.2.9' }];
    };
    assert.deepEqual(await list(make(fallback), 'inner'), ['192.0.2.9']);
    assert.deepEqual(asked, ['inner']);
  });

  it('asks once for a name that is wanted many times at once', async () => {
    answer = () => ['192.0.2.1'];
    const resolve = make();
    const before = dns.asked.length;
    await Promise.all(Array.from({ length: 50 }, () => resolve('Busy.test.')));
    assert.equal(dns.asked.length - before, 2);
    await resolve('busy.test');
    assert.equal(dns.asked.length - before, 4);
  });

  it('answers other names while many are silent', async () => {
    answer = (name) => (name.startsWith('silent') ? 'silent' : ['192.0.2.1']);
    const resolve = make();
    const began = performance.now();
    await resolve('silent.test').catch(() => null);
    const alone = performance.now() - began;
    const from = performance.now();
    const silent = Array.from({ length: 20 }, (_, at) => resolve(`silent${at}.test`).catch(() => null));
    assert.deepEqual(await Promise.race([...silent, list(resolve, 'other.test')]), ['192.0.2.1']);
    // The silent ones end by themselves, and side by side.
    assert.deepEqual(new Set(await Promise.all(silent)), new Set([null]));
    const took = performance.now() - from;
    assert.ok(took < alone * 10, `twenty took ${took} ms, one ${alone} ms`);
  });

  it('looks into the hosts file first, and never asks for localhost', async () => {
    const path = join(folder, 'hosts');
    await writeFile(path, '# own\n192.0.2.5\tOwn.test alias.test # here\n2001:db8::5 own.test\n');
    answer = () => ['192.0.2.1'];
    const before = dns.asked.length;
    const resolve = make(undefined, path);
    assert.deepEqual(await list(resolve, 'own.TEST'), ['192.0.2.5', '2001:db8::5']);
    assert.deepEqual(await list(resolve, 'alias.test'), ['192.0.2.5']);
    assert.deepEqual(await list(resolve, 'localhost'), ['127.0.0.1', '::1']);
    assert.equal(dns.asked.length, before);
  });
});
