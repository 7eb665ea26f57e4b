// Fair shares over HTTP: job slots go round by person, and beyond what may wait of checks and previews the answer is 429.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { problem } from '@flowhook/contract/problem';
import type { RawAnswer } from '../../../../test/client.ts';
import { describeOnBoth } from '../../../../test/database.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { until } from '../../../../test/wait.ts';

/** More than may wait of one person, and more than get their turn meanwhile. */
const many = 260;

describeOnBoth('fair shares', (_, dialect) => {
  let server: TestServer;
  let one: TestPerson;
  let other: TestPerson;
  before(async () => {
    server = await startServer(dialect, { FLOWHOOK_JOB_CONCURRENCY: '1' });
    one = server.author;
    other = await server.addPerson('author');
  });
  after(() => server.stop());

  async function makeRecipe(person: TestPerson, sql: string): Promise<{ flowId: number; recipeId: number }> {
    const { id: flowId } = await person.call(flows.create, { body: { name: 'A flow' } });
    const recipe = await person.call(recipes.create, { body: { name: 'r', flow: { id: flowId }, sql } });
    await person.call(outputs.create, { body: { flowNodeId: recipe.id, profiler: false } });
    return { flowId, recipeId: recipe.id };
  }

  it('let a job begin before the thirty that another person launched first', async () => {
    const launch = (person: TestPerson, id: number) =>
      person.call(jobs.create, { body: { wrangledDataset: { id } } });
    const [first, second] = [
      await makeRecipe(one, 'select 1 as a'),
      await makeRecipe(other, 'select 2 as a'),
    ];
    const launched = [];
    for (let count = 0; count < 30; count += 1) launched.push(await launch(one, first.recipeId));
    const { id } = await launch(other, second.recipeId);
    const read = (person: TestPerson, jobId: number) => person.call(jobs.get, { params: { id: jobId } });
    await until(async () => (await read(other, id)).status === 'Complete', 'the other person’s job is done');
    const left = await Promise.all(launched.map(async (job) => (await read(one, job.id)).status));
    assert.ok(left.includes('Created'), left.join(', '));
    await one.call(flows.remove, { params: { id: first.flowId } });
  });

  /** Those of many at once that were refused, as soon as there are some. */
  async function overrun(send: () => Promise<RawAnswer>): Promise<RawAnswer[]> {
    const refused: RawAnswer[] = [];
    for (let count = 0; count < many; count += 1)
      void send().then(
        (answer) => answer.status === 429 && refused.push(answer),
        // The server stops before all have had their turn.
        () => undefined,
      );
    await until(() => refused.length > 0, 'some are refused');
    return refused;
  }

  function assertAsksToWait([{ headers, json }]: RawAnswer[] & { 0: RawAnswer }): void {
    assert.ok(Number(headers['retry-after']) > 0, String(headers['retry-after']));
    assert.equal(problem.parse(json).code, 'too_many_requests');
  }

  it('answer 429 with Retry-After where too many previews of one person wait, and serve others', async () => {
    const slow = 'select count(*) as n from range(400000) a(x), range(400000) b(y) where (a.x * b.y) % 7 = 3';
    const { recipeId } = await makeRecipe(one, slow);
    const quick = await makeRecipe(other, 'select 1 as a');
    const refused = await overrun(() => one.send('GET', `/v4/wrangledDatasets/${recipeId}/preview`));
    assertAsksToWait(refused as RawAnswer[] & { 0: RawAnswer });
    await other.call(recipes.preview, { params: { id: quick.recipeId } });
  });

  it('answer 429 with Retry-After where too many checks of one person wait, and serve others', async () => {
    const { flowId } = await makeRecipe(one, 'select 1 as a');
    const own = await makeRecipe(other, 'select 1 as a');
    const sql = "select repeat('x', 2000000000) as a";
    const refused = await overrun(() =>
      one.send('POST', '/v4/wrangledDatasets/check', { body: { flow: { id: flowId }, name: 'slow', sql } }),
    );
    assertAsksToWait(refused as RawAnswer[] & { 0: RawAnswer });
    const body = { flow: { id: own.flowId }, name: 'quick', sql: 'select 1 as a' };
    assert.equal((await other.call(recipes.check, { body })).valid, true);
  });
});
