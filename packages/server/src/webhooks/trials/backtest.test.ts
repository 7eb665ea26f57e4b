// The backtest over HTTP: what a task would have fired for, compared with what really fired.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { externalJobEndpoints as external } from '@flowhook/contract/job/external-job';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { describeOnBoth } from '../../../test/database.ts';
import { makeTriggerWorld, type TriggerWorld } from '../../../test/trigger-world.ts';

describeOnBoth('The backtest', (_, dialect) => {
  let world: TriggerWorld;
  before(async () => {
    world = await makeTriggerWorld(dialect);
  });
  after(async () => {
    assert.deepEqual(await world.audit(), []);
    await world.stop();
  });

  it('finds what a task would have fired for, and reads only', async () => {
    const { author } = world.server;
    const flow = await world.makeFlow('lines');
    const definition = {
      name: 'Told of every success',
      flowId: flow.id,
      url: `${world.receiver.origin}/x`,
      method: 'post' as const,
      triggerEvent: 'onJobSuccess' as const,
      triggerObject: 'any' as const,
      body: '{"job":$jobId}',
    };
    const { id } = await author.call(tasks.create, { body: definition });
    const ended: number[] = [];
    for (const [status, rows] of [
      ['Complete', 100],
      ['Failed', 0],
      ['Failed', 0],
      ['Complete', 130],
      ['Canceled', 0],
    ] as const) {
      const job = await author.call(external.create, { body: { flow: { id: flow.id } } });
      await author.call(external.change, { params: { id: job.id }, body: { status, facts: { rows } } });
      ended.push(job.id);
    }
    const saved = await author.call(tasks.backtest, { body: { id } });
    assert.deepEqual(
      [saved.events, saved.wouldFire, saved.compared, saved.invalidBodies, saved.truncated],
      [5, 2, { both: 2, onlyNow: 0, onlyThen: 0 }, 0, false],
    );
    assert.deepEqual(
      saved.notFired.map(({ reasonCode, count }) => [reasonCode, count]),
      [
        ['waits_for_success', 2],
        ['job_canceled', 1],
      ],
    );
    const changed = await author.call(tasks.backtest, {
      body: {
        id,
        triggerEvent: 'onJobDone',
        condition: { kind: 'failuresInRow', count: 2 },
        body: '{"job":$jobId,"rows":$nothing}',
      },
    });
    assert.deepEqual(
      [
        changed.firings.map(({ jobGroup, reason }) => [jobGroup?.id, reason]),
        changed.compared,
        changed.invalidBodies,
      ],
      [[[ended[2], 'This is the 2nd failure in a row.']], { both: 0, onlyNow: 1, onlyThen: 2 }, 1],
    );
    const { name: _name, ...unsaved } = definition;
    const grown = await author.call(tasks.backtest, {
      body: { ...unsaved, condition: { kind: 'changed', of: 'rows', percent: 20 } },
    });
    assert.deepEqual([grown.firings.map(({ jobGroup }) => jobGroup?.id), grown.compared], [[ended[3]], null]);
    const late = await author.call(tasks.backtest, {
      body: { ...unsaved, days: 2, condition: { kind: 'notRefreshedWithin', seconds: 43_200 } },
    });
    assert.ok(late.wouldFire >= 3 && late.firings.every(({ event }) => event === 'output.overdue'));
    const again = await author.call(tasks.backtest, { body: { id } });
    assert.deepEqual(again, saved, 'nothing has changed');
    await world.server.viewer.refused(tasks.backtest, 403, { body: { id } });
    await author.refused(tasks.backtest, 400, { body: { url: definition.url, method: 'post' } });
  });
});
