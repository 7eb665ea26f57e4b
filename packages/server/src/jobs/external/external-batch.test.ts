// Ends of jobs that come together: one flow's large bodies, or one job that can't be ended, fail nobody else's.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { sql } from 'kysely';
import { describeOnBoth } from '../../../test/database.ts';
import { startHookServer, type HookServer } from '../../../test/hook-server.ts';

describeOnBoth('Ends that come together', (_, dialect) => {
  let hooks: HookServer;
  before(async () => {
    hooks = await startHookServer(dialect);
  });
  after(() => hooks.stop());

  const addJob = async (flowId: number, person = hooks.server.author) =>
    (await person.call(externalJobEndpoints.create, { body: { flow: { id: flowId } } })).id;
  const end = (id: number, person = hooks.server.author) =>
    person.send('PATCH', `/v4/jobGroups/${id}/external`, {
      body: { status: 'Complete', facts: { text: 'x'.repeat(50_000) } },
    });

  it('are all committed, with many megabytes of bodies among them', async () => {
    const { server, flowId, addTask } = hooks;
    // Some 900 KB each once it is filled: 10 of them an end.
    const body = JSON.stringify({ all: Array.from({ length: 18 }, () => '$facts.text') });
    for (let count = 0; count < 10; count += 1)
      await addTask({ body, enabled: true, url: `${hooks.receiver.url}/large` });
    const other = await server.addPerson('author');
    const { id: otherFlow } = await other.call(flowEndpoints.create, { body: { name: 'Of another' } });
    const large = await Promise.all(Array.from({ length: 8 }, () => addJob(flowId)));
    const small = await Promise.all(Array.from({ length: 8 }, () => addJob(otherFlow, other)));
    const answers = await Promise.all([...large.map((id) => end(id)), ...small.map((id) => end(id, other))]);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from deliveries where job_id in (${sql.join(large)})`.execute(
      server.app.db.read,
    );
    assert.equal(rows[0]!.count, 80);
  });

  it('fail the one alone that the database refuses', async () => {
    const { server, flowId } = hooks;
    const ids = await Promise.all(Array.from({ length: 6 }, () => addJob(flowId)));
    const guilty = ids[3]!;
    const { db } = server.app;
    // What is there already can't be written again: the end of this job breaks a rule of the database.
    await db.transaction((tx) =>
      sql`insert into events (flow_id, kind, occurrence_key, job_id, facts, task_revision, created_at)
        values (${flowId}, 'job.success', ${`job:${guilty}`}, ${guilty}, '{}', 1, 1)`.execute(tx),
    );
    const answers = await Promise.all(ids.map((id) => end(id)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      ids.map((id) => (id === guilty ? 500 : 200)),
    );
  });
});
