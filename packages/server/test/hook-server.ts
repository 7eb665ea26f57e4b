// A running server with a flow, and a receiver on this machine that it may call: webhooks from outside to outside.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import type { Dialect } from '../src/db/dialect.ts';
import { startServer, type TestServer } from './server.ts';
import { until } from './wait.ts';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** What the next requests are answered with; a promise keeps them waiting. */
  answer(how: (request: Received) => Answer | Promise<Answer>): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let how: (request: Received) => Answer | Promise<Answer> = () => ({ status: 200 });
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      const { method, url, headers } = request;
      const what = { method: method!, url: url!, headers, body };
      received.push(what);
      void Promise.resolve(how(what)).then(({ status, headers: own, body: text }) =>
        response.writeHead(status, own).end(text),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (next) => void (how = next),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface HookServer {
  readonly server: TestServer;
  readonly receiver: Receiver;
  /** The author's. */
  readonly flowId: number;
  addTask(task?: Record<string, unknown>): Promise<number>;
  /** Ends a job of the flow; gives its id. */
  endJob(status?: 'Complete' | 'Failed' | 'Canceled', facts?: Record<string, string>): Promise<number>;
  /** The deliveries of a job once none of them waits or is being sent. */
  settled(jobId: number): Promise<SettledDelivery[]>;
  stop(): Promise<void>;
}

type SettledDelivery = Awaited<ReturnType<typeof readDeliveries>>[number];

export async function startHookServer(
  dialect: Dialect,
  env: Record<string, string> = {},
): Promise<HookServer> {
  const server = await startServer(dialect, env);
  const receiver = await startReceiver();
  await allowUrls(server, [`^${receiver.url.replaceAll('.', '\\.')}/`]);
  const { id: flowId } = await server.author.call(flowEndpoints.create, { body: { name: 'Calls back' } });
  return {
    server,
    receiver,
    flowId,
    addTask: async (task = {}) => {
      const usual = {
        flowId,
        name: 'Tell the receiver',
        url: `${receiver.url}/hook`,
        method: 'post',
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
      } as const;
      return (await server.author.call(webhookTaskEndpoints.create, { body: { ...usual, ...task } })).id;
    },
    endJob: (status = 'Complete', facts = {}) => endExternal(server, flowId, status, facts),
    settled: async (jobId) => {
      const open = new Set(['pending', 'sending']);
      await until(async () => (await readDeliveries(server, jobId)).every(({ state }) => !open.has(state)));
      return readDeliveries(server, jobId);
    },
    async stop() {
      await server.stop();
      await receiver.close();
    },
  };
}

export async function allowUrls(server: TestServer, expressions: string[]): Promise<void> {
  await server.administrator.call(workspaceEndpoints.changeSettings, {
    body: { 'webapp.webhookSettings.allowedUrlRegexes': expressions },
  });
}

async function endExternal(
  server: TestServer,
  flowId: number,
  status: 'Complete' | 'Failed' | 'Canceled',
  facts: Record<string, string>,
): Promise<number> {
  const { id } = await server.author.call(externalJobEndpoints.create, { body: { flow: { id: flowId } } });
  await server.author.call(externalJobEndpoints.change, { params: { id }, body: { status, facts } });
  return id;
}

async function readDeliveries({ author }: TestServer, jobId: number) {
  const query = { jobGroupId: jobId, noLimit: true, sort: 'id' };
  return (await author.call(webhookDeliveryEndpoints.list, { query })).data;
}
