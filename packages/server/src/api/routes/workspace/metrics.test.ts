// The numbers of a running server: they move with what happens, and every one of ours is in the document.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, it } from 'node:test';
import { describeOnBoth } from '../../../../test/database.ts';
import { startHookServer, type HookServer } from '../../../../test/hook-server.ts';
import { until } from '../../../../test/wait.ts';

describeOnBoth('Metrics', (_, dialect) => {
  let hooks: HookServer;
  before(async () => {
    hooks = await startHookServer(dialect);
  });
  after(() => hooks.stop());

  const scrape = async () => {
    const { administrator } = hooks.server;
    return (await administrator.send('GET', '/metrics')).text;
  };
  const read = (text: string, name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')
        .at(-1),
    );

  it('count attempts, deliveries and jobs', async () => {
    hooks.receiver.answer(({ url }) => ({ status: url === '/bad' ? 500 : 200 }));
    await hooks.addTask();
    await hooks.addTask({ url: `${hooks.receiver.url}/bad`, retryOnFailure: false });
    await hooks.settled(await hooks.endJob());
    const text = await scrape();
    assert.equal(read(text, 'flowhook_delivery_attempts_total{outcome="2xx"}'), 1);
    assert.equal(read(text, 'flowhook_delivery_attempts_total{outcome="5xx"}'), 1);
    assert.equal(read(text, 'flowhook_deliveries_settled_total{state="delivered"}'), 1);
    assert.equal(read(text, 'flowhook_deliveries_settled_total{state="dead"}'), 1);
    assert.equal(read(text, 'flowhook_deliveries_dead_total{reason="retry_off"}'), 1);
    assert.deepEqual([read(text, 'flowhook_jobs_queued'), read(text, 'flowhook_jobs_running')], [0, 0]);
    assert.ok(read(text, 'flowhook_database_ping_seconds') > 0);
    assert.equal(read(text, 'flowhook_delivery_attempt_duration_seconds_count{outcome="2xx"}'), 1);
    assert.equal(read(text, 'flowhook_delivery_first_attempt_delay_seconds_count'), 2);
    assert.equal(read(text, 'flowhook_jobs_ended_total{kind="external",state="complete"}'), 1);
    assert.equal(read(text, 'flowhook_deliveries_due'), 0);
    assert.equal(read(text, 'flowhook_deliveries_held'), 0);
  });

  it('read what is being sent and what is due at the scrape', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    hooks.receiver.answer(async () => {
      await gate;
      return { status: 200 };
    });
    const jobId = await hooks.endJob();
    await until(async () => read(await scrape(), 'flowhook_deliveries_sending') === 2);
    open();
    await hooks.settled(jobId);
    assert.equal(read(await scrape(), 'flowhook_deliveries_sending'), 0);
  });

  it('are the ones that the document lists', async () => {
    const document = await readFile(new URL('../../../../../../docs/operations.md', import.meta.url), 'utf8');
    const listed = [...document.matchAll(/^\| `(flowhook_\w+)` \| (\w+) \|/gmu)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    const text = await scrape();
    const found = [...text.matchAll(/^# TYPE (flowhook_\w+) (\w+)$/gmu)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    assert.deepEqual(listed.toSorted(), found.toSorted());
  });
});
