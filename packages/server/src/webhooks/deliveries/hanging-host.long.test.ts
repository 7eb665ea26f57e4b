// Receivers that take connections and never answer hold up nobody: with any number of them, with and without a backlog.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, it } from 'node:test';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../test/database.ts';
import { startReceiver, type Receiver } from '../../../test/hook-server.ts';
import { listenTcp, type Listening } from '../../../test/listen.ts';
import { startServer, type TestServer } from '../../../test/server.ts';
import { until } from '../../../test/wait.ts';

const hanging = [2, 20];
const backlog = 60;

describeOnBoth('Receivers that never answer', (_, dialect) => {
  let server: TestServer;
  let healthy: Receiver;
  before(async () => {
    server = await startServer(dialect, {
      FLOWHOOK_STOP_SECONDS: '1',
      FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([String.raw`^http://127\.0\.0\.1:`]),
    });
    healthy = await startReceiver();
  });
  after(async () => {
    await healthy.close();
    await server.stop();
  });

  const makeFlow = async (url: string) => {
    const { id: flowId } = await server.author.call(flowEndpoints.create, { body: { name: url } });
    const task = { flowId, name: 'tell', url, method: 'post', body: '$jobId' } as const;
    const when = { triggerEvent: 'onJobDone', triggerObject: 'any' } as const;
    await server.author.call(webhookTaskEndpoints.create, { body: { ...task, ...when } });
    return flowId;
  };
  const endJob = async (id: number) => {
    const job = await server.author.call(externalJobEndpoints.create, { body: { flow: { id } } });
    const end = { params: { id: job.id }, body: { status: 'Complete' } } as const;
    await server.author.call(externalJobEndpoints.change, end);
  };

  for (const count of hanging)
    it(`${count} of them leave a healthy one its slots`, async () => {
      const hangs: Listening[] = [];
      let open = 0;
      const hang = (socket: Socket) => {
        open += 1;
        socket.resume().once('close', () => (open -= 1));
      };
      while (hangs.length < count) hangs.push(await listenTcp(hang));
      try {
        const flows = await Promise.all(hangs.map(({ port }) => makeFlow(`http://127.0.0.1:${port}/`)));
        const good = await makeFlow(healthy.url);
        const each = Math.ceil((backlog * 4) / count);
        await Promise.all(
          flows.map(async (flowId) => {
            for (let index = 0; index < each; index += 1) await endJob(flowId);
          }),
        );
        await until(() => hangs.every((one) => one.connections() > 0), 'all of them are called', 30_000);
        const before = healthy.received.length;
        for (let index = 0; index < 20; index += 1) {
          await endJob(good);
          await until(() => healthy.received.length === before + index + 1, 'it is called at once', 10_000);
        }
        assert.ok(open <= 120, `${open} connections of those that hang`);
      } finally {
        await Promise.all(hangs.map((one) => one.close()));
      }
    });
});
