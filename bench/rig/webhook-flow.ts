// A flow with one webhook task and external jobs to end: what the benches of deliveries have in common.
import { setTimeout as wait } from 'node:timers/promises';
import type { Home } from './home.ts';
import type { Receiver } from './receiver-process.ts';
import type { Server } from './server-process.ts';

/** Opens the receiver, an address of this machine, to the server's webhooks. */
export function allowReceiver({ port }: Receiver): Record<string, string> {
  return { FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^http://127\\.0\\.0\\.1:${port}/`]) };
}

/** Makes a flow whose signed task tells the receiver of every job's end; gives the flow's id. */
export async function makeFlow(server: Server, receiver: Receiver): Promise<number> {
  const { id: flowId } = await server.call<{ id: number }>('POST', '/v4/flows', { name: 'A flow' });
  await server.call('POST', '/v4/webhookFlowTasks', {
    name: 'Tell the receiver',
    flowId,
    url: receiver.url,
    method: 'post',
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
    body: '{"job":$jobId,"status":"$jobStatus"}',
    secretKey: 'mySecret',
  });
  return flowId;
}

/** Starts so many external jobs; gives their ids. */
export async function startJobs(server: Server, flowId: number, count: number): Promise<number[]> {
  const ids: number[] = [];
  await inParallel(count, 50, async () => {
    const { id } = await server.call<{ id: number }>('POST', '/v4/jobGroups/external', {
      flow: { id: flowId },
    });
    ids.push(id);
  });
  return ids;
}

/** Ends the jobs, one call each, so many under way at once. */
export async function endJobs(server: Server, ids: readonly number[], concurrency: number): Promise<void> {
  await inParallel(ids.length, concurrency, (at) => endJob(server, ids[at]!));
}

export async function endJob(server: Server, id: number): Promise<void> {
  await server.call('PATCH', `/v4/jobGroups/${id}/external`, { status: 'Complete' });
}

async function inParallel(count: number, max: number, work: (at: number) => Promise<void>): Promise<void> {
  let begun = 0;
  const loop = async () => {
    while (begun < count) {
      begun += 1;
      await work(begun - 1);
    }
  };
  await Promise.all(Array.from({ length: max }, loop));
}

export interface Span {
  /** First claim and last settle, epoch milliseconds of the database. */
  readonly firstClaim: number;
  readonly lastSettle: number;
  readonly delivered: number;
}

/** Waits until nothing is pending or being sent, and gives what the rows say. */
export async function waitUntilSettled(home: Home): Promise<Span> {
  while ((await home.query('select 1 from deliveries where due_at is not null limit 1')).length > 0)
    await wait(20);
  const [row] = await home.query<Record<'first' | 'last' | 'count', number | string>>(
    `select min(claimed_at) as first, max(ended_at) as last, count(*) as count from deliveries
      where state = 'delivered'`,
  );
  return { firstClaim: Number(row!.first), lastSettle: Number(row!.last), delivered: Number(row!.count) };
}
