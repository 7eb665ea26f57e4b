// Decisions over HTTP: those of jobs, and those of what no job was about: overdue outputs and the ends of flow runs.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowRunEndpoints as flowRuns } from '@flowhook/contract/job/flow-run';
import { webhookDecisionEndpoints as decisions } from '@flowhook/contract/webhook/webhook-decision';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../../test/database.ts';
import { makeTriggerWorld, type TriggerWorld } from '../../../../test/trigger-world.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('Decisions', (_, dialect) => {
  let world: TriggerWorld;
  before(async () => {
    world = await makeTriggerWorld(dialect);
  });
  after(async () => {
    assert.deepEqual(await world.audit(), []);
    await world.stop();
  });

  it('are listed by task, job, flow run and kind, each once, with what is owed for it', async () => {
    const { author } = world.server;
    const flow = await world.makeFlow('totals');
    const add = (name: string, more: object = {}) =>
      author.call(tasks.create, {
        body: {
          name,
          flowId: flow.id,
          url: 'https://decisions.invalid/',
          method: 'post',
          triggerEvent: 'onJobDone',
          triggerObject: 'any',
          ...more,
        },
      });
    const each = await add('each job');
    const whole = await add('the whole run', { condition: { kind: 'flowRunEnded' } });
    const late = await add('late', { condition: { kind: 'notRefreshedWithin', seconds: 86_400 } });
    const run = await author.call(flowRuns.create, { params: { id: flow.id } });
    const jobId = run.data[0]!.id;
    assert.equal(await world.end(jobId), 'Complete');
    const list = async (query: object) => (await author.call(decisions.list, { query: query as never })).data;
    await until(async () => (await list({ flowRunId: run.flowRunId })).length === 3, 'the end of the run');
    const shown = (rows: Awaited<ReturnType<typeof list>>) =>
      rows.map(({ event, webhookFlowTask, fired, webhookDelivery, jobGroup }) => [
        event,
        webhookFlowTask.name,
        fired,
        webhookDelivery !== null,
        jobGroup?.id ?? null,
      ]);
    assert.deepEqual(shown(await list({ flowRunId: run.flowRunId, withoutJob: true })), [
      ['flowRun.success', 'each job', false, false, null],
      ['flowRun.success', 'the whole run', true, true, null],
      ['flowRun.success', 'late', false, false, null],
    ]);
    assert.deepEqual(shown(await list({ jobGroupId: jobId, fired: true })), [
      ['job.success', 'each job', true, true, jobId],
    ]);
    // As if all of it had been two days ago, and the deadline a day after.
    const { db } = world.server.app;
    await db.transaction(async (tx) => {
      await tx
        .updateTable('webhook_deadlines')
        .set((eb) => ({
          due_at: eb('due_at', '-', 90_000_000),
          window_start: eb('window_start', '-', 90_000_000),
        }))
        .where('task_id', '=', late.id)
        .execute();
      const twoDaysAgo = Date.now() - 172_800_000;
      await tx.updateTable('jobs').set({ finished_at: twoDaysAgo }).where('id', '=', jobId).execute();
      await tx.updateTable('events').set({ created_at: twoDaysAgo }).where('job_id', '=', jobId).execute();
    });
    const overdue = { webhookFlowTaskId: late.id, event: 'output.overdue' };
    await until(async () => (await list(overdue)).length > 0, 'the overdue output is told', 20_000);
    const [told] = await list(overdue);
    assert.deepEqual([told?.fired, told?.jobGroup, told?.flowRun], [true, null, null]);
    assert.ok(told?.webhookDelivery);
    const ofTask = await author.call(decisions.list, {
      query: { webhookFlowTaskId: whole.id, limit: 1, includeCount: true },
    });
    assert.equal(ofTask.data.length, 1);
    assert.ok(ofTask.count! >= 2);
    const next = await list({ webhookFlowTaskId: whole.id, after: ofTask.data[0]!.eventId });
    assert.equal(next.length, ofTask.count! - 1);
    assert.equal(
      next.some(({ eventId }) => eventId === ofTask.data[0]!.eventId),
      false,
    );
    assert.ok((await list({ webhookFlowTaskId: each.id })).every(({ reason }) => reason.length > 0));
    const stranger = await world.server.addPerson('author');
    assert.deepEqual((await stranger.call(decisions.list, { query: { flowId: flow.id } })).data, []);
  });
});
