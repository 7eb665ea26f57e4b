// How long a healthy receiver waits for its requests while others take connections and never answer.
//
//   node --conditions=flowhook-source bench/hanging.ts [--hosts 1,2,5,20] [--backlog 0,20000] [--seconds 30] [--dialect sqlite]
//
// The healthy one is told of ten jobs a second; each of the others of five. These answer at first, then they hang, with so
// many deliveries waiting for each. A host has an address of its own. The ratio is that of the healthy one's p99 beside
// those that hang to its p99 just before, beside the same that answered: the load is the same.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openHomes, type Home } from './rig/home.ts';
import { endJob, makeFlow, startJobs } from './rig/webhook-flow.ts';
import { startReceiver, type Receiver } from './rig/receiver-process.ts';
import { quantile } from './rig/quantile.ts';
import { startServer, type Server } from './rig/server-process.ts';
import { tellVerdict } from './rig/verdict.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1,2,5,20' },
    backlog: { type: 'string', default: '0,20000' },
    seconds: { type: 'string', default: '30' },
    dialect: { type: 'string' },
  },
});
const [hosts, backlogs] = [values.hosts, values.backlog].map((text) => text.split(',').map(Number)) as [
  number[],
  number[],
];
const seconds = Number(values.seconds);
const healthyPerSecond = 10;
const hangingPerSecond = 5;
const target = 1.5;

const homes = await openHomes(values.dialect);
for (const dialect of homes.dialects)
  for (const backlog of backlogs)
    for (const count of hosts) {
      const home = await homes.make(dialect);
      await measure(home, `${dialect}: ${count} hanging, ${backlog} waiting for each`, { count, backlog });
      await home.remove();
    }
await homes.stop();

async function measure(
  home: Home,
  name: string,
  { count, backlog }: { readonly count: number; readonly backlog: number },
): Promise<void> {
  const receiver = await startReceiver();
  const others = await Promise.all(Array.from({ length: count }, (_, at) => startOther(`127.0.1.${at + 1}`)));
  const settings = { FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify(['^http://127\\.0\\.[01]\\.\\d+:']) };
  const server = await startServer(home, { settings });
  const healthy = await makeFlow(server, receiver);
  const flows = await Promise.all(others.map(({ url }) => makeFlow(server, { ...receiver, url })));
  let stopped = false;
  const pace = flows.map(async (flow) => {
    while (!stopped) {
      const [id] = await startJobs(server, flow, 1);
      await Promise.all([endJob(server, id!), wait(1000 / hangingPerSecond)]);
    }
  });
  await tell(server, receiver, healthy, 5);
  const answered = await tell(server, receiver, healthy, seconds);
  for (const other of others) other.hang();
  for (const flow of flows) if (backlog > 0) await fill(server, home, flow, backlog);
  // What hangs has taken all that it can get by then.
  await wait(10_000);
  const beside = await tell(server, receiver, healthy, seconds);
  stopped = true;
  await Promise.all(pace);
  const ratio = quantile(beside, 0.99) / quantile(answered, 0.99);
  console.log(
    `${name}: p99 ${quantile(beside, 0.99).toFixed(1)} ms (p50 ${quantile(beside, 0.5).toFixed(1)}), while they answered ${quantile(answered, 0.99).toFixed(1)} (${quantile(answered, 0.5).toFixed(1)}): ${ratio.toFixed(2)}, at most ${target}: ${tellVerdict(ratio <= target)}`,
  );
  await server.stop();
  receiver.stop();
  await Promise.all(others.map((one) => one.close()));
}

/** Ends jobs at an even pace; returns the milliseconds from each call to its request. */
async function tell(server: Server, receiver: Receiver, flow: number, forSeconds: number): Promise<number[]> {
  const ids = await startJobs(server, flow, forSeconds * healthyPerSecond);
  receiver.record();
  const called = new Map<number, bigint>();
  const began = performance.now();
  const ends = ids.map(async (id, at) => {
    await wait(Math.max(0, began + (at * 1000) / healthyPerSecond - performance.now()));
    called.set(id, process.hrtime.bigint());
    await endJob(server, id);
  });
  await Promise.all(ends);
  const giveUp = Date.now() + 60_000;
  let arrivals = await receiver.arrivals();
  while (arrivals.length < ids.length && Date.now() < giveUp) {
    await wait(100);
    arrivals = await receiver.arrivals();
  }
  if (arrivals.length < ids.length)
    console.log(`${ids.length - arrivals.length} of ${ids.length} have not arrived`);
  const times = arrivals.map(([id, at]) => Number(at - called.get(id)!) / 1e6);
  return [...times, ...Array.from({ length: ids.length - arrivals.length }, () => Number.POSITIVE_INFINITY)];
}

interface Other {
  readonly url: string;
  /** From now on it takes requests and never answers. */
  hang(): void;
  close(): Promise<void>;
}

async function startOther(host: string): Promise<Other> {
  let hangs = false;
  const server = createServer((request, response) => {
    request.resume();
    if (!hangs) request.on('end', () => response.end());
  }).listen(0, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/hang`,
    hang: () => void (hangs = true),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** So many deliveries that wait for a host, copied from one of its own by SQL. */
async function fill(server: Server, home: Home, flow: number, count: number): Promise<void> {
  const [id] = await startJobs(server, flow, 1);
  await endJob(server, id!);
  await home.write(`
    insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, host, created_at, updated_at,
      expires_at, due_at)
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
    select d.public_id || '-' || n, d.event_id, d.task_id, d.flow_id, d.job_id, d.id, 'pending', d.host, d.created_at,
      d.updated_at, d.expires_at, d.created_at
    from numbers, (select * from deliveries where flow_id = ${flow} order by id limit 1) d`);
  await home.write(`
    insert into delivery_bodies (delivery_id, body)
    select d.id, b.body from deliveries d join delivery_bodies b on b.delivery_id = d.repeats_id where d.flow_id = ${flow}`);
}
