// Chains over HTTP, both ways: a task that runs a job, and a POST to this server's own API with a token.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { auditLogEndpoints as auditLog } from '@flowhook/contract/workspace/audit-log';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { webhookDeliveryEndpoints as deliveries } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { workspaceEndpoints as workspace } from '@flowhook/contract/workspace/workspace';
import { describeOnBoth } from '../../test/database.ts';
import { makeTriggerWorld, type TriggerWorld } from '../../test/trigger-world.ts';
import { until } from '../../test/wait.ts';

describeOnBoth('Chains', (_, dialect) => {
  let world: TriggerWorld;
  before(async () => {
    world = await makeTriggerWorld(dialect);
    const body = { 'webapp.webhookSettings.selfCalls': true };
    await world.server.administrator.call(workspace.changeSettings, { body });
  });
  after(async () => {
    assert.deepEqual(await world.audit(), []);
    await world.stop();
  });

  const watch = (flowId: number, recipeId: number) => ({
    name: `After ${recipeId}`,
    flowId,
    triggerEvent: 'onJobSuccess' as const,
    triggerObject: 'some' as const,
    flowNodeIds: [recipeId],
  });
  const launch = async (recipeId: number) => {
    const body = { wrangledDataset: { id: recipeId } };
    const { id } = await world.server.author.call(jobs.create, { body });
    assert.equal(await world.end(id), 'Complete');
    return id;
  };
  const jobsOf = async (flowId: number) =>
    (await world.server.author.call(jobs.list, { query: { flowId: String(flowId) } })).data;

  it('stop where the recipe is deleted: the task is disabled with the reason, as was said beforehand', async () => {
    const { author, administrator } = world.server;
    const [first, second, third] = [
      await world.makeFlow('a'),
      await world.makeFlow('b'),
      await world.makeFlow('c'),
    ];
    const stranger = await world.server.addPerson('author');
    const run = (flow: typeof first, target: typeof first, by = author) =>
      by.call(tasks.create, {
        body: { ...watch(flow.id, flow.recipeIds[0]!), runWrangledDataset: { id: target.recipeIds[0]! } },
      });
    const task = await run(first, second);
    const other = await run(first, third);
    const [id, flowId] = [second.recipeIds[0]!, third.id];
    const shown = { id: task.id, name: task.name, flow: { id: first.id } };
    const before = await author.call(recipes.deletion, { params: { id } });
    assert.deepEqual(
      [before.disabledWebhookFlowTasks, before.hiddenDisabledWebhookFlowTaskCount, before.readers],
      [[shown], 0, []],
    );
    assert.equal(before.outputObjects.length, 1);
    const grant = { data: [{ personId: stranger.id, role: 'readOnly' as const }] };
    await author.call(permissions.give, { params: { id: second.id }, body: grant });
    const seen = await stranger.call(recipes.deletion, { params: { id } });
    assert.deepEqual([seen.disabledWebhookFlowTasks, seen.hiddenDisabledWebhookFlowTaskCount], [[], 1]);
    await author.call(recipes.remove, { params: { id } });
    const off = await author.call(tasks.get, { params: { id: task.id } });
    assert.deepEqual([off.enabled, off.runWrangledDataset], [false, { id }]);
    assert.match(off.disabledReason!, /recipe that it runs was deleted/u);
    const again = await author.refused(tasks.change, 400, {
      params: { id: task.id },
      body: { enabled: true },
    });
    assert.equal(again.errors[0]?.field, 'runWrangledDataset');
    const gone = await author.call(flows.deletion, { params: { id: flowId } });
    assert.deepEqual(
      gone.disabledWebhookFlowTasks.map((each) => each.id),
      [other.id],
    );
    await author.call(flows.remove, { params: { id: flowId } });
    const { enabled, disabledReason } = await author.call(tasks.get, { params: { id: other.id } });
    assert.deepEqual(
      [enabled, /flow whose recipe it runs was deleted/u.test(disabledReason!)],
      [false, true],
    );
    const { data } = await administrator.call(auditLog.list, {
      query: { objectKind: 'webhook task', action: 'change' },
    });
    assert.deepEqual(
      data.map((each) => [each.objectId, each.person?.id, (each.after as { enabled: boolean }).enabled]),
      [
        [other.id, author.id, false],
        [task.id, author.id, false],
      ],
    );
    // Its jobs go on, and each says why the task did not fire.
    const job = await launch(first.recipeIds[0]!);
    const decisions = await author.call(jobs.webhooks, { params: { id: job } });
    assert.deepEqual(
      decisions.data.map(({ fired, reason }) => [fired, /was disabled .* was deleted/u.test(reason ?? '')]),
      [
        [false, true],
        [false, true],
      ],
    );
  });

  it('run another flow’s recipe, once for a delivery, and show where it came from', async () => {
    const { author } = world.server;
    const [first, second] = [await world.makeFlow('lines'), await world.makeFlow('totals')];
    const runWrangledDataset = { id: second.recipeIds[0]! };
    const task = await author.call(tasks.create, {
      body: { ...watch(first.id, first.recipeIds[0]!), runWrangledDataset },
    });
    assert.deepEqual([task.kind, task.runWrangledDataset, task.url], ['runJob', runWrangledDataset, '']);
    const source = await launch(first.recipeIds[0]!);
    await until(async () => (await jobsOf(second.id)).length === 1, 'the job that was started');
    const [started] = await jobsOf(second.id);
    assert.equal(await world.end(started!.id), 'Complete');
    const job = await author.call(jobs.get, { params: { id: started!.id } });
    assert.deepEqual(
      [job.startedBy.kind, job.startedBy.jobGroup, job.startedBy.webhookFlowTask],
      ['webhook', { id: source }, { id: task.id, name: task.name, flow: { id: first.id } }],
    );
    const [named] = (
      await author.call(tasks.listOfFlow, {
        params: { id: first.id },
        query: { embed: 'runWrangledDataset' },
      })
    ).data;
    assert.deepEqual(named!.runWrangledDataset, {
      ...runWrangledDataset,
      name: 'totals',
      flow: { id: second.id, name: 'Sales' },
    });
    const delivery = await author.call(deliveries.get, { params: { id: job.startedBy.webhookDelivery!.id } });
    assert.deepEqual(
      [delivery.deliveryId, delivery.startedJobGroup],
      [job.startedBy.delivery, { id: started!.id }],
    );
    for (const id of [source, started!.id]) {
      const chain = await author.call(jobs.chain, { params: { id } });
      assert.deepEqual(
        [chain.jobGroups.map((each) => each.id), chain.links.map((link) => [link.source, link.target])],
        [[source, started!.id], [[source, started!.id]]],
      );
    }
    const { data } = await author.call(deliveries.list, { query: { jobGroupId: String(source) } });
    await author.call(deliveries.redeliver, { params: { id: data[0]!.id }, body: {} });
    await until(
      async () => (await author.call(deliveries.get, { params: { id: data[0]!.id } })).attemptCount === 2,
      'the second attempt',
    );
    assert.equal((await jobsOf(second.id)).length, 1, 'the same delivery starts one job');
    const attempt = await author.call(deliveries.attempt, { params: { id: data[0]!.id, n: 1 } });
    assert.deepEqual([attempt.statusCode, JSON.parse(attempt.response!.body!)], [201, { id: started!.id }]);
    const stranger = await world.server.addPerson('author');
    await stranger.refused(jobs.chain, 404, { params: { id: source } });
    const grant = { data: [{ personId: stranger.id, role: 'readOnly' as const }] };
    await author.call(permissions.give, { params: { id: second.id }, body: grant });
    const seen = await stranger.call(jobs.chain, { params: { id: started!.id } });
    assert.deepEqual([seen.jobGroups.length, seen.links], [1, []], 'a flow of others stays away');
    await author.call(permissions.take, { params: { id: second.id, personId: stranger.id } });
    await author.call(permissions.give, { params: { id: first.id }, body: grant });
    const half = await stranger.call(deliveries.get, { params: { id: data[0]!.id } });
    const [hidden] = (
      await stranger.call(tasks.listOfFlow, {
        params: { id: first.id },
        query: { embed: 'runWrangledDataset' },
      })
    ).data;
    assert.deepEqual(
      [half.startedJobGroup, hidden!.runWrangledDataset],
      [null, runWrangledDataset],
      'a job and a recipe of others stay away',
    );
  });

  it('run the original’s way, by a POST to this server with a token', async () => {
    const { author } = world.server;
    const [first, second] = [await world.makeFlow('lines'), await world.makeFlow('totals')];
    await author.call(tasks.create, {
      body: {
        ...watch(first.id, first.recipeIds[0]!),
        url: `${world.server.url}/v4/jobGroups`,
        method: 'post',
        headers: { Authorization: `Bearer ${author.token}` },
        body: `{"wrangledDataset":{"id":${second.recipeIds[0]!}}}`,
      },
    });
    const source = await launch(first.recipeIds[0]!);
    await until(async () => (await jobsOf(second.id)).length === 1, 'the job that was started');
    const [started] = await jobsOf(second.id);
    await world.end(started!.id);
    const chain = await author.call(jobs.chain, { params: { id: source } });
    assert.deepEqual(
      chain.links.map((link) => [link.source, link.target]),
      [[source, started!.id]],
    );
  });

  it('are refused where they close a circle, over flows and in both ways', async () => {
    const { author } = world.server;
    const [first, second] = [await world.makeFlow('lines'), await world.makeFlow('totals')];
    const [lines, totals] = [first.recipeIds[0]!, second.recipeIds[0]!];
    const problem = await author.refused(tasks.create, 400, {
      body: {
        ...watch(first.id, lines),
        triggerObject: 'any',
        flowNodeIds: [],
        runWrangledDataset: { id: lines },
      },
    });
    assert.deepEqual(
      [problem.errors[0]?.field, /circle/u.test(problem.detail)],
      ['runWrangledDataset', true],
    );
    const kept = await author.call(tasks.create, {
      body: { ...watch(first.id, lines), runWrangledDataset: { id: totals } },
    });
    const back = { ...watch(second.id, totals), runWrangledDataset: { id: lines } };
    await author.refused(tasks.create, 400, { body: back });
    const byUrl = await author.refused(tasks.create, 400, {
      body: {
        ...watch(second.id, totals),
        url: `${world.server.url}/v4/jobGroups`,
        method: 'post',
        body: `{"wrangledDataset":{"id":${lines}}}`,
      },
    });
    assert.equal(byUrl.errors[0]?.field, 'url');
    const any = { triggerObject: 'any' as const, flowNodeIds: [] };
    await author.call(tasks.change, { params: { id: kept.id }, body: any });
    await author.refused(tasks.create, 400, { body: back });
    await author.call(tasks.create, {
      body: { ...back, condition: { kind: 'flowRunEnded' }, name: 'No job starts it' },
    });
    await author.call(tasks.remove, { params: { id: kept.id } });
    await author.call(tasks.create, { body: back });
  });

  interface Told {
    recipes: number[];
    links: (number | null)[][];
    disabled: number;
  }

  it('are shown before any job has run, from a flow and to it, without what belongs to others', async () => {
    const { author } = world.server;
    const [first, second, third] = [
      await world.makeFlow('lines', 'notes'),
      await world.makeFlow('totals'),
      await world.makeFlow('report'),
    ];
    const [lines, totals, report] = [first.recipeIds[0]!, second.recipeIds[0]!, third.recipeIds[0]!];
    const make = (flowId: number, from: number, to: number, more: object = {}) =>
      author.call(tasks.create, {
        body: { ...watch(flowId, from), runWrangledDataset: { id: to }, ...more },
      });
    const onward = await make(first.id, lines, totals);
    const last = await make(second.id, totals, report, { triggerObject: 'any', flowNodeIds: [] });
    const nightly = await make(first.id, lines, report, {
      condition: { kind: 'notRefreshedWithin', seconds: 3600 },
      enabled: false,
    });
    const told = ({ data, by = author }: { data: number; by?: typeof author }): Promise<Told> =>
      by.call(tasks.chainOfFlow, { params: { id: data } }).then(({ wrangledDatasets, links }) => ({
        recipes: wrangledDatasets.map(({ id }) => id),
        links: links.map((link) => [link.source, link.webhookFlowTask.id, link.target]),
        disabled: links.filter(({ webhookFlowTask: task }) => !task.enabled).length,
      }));
    const whole: Told = {
      recipes: [lines, totals, report],
      links: [
        [lines, onward.id, totals],
        [totals, last.id, report],
        [null, nightly.id, report],
      ],
      disabled: 1,
    };
    const inOrder = (chain: Told) => ({
      ...chain,
      links: chain.links.toSorted((one, other) => one[1]! - other[1]!),
    });
    assert.deepEqual(inOrder(await told({ data: first.id })), whole);
    assert.deepEqual(inOrder(await told({ data: third.id })), whole, 'also looked at from its end');
    const stranger = await world.server.addPerson('author');
    await stranger.refused(tasks.chainOfFlow, 404, { params: { id: first.id } });
    const grant = { data: [{ personId: stranger.id, role: 'readOnly' as const }] };
    for (const id of [second.id, third.id])
      await author.call(permissions.give, { params: { id }, body: grant });
    const seen = await told({ data: third.id, by: stranger });
    assert.deepEqual(seen, { recipes: [totals, report], links: [[totals, last.id, report]], disabled: 0 });
    const alone = await world.makeFlow('alone');
    assert.deepEqual(await told({ data: alone.id }), { recipes: [], links: [], disabled: 0 });
  });

  it('end by their length where the circle is made at run time', async () => {
    const { author } = world.server;
    const flow = await world.makeFlow('lines');
    await author.call(tasks.create, {
      body: {
        ...watch(flow.id, flow.recipeIds[0]!),
        url: `${world.server.url}/v4/jobGroups`,
        method: 'post',
        headers: { Authorization: `Bearer ${author.token}` },
        body: '{"wrangledDataset":{"id":$recipeId}}',
      },
    });
    const source = await launch(flow.recipeIds[0]!);
    const dead = async () =>
      (await author.call(deliveries.list, { query: { flowId: String(flow.id), state: 'dead' } })).data;
    await until(async () => (await dead()).length === 1, 'the end of the chain', 60_000);
    assert.deepEqual([(await dead())[0]!.lastStatusCode, (await dead())[0]!.endReason], [410, 'gone']);
    const { jobGroups } = await author.call(jobs.chain, { params: { id: source } });
    assert.equal(jobGroups.length, 11, 'the first job and ten that webhooks led to');
  });

  it('have the rights of who chose the recipe, as they are at the attempt', async () => {
    const { author } = world.server;
    const owner = await world.server.addPerson('author');
    const { id: flowId } = await owner.call(flows.create, { body: { name: 'Theirs' } });
    const other = await world.makeFlow('totals');
    const target = { id: other.recipeIds[0]! };
    const first = await world.makeFlow('lines');
    const refused = await owner.refused(tasks.create, 400, {
      body: { ...watch(flowId, 1), triggerObject: 'any', flowNodeIds: [], runWrangledDataset: target },
    });
    assert.equal(refused.errors[0]?.field, 'runWrangledDataset', 'a recipe that they may not see');
    const share = (id: number, role: 'collaborator' | 'readOnly') =>
      author.call(permissions.give, { params: { id }, body: { data: [{ personId: owner.id, role }] } });
    await share(first.id, 'collaborator');
    await share(other.id, 'readOnly');
    await owner.call(tasks.create, {
      body: { ...watch(first.id, first.recipeIds[0]!), runWrangledDataset: target, retryOnFailure: false },
    });
    await author.call(permissions.take, { params: { id: other.id, personId: owner.id } });
    const source = await launch(first.recipeIds[0]!);
    const read = async () =>
      (await author.call(deliveries.list, { query: { jobGroupId: String(source) } })).data[0];
    await until(async () => (await read())?.state === 'dead', 'the refused launch');
    assert.equal((await read())!.lastStatusCode, 404);
    assert.deepEqual(await jobsOf(other.id), []);
  });
});
