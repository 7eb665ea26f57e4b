// An event that ends the server while it is recorded is set aside at the third time: recorded, shown, counted, and sent to nobody.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { it } from 'node:test';
import { externalJobEndpoints as externalJobs } from '@flowhook/contract/job/external-job';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { auditEndpoints } from '@flowhook/contract/webhook/audit';
import { webhookDecisionEndpoints as decisions } from '@flowhook/contract/webhook/webhook-decision';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { crashMark } from '../../../test/crash-stage.ts';
import { inCrashWorld } from '../../../test/crash-world.ts';
import { describeOnBoth } from '../../../test/database.ts';
import { byFullness } from '../../../test/full.ts';
import type { ProcessWorld } from '../../../test/process-world.ts';
import { until } from '../../../test/wait.ts';

/** A start of the server takes long on a busy machine, and there are up to seven. */
const patienceMs = 240_000;
type Told = readonly [event: string, fired: boolean, reason: string];
const aside = /^The server ended three times in a row while it recorded this\./u;

describeOnBoth('An event that ends the server', (make, dialect) => {
  // Each costs five or seven starts of a server: they are shared out, as they are the same on both databases.
  const has = (own: typeof dialect) => byFullness(true, dialect === own);

  it(
    'is set aside alone where a watch found it; what was found with it is told',
    {
      skip: !has('postgres'),
    },
    () =>
      inCrashWorld(make, async ({ world, file, supervise }) => {
        const flowId = await makeFlow(world);
        const guilty = await addJob(world, flowId, crashMark);
        const innocent = await addJob(world, flowId, 'harmless');
        const since = performance.now();
        await until(async () => performance.now() - since > 1100, 'both have run for longer than a second');
        await writeFile(file, 'decide');
        const supervisor = supervise();
        // They are found together.
        const taskId = await makeTask(world, flowId, { kind: 'longerThan', seconds: 1, whileRunning: true });
        const told = () => readTold(world, taskId);
        await until(async () => (await told()).size === 2, 'both are on record', patienceMs);
        checkTold(await told(), guilty, ['job.slow', false, aside]);
        checkTold(await told(), innocent, ['job.slow', true, /longer than/u]);
        // Once together, then three times alone.
        assert.equal(supervisor.stop(), 4, 'ends of the server');
        await checkAccount(world);
      }),
  );

  it('is set aside where a job of ours ends; the job has failed', { skip: !has('sqlite') }, () =>
    inCrashWorld(make, async ({ world, file, supervise }) => {
      const flowId = await makeFlow(world);
      const taskId = await makeTask(world, flowId, { kind: 'longerThan', seconds: 1 });
      const recipe = { name: crashMark, flow: { id: flowId }, sql: 'select 1 as a' };
      const { id } = await world.client.call(recipes.create, { body: recipe });
      await world.client.call(outputs.create, { body: { flowNodeId: id, profiler: false } });
      await writeFile(file, 'decide');
      const job = await world.client.call(jobs.create, { body: { wrangledDataset: { id } } });
      const supervisor = supervise();
      const told = () => readTold(world, taskId);
      await until(async () => (await told()).size === 1, 'it is on record', patienceMs);
      checkTold(await told(), job.id, ['job.failure', false, aside]);
      // Three while it ran and its end was recorded, three more while that failure was.
      assert.equal(supervisor.stop(), 6, 'ends of the server');
      await checkAccount(world);
    }),
  );

  it('is set aside where somebody reports or cancels it, and what came with it is told', () =>
    inCrashWorld(make, async ({ world, file, supervise }) => {
      const flowId = await makeFlow(world);
      const taskId = await makeTask(world, flowId, null);
      const reported = await addJob(world, flowId, crashMark);
      const canceled = await addJob(world, flowId, crashMark);
      const innocent = await addJob(world, flowId, 'harmless');
      await writeFile(file, 'decide');
      const supervisor = supervise();
      const end = (id: number) =>
        world.client
          .send('PATCH', `/v4/jobGroups/${id}/external`, { body: { status: 'Complete' } })
          .catch(() => ({ status: 0 }));
      await until(
        async () => (await Promise.all([end(reported), end(innocent)])).every(({ status }) => status === 200),
        'both ends are taken',
        patienceMs,
      );
      const cancel = () => world.client.send('POST', `/v4/jobGroups/${canceled}/cancel`).catch(() => null);
      await until(async () => (await cancel())?.status === 200, 'the job is canceled', patienceMs);
      assert.equal(supervisor.stop(), 6, 'ends of the server');
      const told = await readTold(world, taskId);
      checkTold(told, reported, ['job.success', false, aside]);
      checkTold(told, canceled, ['job.canceled', false, aside]);
      checkTold(told, innocent, ['job.success', true, /./u]);
      await checkAccount(world, 2);
    }));
});

async function makeFlow({ client }: ProcessWorld): Promise<number> {
  return (await client.call(flows.create, { body: { name: 'Watched' } })).id;
}

async function makeTask(
  { client, hook: url }: ProcessWorld,
  flowId: number,
  condition: object | null,
): Promise<number> {
  const when = { triggerEvent: 'onJobDone', triggerObject: 'any', condition } as const;
  const body = { name: 'tell', flowId, url, method: 'post', body: '$jobId', ...when };
  return (await client.call(tasks.create, { body: body as never })).id;
}

async function addJob({ client }: ProcessWorld, flowId: number, name: string): Promise<number> {
  return (await client.call(externalJobs.create, { body: { flow: { id: flowId }, name } })).id;
}

/** What the task decided, by job; nothing while the server is away. */
async function readTold({ client }: ProcessWorld, taskId: number): Promise<Map<number, Told>> {
  const query = { webhookFlowTaskId: String(taskId) };
  const found = await client.call(decisions.list, { query }).catch(() => ({ data: [] }));
  return new Map(
    found.data.map(({ event, fired, reason, jobGroup }) => [jobGroup!.id, [event, fired, reason]]),
  );
}

type Expected = readonly [event: string, fired: boolean, reason: RegExp];

function checkTold(told: ReadonlyMap<number, Told>, jobId: number, [event, fired, reason]: Expected): void {
  const found = told.get(jobId);
  assert.deepEqual(found?.slice(0, 2), [event, fired]);
  assert.match(found[2], reason);
}

async function checkAccount({ client }: ProcessWorld, count = 1): Promise<void> {
  const { findings } = await client.call(auditEndpoints.account, {});
  assert.deepEqual(findings, []);
  const { text } = await client.send('GET', '/metrics');
  assert.match(text, new RegExp(`^flowhook_events_set_aside ${count}$`, 'mu'));
}
