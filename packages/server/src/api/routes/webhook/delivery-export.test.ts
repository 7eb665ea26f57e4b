// The export of deliveries and the bounds of lists: judged before the first byte, never more than an answer may have.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { sql } from 'kysely';
import { describeOnBoth } from '../../../../test/database.ts';
import { startHookServer, type HookServer } from '../../../../test/hook-server.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('The export of deliveries', (_, engine) => {
  let hooks: HookServer;
  let jobs: number[];
  before(async () => {
    hooks = await startHookServer(engine);
    await hooks.addTask({ headers: { 'X-Mark': 'a mark' } });
    await hooks.addTask({ triggerEvent: 'onJobFailure' });
    jobs = [await hooks.endJob(), await hooks.endJob('Failed'), await hooks.endJob('Canceled')];
    for (const id of jobs) await hooks.settled(id);
  });
  after(() => hooks.stop());

  const get = (path: string, headers = {}) => hooks.server.author.send('GET', path, { headers });
  /** So many more, sent as new. */
  const addDeliveries = (count: number) =>
    hooks.server.app.db.transaction((tx) =>
      sql`insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, host, created_at, updated_at, expires_at, ended_at)
        with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(count)})
        select d.public_id || '-' || (select max(id) from deliveries) || '-' || n, d.event_id, d.task_id, d.flow_id, d.job_id, d.id, 'canceled', d.host, d.created_at, d.updated_at, d.expires_at, d.updated_at
        from numbers, (select * from deliveries order by id limit 1) d`.execute(tx),
    );

  it('refuses what the list refuses, and as the list does', async () => {
    for (const query of ['filter=x&filterFields=0', 'sort=none', 'embed=none', 'limit=x', 'from=never']) {
      const [list, exported] = [
        await get(`/v4/webhookDeliveries?${query}`),
        await get(`/v4/webhookDeliveries/export?${query}`),
      ];
      assert.deepEqual([query, list.status, exported.status], [query, 400, 400]);
      const errors = ({ json }: typeof list) => (json as { errors: unknown[] }).errors;
      assert.deepEqual(errors(exported), errors(list));
    }
  });

  it('shows of a page of jobs what it shows of each of them, but bodies', async () => {
    const query = { embed: 'webhooks', sort: 'id' };
    const { data } = await hooks.server.author.call(jobGroupEndpoints.list, { query });
    assert.equal(data.length, 3);
    for (const job of data) {
      const { data: one } = await hooks.server.author.call(jobGroupEndpoints.webhooks, {
        params: { id: job.id },
      });
      const withoutBodies = JSON.parse(JSON.stringify(one)) as typeof one;
      for (const { deliveries } of withoutBodies)
        for (const { attempts } of deliveries.data)
          for (const attempt of attempts.data) if (attempt.request !== null) attempt.request.body = null;
      assert.deepEqual((job as { webhooks?: unknown }).webhooks, { data: withoutBodies });
    }
    assert.match(JSON.stringify(data), /a mark/u);
  });

  it('is whole, or tells that it is not, with the reason in the log', async () => {
    await addDeliveries(2500);
    const whole = await get('/v4/webhookDeliveries/export');
    assert.equal(whole.status, 200);
    assert.equal(whole.text.trim().split('\r\n').length, 1 + 2500 + 3);
    const { db } = hooks.server.app;
    // A time that no date can hold, on the last page.
    await db.transaction((tx) =>
      sql`update deliveries set created_at = 9000000000000000 where id = 1`.execute(tx),
    );
    const broken = get('/v4/webhookDeliveries/export', { 'x-request-id': 'export-that-breaks' });
    await assert.rejects(broken, /terminated|other side closed|aborted/u);
    const told = () =>
      hooks.server.log.some(
        ({ msg, requestId }) => msg === 'answer broke off' && requestId === 'export-that-breaks',
      );
    await until(told);
    await db.transaction((tx) => sql`update deliveries set created_at = 1 where id = 1`.execute(tx));
  });

  it('and lists have a bound, with the way on', async () => {
    const max = await get('/v4/webhookDeliveries?noLimit=true&fields=id');
    assert.equal(max.status, 200);
    await addDeliveries(7500);
    const more = await get('/v4/webhookDeliveries?noLimit=true');
    assert.equal(more.status, 400);
    assert.match(more.text, /10000 rows.*after/u);
    for (const query of ['limit=101&embed=webhooks', 'limit=1000&embed=jobs']) {
      const { status, text } = await get(`/v4/jobGroups?${query}`);
      assert.equal(status, 400);
      assert.match(text, /100 rows.*after/u);
    }
    assert.equal((await get('/v4/jobGroups?limit=100&embed=webhooks')).status, 200);
  });
});
