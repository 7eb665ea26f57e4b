// The machine's floor: a loop in one process that signs and POSTs the same bytes with the same client, no database.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { importKey, sign } from '@flowhook/signature';
import { importNodeHmac } from '../packages/server/src/webhooks/messages/hmac.ts';

export interface Floor {
  /** Under way at once, where it was fastest. */
  readonly concurrency: number;
  /** Posts so many; gives how fast, and the processor time of one. */
  measure(count: number): Promise<FloorMeasure>;
  stop(): void;
}

export interface FloorMeasure {
  /** Requests a second. */
  readonly rate: number;
  readonly cpuUs: number;
}

interface Order {
  readonly url: string;
  readonly count: number;
  readonly concurrency: number;
}

const concurrencies = [8, 16, 32, 64, 128];
const trialCount = 5000;

/** Starts the loop's process and finds its best concurrency. */
export async function startFloor(url: string): Promise<Floor> {
  const child = fork(new URL(import.meta.url), ['loop']);
  let best = { concurrency: 1, rate: 0 };
  await ask(child, { url, count: trialCount, concurrency: 32 });
  for (const concurrency of concurrencies) {
    const { rate } = await ask(child, { url, count: trialCount, concurrency });
    if (rate > best.rate) best = { concurrency, rate };
  }
  const { concurrency } = best;
  return {
    concurrency,
    measure: (count) => ask(child, { url, count, concurrency }),
    stop: () => child.disconnect(),
  };
}

async function ask(child: ChildProcess, order: Order): Promise<FloorMeasure> {
  child.send(order);
  const [measured] = (await once(child, 'message')) as [FloorMeasure];
  return measured;
}

const body = Buffer.from('{"job":1234,"status":"Complete"}');
const headers = {
  'Content-Type': 'application/json',
  'User-Agent': 'Flowhook/0.1.0',
  'X-Webhook-Delivery': 'dlv_M0p0dY1sQ3q7n4yBqzv6uA',
  'X-Webhook-Attempt': '1',
  'X-Webhook-Event': 'job.success',
  'X-Webhook-Hop': '1',
};

async function measureLoop({ url, count, concurrency }: Order): Promise<FloorMeasure> {
  const agent = new Agent({ allowH2: false, connections: concurrency });
  const key = await importKey('mySecret', importNodeHmac);
  const cpu = process.cpuUsage();
  const began = performance.now();
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const signed = await sign(
        key,
        { method: 'post', url, body },
        { deliveryId: headers['X-Webhook-Delivery'], time: Date.now() },
      );
      const answer = await request(url, {
        method: 'POST',
        headers: { ...headers, ...signed },
        body,
        dispatcher: agent,
      });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const rate = count / ((performance.now() - began) / 1000);
  const { user, system } = process.cpuUsage(cpu);
  await agent.close();
  return { rate, cpuUs: (user + system) / count };
}

if (process.argv[2] === 'loop' && process.send !== undefined) {
  process.on(
    'message',
    (order: Order) => void measureLoop(order).then((measured) => process.send!(measured)),
  );
  process.on('disconnect', () => process.exit());
}
