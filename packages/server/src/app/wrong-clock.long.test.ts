// A node whose clock is wrong by days: nothing expires, nothing is removed, and it says so. Needs libfaketime.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth, type TestDatabase } from '../../test/database.ts';
import { startReceiver, type Receiver } from '../../test/hook-server.ts';
import { processSettings, startServerProcess, type ServerProcess } from '../../test/server-process.ts';
import { until } from '../../test/wait.ts';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

describeOnBoth('A clock that jumps by days', (make) => {
  const skip = existsSync(library) ? false : 'libfaketime is not installed';
  let test: TestDatabase;
  let receiver: Receiver;
  let node: ServerProcess | undefined;
  before(async () => {
    test = await make();
    receiver = await startReceiver();
  });
  after(async () => {
    await node?.kill();
    await receiver.close();
    await test.remove();
  });

  for (const days of [4, 100, -4, -100])
    it(`of ${days} days expires nothing, and is told`, { skip }, async () => {
      const clock = join(test.dataDir, 'clock');
      writeFileSync(clock, '+0d\n');
      receiver.answer(() => ({ status: 500 }));
      node = await startServerProcess({
        ...processSettings(test.dataDir, test.url),
        FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^${receiver.url.replaceAll('.', String.raw`\.`)}`]),
        FLOWHOOK_RETRY_SCHEDULE: Array.from({ length: 20 }, () => '0.5').join(','),
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        DONT_FAKE_MONOTONIC: '1',
      });
      const { client, ready } = node;
      const { id: flowId } = await client.call(flowEndpoints.create, { body: { name: `Days ${days}` } });
      const task = { name: 'tell', url: receiver.url, method: 'post', body: '$jobId' } as const;
      const when = { triggerEvent: 'onJobDone', triggerObject: 'any', retryOnFailure: true } as const;
      await client.call(webhookTaskEndpoints.create, { body: { ...task, ...when, flowId } });
      const job = await client.call(externalJobEndpoints.create, { body: { flow: { id: flowId } } });
      await client.call(externalJobEndpoints.change, {
        params: { id: job.id },
        body: { status: 'Complete' },
      });
      await until(() => receiver.received.length > 0, 'a first attempt');
      writeFileSync(clock, `${days > 0 ? '+' : ''}${days}d\n`);
      await until(async () => (await ready()).checks['clock']?.ok === false, 'it says so');
      const { status, checks } = await ready();
      assert.equal(status, 200, JSON.stringify(checks));
      assert.match(checks['clock']!.detail, days > 0 ? /ahead of/u : /behind/u);
      const before = receiver.received.length;
      await until(() => receiver.received.length > before + 2, 'it goes on to try', 30_000);
      receiver.answer(() => ({ status: 200 }));
      const list = () => client.call(webhookDeliveryEndpoints.list, { query: { flowId } });
      await until(async () => (await list()).data[0]?.state === 'delivered', 'it is delivered', 30_000);
      await node.kill();
    });
});
