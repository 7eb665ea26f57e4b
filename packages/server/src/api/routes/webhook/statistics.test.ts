// Statistics by HTTP: a real receiver and a broken one, and only what the caller may see.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'node:test';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { statisticsEndpoints as endpoints } from '@flowhook/contract/webhook/statistics';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestServer } from '../../../../test/server.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('Statistics by HTTP', (_, dialect) => {
  let server: TestServer;
  let receiver: Server;
  let flowId: number;
  let taskId: number;
  let url: string;

  before(async () => {
    receiver = createServer((request, response) => {
      request.resume();
      response.statusCode = request.url === '/broken' ? 500 : 200;
      response.end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    server = await startServer(dialect, {
      FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${url}/`]),
    });
    const { author } = server;
    flowId = (await author.call(flowEndpoints.create, { body: { name: 'Counted' } })).id;
    const task = { flowId, method: 'post', triggerEvent: 'onJobDone', triggerObject: 'any' } as const;
    const add = async (name: string, path: string) =>
      (await author.call(webhookTaskEndpoints.create, { body: { ...task, name, url: `${url}${path}` } })).id;
    taskId = await add('Takes all', '/ok');
    await add('Takes none', '/broken');
    const job = await author.call(externalJobEndpoints.create, { body: { flow: { id: flowId } } });
    await author.call(externalJobEndpoints.change, { params: { id: job.id }, body: { status: 'Complete' } });
    await until(async () => {
      const { attempts } = await author.call(endpoints.get);
      return attempts.delivered === 1 && attempts.retried === 1;
    }, 'both attempts');
  });
  after(async () => {
    await server.stop();
    receiver.close();
  });

  it('counts what happened, with rate, times, failing receivers and what is open', async () => {
    const found = await server.author.call(endpoints.get, { query: { stepSeconds: 60 } });
    assert.equal(found.stepSeconds, 600);
    assert.ok(found.series.length >= 144 && found.series.length <= 146, String(found.series.length));
    assert.equal(
      found.series.reduce((sum, { delivered }) => sum + delivered, 0),
      1,
    );
    assert.equal(found.successRate, 1);
    assert.equal(found.timeToReceive.count, 1);
    assert.ok(found.timeToReceive.p95Ms! > 0);
    assert.equal(found.deliveries.pending, 1);
    assert.ok(Date.parse(found.oldestPendingAt!) <= Date.now());
    const [failing, ...rest] = found.failingReceivers;
    assert.equal(rest.length, 0);
    assert.deepEqual(
      [failing!.host, failing!.failed, failing!.attempts, failing!.failureRate, failing!.lastReason],
      [new URL(url).host, 1, 2, 0.5, '500'],
    );
    assert.deepEqual(
      failing!.webhookFlowTasks.map(({ name }) => name),
      ['Takes none'],
    );
    assert.deepEqual(found.jobs, { queued: 0, running: 0 });
  });

  it('is narrowed to a flow or a task', async () => {
    const { attempts } = await server.author.call(endpoints.get, { query: { webhookFlowTaskId: taskId } });
    assert.deepEqual([attempts.delivered, attempts.retried], [1, 0]);
    const ofFlow = await server.author.call(endpoints.get, { query: { flowId } });
    assert.equal(ofFlow.attempts.retried, 1);
  });

  it('gives each task of a flow its own series in one call', async () => {
    const { data, stepSeconds } = await server.author.call(endpoints.flow, { params: { id: flowId } });
    assert.equal(stepSeconds, 6 * 3600);
    assert.deepEqual(
      data.map(({ webhookFlowTask, attempts }) => [
        webhookFlowTask.name,
        attempts.delivered,
        attempts.retried,
      ]),
      [
        ['Takes all', 1, 0],
        ['Takes none', 0, 1],
      ],
    );
    assert.ok(data[0]!.series.length >= 28 && data[0]!.series.length <= 30);
  });

  it('says nothing of flows that the caller does not see', async () => {
    const stranger = await server.addPerson('author');
    const found = await stranger.call(endpoints.get);
    assert.deepEqual(found.attempts, { delivered: 0, retried: 0, dead: 0, blocked: 0, canceled: 0 });
    assert.equal(found.oldestPendingAt, null);
    assert.deepEqual(found.failingReceivers, []);
    assert.deepEqual(found.deliveries.pending, 0);
    await stranger.refused(endpoints.get, 404, { query: { flowId } });
    await stranger.refused(endpoints.get, 404, { query: { webhookFlowTaskId: taskId } });
    await stranger.refused(endpoints.flow, 404, { params: { id: flowId } });
    await server.nobody.refused(endpoints.get, 401);
  });

  it('refuses a range that is none, naming the field', async () => {
    const now = new Date().toISOString();
    const problem = await server.author.refused(endpoints.get, 400, { query: { from: now, to: now } });
    assert.equal(problem.errors?.[0]?.field, 'from');
    await server.author.refused(endpoints.get, 400, { query: { stepSeconds: 1 } });
  });
});
