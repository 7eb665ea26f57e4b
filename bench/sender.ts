// Prints how many requests a second the sender carries out, beside a bare loop of the same client, in one process.
// Run: node --conditions=flowhook-source bench/sender.ts [--ms 2000] [--rounds 3]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { importKey, sign } from '@flowhook/signature';
import { Agent, request } from 'undici';
import { compilePolicy } from '../packages/server/src/webhooks/sending/egress/policy.ts';
import { importNodeHmac } from '../packages/server/src/webhooks/messages/hmac.ts';
import { createSender } from '../packages/server/src/webhooks/sending/sender.ts';

const { values } = parseArgs({
  options: { ms: { type: 'string', default: '2000' }, rounds: { type: 'string', default: '3' } },
});
const LENGTH_MS = Number(values.ms);
const ROUNDS = Number(values.rounds);
const CONCURRENCIES = [1, 8, 50, 100];

const receiver = fork(new URL('rig/receiver.ts', import.meta.url));
const [port] = (await once(receiver, 'message')) as [number];
const url = `http://127.0.0.1:${port}/hooks/a?b=c`;
const body = Buffer.from('{"text":"Job 149 has completed. Status: Complete.","rows":120345}');
const headers = {
  'Content-Type': 'application/json',
  'User-Agent': 'Flowhook/0.1.0',
  'X-Webhook-Delivery': 'f3b1c9f2-6f0e-4f5e-9a3f-1f3f0d4b6a11',
  'X-Webhook-Attempt': '1',
  'X-Webhook-Event': 'job.success',
  'X-Webhook-Hop': '1',
};
const key = await importKey('mySecret', importNodeHmac);

const policy = compilePolicy({ allowedUrlRegexes: ['^http://127\\.0\\.0\\.1:\\d+/'], forbiddenIps: '' });
const sender = createSender({
  policy: () => policy,
  limits: () => ({ totalMs: 30_000, connectMs: 10_000 }),
});
const agent = new Agent({ allowH2: false, pipelining: 1 });

const loops: readonly (readonly [string, () => Promise<void>])[] = [
  ['floor: sign and POST', () => post(true)],
  ['floor: POST', () => post(false)],
  ['sender', send],
];

async function post(signed: boolean): Promise<void> {
  const all = signed
    ? {
        ...headers,
        ...(await sign(key, { method: 'post', url, body }, { deliveryId: 'x', time: Date.now() })),
      }
    : headers;
  const answer = await request(url, { method: 'POST', headers: all, body, dispatcher: agent });
  await answer.body.text();
}

async function send(): Promise<void> {
  const { outcome } = await sender.send({ method: 'POST', url, headers, body, sslVerification: true });
  if (outcome.kind !== 'response') throw new Error(outcome.detail);
}

interface Measured {
  /** Requests a second. */
  readonly rate: number;
  /** Processor time of this process for one request: other work on the machine hardly moves it. */
  readonly cpuUs: number;
}

async function measure(once: () => Promise<void>, concurrency: number): Promise<Measured> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let count = 0;
  const loop = async () => {
    for (; performance.now() - began < LENGTH_MS; count += 1) await once();
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (count / (performance.now() - began)) * 1000, cpuUs: (user + system) / count };
}

for (const [, loop] of loops) await measure(loop, 50);
const best = new Map<string, Measured[]>();
// In turn, and the best of each: other work on the machine disturbs all alike.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, loop] of loops) {
    const measured = best.get(name) ?? [];
    for (const [at, concurrency] of CONCURRENCIES.entries()) {
      const { rate, cpuUs } = await measure(loop, concurrency);
      const before = measured[at] ?? { rate: 0, cpuUs: Infinity };
      measured[at] = { rate: Math.max(rate, before.rate), cpuUs: Math.min(cpuUs, before.cpuUs) };
    }
    best.set(name, measured);
  }
}

const line = (name: string, cells: readonly string[]) =>
  console.log(`${name.padEnd(22)}${cells.map((cell) => cell.padStart(17)).join('')}`);
line(
  'under way at once',
  CONCURRENCIES.map((concurrency) => String(concurrency)),
);
for (const [name, measured] of best) {
  line(
    name,
    measured.map(({ rate, cpuUs }) => `${Math.round(rate).toLocaleString('en')}/s ${cpuUs.toFixed(1)} µs`),
  );
}
await Promise.all([sender.close(), agent.close()]);
receiver.disconnect();
