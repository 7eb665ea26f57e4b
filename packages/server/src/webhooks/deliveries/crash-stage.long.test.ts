// A delivery that ends the server at a stage of its attempt is held at the third time; all others arrive, the server stays up.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { it } from 'node:test';
import { auditEndpoints } from '@flowhook/contract/webhook/audit';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { statisticsEndpoints } from '@flowhook/contract/webhook/statistics';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { crashMark, type CrashStage } from '../../../test/crash-stage.ts';
import { inCrashWorld, type CrashWorld } from '../../../test/crash-world.ts';
import { describeOnBoth } from '../../../test/database.ts';
import type { ProcessWorld } from '../../../test/process-world.ts';
import { until } from '../../../test/wait.ts';

const neighbours = 6;
/** Three; where an answer takes long, a neighbour that was begun meanwhile is blamed for one of them. */
const maxEnds = 5;
/** A start of the server takes long on a busy machine, and there are four. */
const patienceMs = 240_000;
/** Each costs four starts of a server: the stages are shared out, as they are the same on both databases. */
const stagesOf = { sqlite: ['compose', 'answer'], postgres: ['send', 'settle'] } as const;

describeOnBoth('A delivery that ends the server', (make, engine) => {
  for (const stage of stagesOf[engine])
    it(`is held at the third time it does so at the stage ${stage}`, () =>
      inCrashWorld(make, (crash) => holdAfterThree(crash, stage)));

  async function holdAfterThree({ world, file, supervise }: CrashWorld, stage: CrashStage): Promise<void> {
    const { id: taskId } = await world.client.call(webhookTaskEndpoints.create, {
      body: {
        name: 'ends the server',
        flowId: world.flowId,
        url: `${world.hook}${crashMark}`,
        method: 'post',
        triggerEvent: 'onJobFailure',
        triggerObject: 'any',
        body: `${crashMark} $jobId`,
      },
    });
    await writeFile(file, stage);
    const told = endJobs(world);
    const marked = () => deliveriesOf(world, { webhookFlowTaskId: String(taskId) });
    const isHeld = () =>
      marked().then(
        ([first]) => first?.held === true,
        () => false,
      );
    const supervisor = supervise();
    await until(isHeld, 'it is held', patienceMs);
    await told;
    const others = async () =>
      (await deliveriesOf(world, {})).filter(({ webhookFlowTask }) => webhookFlowTask.id !== taskId);
    await until(
      async () => (await others()).every(({ state }) => state === 'delivered'),
      'its neighbours arrived',
      patienceMs,
    );
    const [held] = await marked();
    assert.deepEqual([held!.state, held!.heldReason, held!.nextAttemptAt], ['pending', 'crashes', null]);
    const ends = supervisor.stop();
    assert.ok(ends >= 3 && ends <= maxEnds, `the server ended ${ends} times`);
    assert.ok(held!.attemptCount >= 3 && held!.attemptCount <= ends, `${held!.attemptCount} attempts`);
    assert.equal((await others()).length, neighbours + 1);
    const { text: metrics } = await world.client.send('GET', '/metrics');
    assert.match(metrics, /^flowhook_delivery_attempts_total\{[^}]*outcome="interrupted"[^}]*\} [1-9]/mu);
    const counted = await world.client.call(statisticsEndpoints.get, { query: {} });
    assert.deepEqual([counted.deliveries.held, counted.deliveries.heldForCrashes], [1, 1]);
    // Its task is disabled and enabled again: that is not what it waits for.
    for (const enabled of [false, true])
      await world.client.call(webhookTaskEndpoints.change, { params: { id: taskId }, body: { enabled } });
    assert.deepEqual((await marked())[0]!.heldReason, 'crashes');
    const audit = await world.client.call(auditEndpoints.account, {});
    assert.deepEqual(audit.findings, []);
    await rm(file);
    await world.client.call(webhookDeliveryEndpoints.redeliver, { params: { id: held!.id }, body: {} });
    await until(async () => (await marked())[0]!.state === 'delivered', 'a person sent it again');
  }

  /** One of them failed: what is owed for that is marked. All at once, so that their attempts are under way together. */
  async function endJobs({ client, flowId }: ProcessWorld): Promise<void> {
    const ids: number[] = [];
    for (let count = 0; count <= neighbours; count += 1)
      ids.push((await client.call(externalJobEndpoints.create, { body: { flow: { id: flowId } } })).id);
    const end = (id: number, index: number) =>
      client
        .call(externalJobEndpoints.change, {
          params: { id },
          body: { status: index === 2 ? 'Failed' : 'Complete' },
        })
        .then(
          () => true,
          () => false,
        );
    // The server may end before it has answered: a caller asks again.
    await Promise.all(
      ids.map((id, index) => until(() => end(id, index), 'the end of the job is told', patienceMs)),
    );
  }

  async function deliveriesOf({ client }: ProcessWorld, query: { webhookFlowTaskId?: string }) {
    return (await client.call(webhookDeliveryEndpoints.list, { query: { noLimit: true, ...query } })).data;
  }
});
