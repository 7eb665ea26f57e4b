// What browser tests look at: a real server with the built interface, people of every role, a flow with everything in it.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { flowRunEndpoints } from '@flowhook/contract/job/flow-run';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { buildWeb } from '../../../scripts/web-build.ts';
import { startServer, type TestPerson, type TestServer } from '../../server/test/server.ts';
import { uploadDataset } from '../../server/test/upload-form.ts';
import { until } from '../../server/test/wait.ts';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  readonly origin: string;
  readonly received: readonly Received[];
  /** What it answers from now on; 204 at first. */
  answer(status: number, body?: string): void;
  stop(): Promise<void>;
}

/** Ids for `{name}` in the example addresses of the list of pages. */
export type Ids = Readonly<
  Record<'flow' | 'dataset' | 'recipe' | 'output' | 'task' | 'job' | 'delivery' | 'flowRun', number>
>;

export interface World {
  readonly server: TestServer;
  readonly receiver: Receiver;
  /** A flow of the author with dataset, two recipes, output, task, a job that ended and its delivery. */
  readonly ids: Ids;
  /** A person (an author) who has nothing but an empty flow; its ids, and those of what is nowhere. */
  readonly newcomer: TestPerson;
  readonly emptyIds: Ids;
  stop(): Promise<void>;
}

/** A real server with the built interface; `env` holds further settings by their environment names. */
export async function makeBareWorld(env: Record<string, string> = {}) {
  buildWeb();
  const server = await startServer('sqlite', env);
  return { server, stop: () => server.stop() };
}

export async function makeWorld(env: Record<string, string> = {}): Promise<World> {
  const receiver = await startReceiver();
  const { server } = await makeBareWorld({
    FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${receiver.origin.replaceAll('.', String.raw`\.`)}/`]),
    ...env,
  });
  const newcomer = await server.addPerson('author');
  const ids = await fillFlow(server.author, receiver);
  const empty = await newcomer.call(flowEndpoints.create, { body: { name: 'Nothing here yet' } });
  const nowhere = 999_999;
  return {
    server,
    receiver,
    ids,
    newcomer,
    emptyIds: {
      flow: empty.id,
      dataset: nowhere,
      recipe: nowhere,
      output: nowhere,
      task: nowhere,
      job: nowhere,
      delivery: nowhere,
      flowRun: nowhere,
    },
    async stop() {
      await server.stop();
      await receiver.stop();
    },
  };
}

/** Makes a flow as the demo does, runs it, and waits until its callback is delivered. */
export async function fillFlow(author: TestPerson, receiver: Receiver): Promise<Ids> {
  const content = 'id,customer,amount\n1,Ada,12.5\n2,Bob,7\n3,Ada,30\n';
  const { id: dataset } = await uploadDataset(author, { fileName: 'orders.csv', content });
  const flow = await author.call(flowEndpoints.create, {
    body: { name: 'Orders', description: 'Sums of orders by customer' },
  });
  const first = await author.call(wrangledDatasetEndpoints.create, {
    body: {
      name: 'large_orders',
      flow: { id: flow.id },
      importedDataset: { id: dataset },
      sql: 'select * from orders where amount > 10',
    },
  });
  const recipe = await author.call(wrangledDatasetEndpoints.create, {
    body: {
      name: 'totals',
      flow: { id: flow.id },
      wrangledDataset: { id: first.id },
      sql: 'select customer, sum(amount) as total from large_orders group by customer order by customer',
    },
  });
  const output = await author.call(outputObjectEndpoints.create, {
    body: {
      flowNodeId: recipe.id,
      writeSettings: [{ path: `orders-${flow.id}/totals.csv`, action: 'overwrite', format: 'csv' }],
    },
  });
  const task = await author.call(webhookTaskEndpoints.create, {
    body: {
      flowId: flow.id,
      name: 'Tell the receiver',
      url: `${receiver.origin}/jobs`,
      method: 'post',
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
      headers: { 'Content-Type': 'application/json' },
      body: '{"job":"$jobId","status":"$jobStatus"}',
      secretKey: 'a secret for tests',
    },
  });
  const isCalled = noteCalls(receiver);
  const job = await author.call(jobGroupEndpoints.create, { body: { wrangledDataset: { id: recipe.id } } });
  const delivery = await awaitDelivery(author, job.id, isCalled);
  const isCalledAgain = noteCalls(receiver);
  const { flowRunId } = await author.call(flowRunEndpoints.create, { params: { id: flow.id } });
  const status = () => author.call(flowRunEndpoints.status, { params: { id: flowRunId } });
  await until(async () => isCalledAgain() && (await status()) === 'Complete');
  await author.call(flowParameterEndpoints.create, {
    params: { id: flow.id },
    body: { name: 'region', defaultValue: 'north', description: 'Where the orders come from' },
  });
  await author.call(scheduleEndpoints.create, {
    body: {
      triggers: [{ timeBased: { cron: { expression: '30 6 * * 1-5' }, timezone: 'Asia/Kolkata' } }],
      tasks: [{ runFlow: { flowId: flow.id } }],
    },
  });
  return {
    flow: flow.id,
    dataset,
    recipe: recipe.id,
    output: output.id,
    task: task.id,
    job: job.id,
    delivery,
    flowRun: flowRunId,
  };
}

/** Tells whether there was a call since: to be asked before the server is, which costs a hundred times as much. */
export function noteCalls({ received }: Receiver): () => boolean {
  const before = received.length;
  return () => received.length > before;
}

async function awaitDelivery(
  author: TestPerson,
  jobGroupId: number,
  isCalled: () => boolean,
): Promise<number> {
  let found: number | undefined;
  await until(
    async () => {
      if (!isCalled()) return false;
      const { data } = await author.call(webhookDeliveryEndpoints.list, { query: { jobGroupId } });
      found = data.find(({ state }) => state === 'delivered')?.id;
      return found !== undefined;
    },
    'the callback of the job is delivered',
    60_000,
  );
  return found!;
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let reply = { status: 204, body: '' };
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      received.push({ method, url, headers, body });
      response.writeHead(reply.status).end(reply.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(status, body = '') {
      reply = { status, body };
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
