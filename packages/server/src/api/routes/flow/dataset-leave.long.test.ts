// Leave to read a dataset from another flow, over HTTP: what gives it, what ends it, and what is shown then.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowDocumentEndpoints as documents } from '@flowhook/contract/flow/flow-document';
import { flowRunEndpoints as runs } from '@flowhook/contract/job/flow-run';
import { flowTransferEndpoints as transfer } from '@flowhook/contract/flow/flow-transfer';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { personEndpoints as people } from '@flowhook/contract/person/person';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { describeOnBoth } from '../../../../test/database.ts';
import {
  addRecipe,
  link,
  makeFlow,
  makeReader,
  makeSource,
  newRow,
  reads,
  replaceRows,
  share,
  unshare,
} from '../../../../test/leave-world.ts';
import { scheduleOf } from '../../../../test/role-table.ts';
import { startServer, type TestPerson, type TestServer } from '../../../../test/server.ts';
import { until } from '../../../../test/wait.ts';
import { readPackageFile } from '../../../transfer/package-file.ts';

describeOnBoth('leave to read a dataset', (_, dialect) => {
  let server: TestServer;
  let admin: TestPerson;
  /** Owns the dataset. */
  let anna: TestPerson;
  /** Reads it in a flow of their own. */
  let bert: TestPerson;
  let cora: TestPerson;
  before(async () => {
    server = await startServer(dialect, { FLOWHOOK_JOB_CONCURRENCY: '1' });
    admin = server.administrator;
    anna = server.author;
    bert = await server.addPerson('author');
    cora = await server.addPerson('author');
  });
  after(() => server.stop());

  /** Anna's dataset in a flow of hers, shared with Bert, who reads it in a flow of his. */
  async function makeShared() {
    const source = await makeSource(anna);
    await share(anna, source.flowId, bert);
    return { source, reader: await makeReader(bert, source.datasetId) };
  }
  const usesOf = async (datasetId: number, by = anna) =>
    (await by.call(datasets.uses, { params: { id: datasetId } })).data;
  const launch = (recipeId: number) => ({ body: { wrangledDataset: { id: recipeId } } });

  type World = Awaited<ReturnType<typeof makeShared>>;
  const ends: [string, (world: World) => Promise<unknown>][] = [
    ['taking the person out', ({ source }) => unshare(anna, source.flowId, bert)],
    ['the person leaving', ({ source }) => unshare(bert, source.flowId, bert)],
    [
      'the flow that shares it being deleted',
      ({ source }) => anna.call(flows.remove, { params: { id: source.flowId } }),
    ],
    ['the reading flow going to somebody else', ({ reader }) => share(bert, reader.flowId, cora, 'owner')],
    [
      'the flow that shares it going to somebody else',
      ({ source }) => share(anna, source.flowId, cora, 'owner'),
    ],
  ];
  for (const [what, end] of ends)
    it(`ends with ${what}`, async () => {
      const world = await makeShared();
      assert.equal(await reads(bert, world.reader.recipeId), true);
      await end(world);
      assert.equal(await reads(bert, world.reader.recipeId), false);
    });

  it('shows a withheld dataset as such, and nothing newer of it by any way', async () => {
    const { source, reader } = await makeShared();
    const id = source.datasetId;
    const params = { id: reader.flowId };
    const before = await bert.call(recipes.get, { params: { id: reader.recipeId } });
    await unshare(anna, source.flowId, bert);
    await replaceRows(anna, id);
    await bert.refused(datasets.get, 404, { params: { id } });
    await bert.refused(datasets.preview, 404, { params: { id } });
    assert.ok(!(await bert.call(datasets.list)).data.some((each) => each.id === id));
    const node = (await bert.call(flows.flowNodes, { params })).data.find((each) => !each.wrangled)!;
    assert.match(node.withheld!, /"rows" is withheld.*Ask the dataset's owner/u);
    const [input] = (await bert.call(recipes.inputs, { params: { id: reader.recipeId } })).data;
    assert.deepEqual([input!.columns, input!.withheld], [null, node.withheld]);
    const recipe = { params: { id: reader.recipeId } };
    assert.deepEqual((await bert.call(recipes.get, recipe)).columns, before.columns);
    for (const sql of ['from rows', 'select count(*) from rows', 'select fresh from rows'])
      assert.equal(
        (await bert.refused(recipes.check, 403, { body: { flow: params, id: reader.recipeId, sql } })).code,
        'dataset_withheld',
      );
    await bert.refused(recipes.change, 403, { ...recipe, body: { sql: 'select fresh from rows' } });
    const refusal = await bert.refused(jobs.create, 403, launch(reader.recipeId));
    assert.deepEqual([refusal.code, refusal['dataset']], ['dataset_withheld', 'rows']);
    assert.match((await bert.refused(runs.create, 403, { params })).detail, /Recipe reader: .*"rows"/u);
    await bert.refused(datasets.addToFlow, 404, { params: { id }, body: { flow: params } });
    await bert.refused(recipes.create, 404, {
      body: { name: 'more', flow: params, importedDataset: { id }, sql: 'from rows' },
    });
    const answer = await bert.send('GET', `/v4/flows/${params.id}/package`);
    assert.equal(answer.status, 200);
    const dry = await bert.call(transfer.exportDryRun, { params });
    assert.match(dry.warnings.join(' '), /dataset rows is withheld/u);
    // It can be mended: the recipe reads something else.
    const own = await makeSource(bert);
    await bert.call(recipes.change, { ...recipe, body: { importedDataset: { id: own.datasetId } } });
    assert.equal(await reads(bert, reader.recipeId), true);
  });

  it('goes into no copy: neither as a link nor as a dataset of their own', async () => {
    const { source, reader } = await makeShared();
    await unshare(anna, source.flowId, bert);
    await replaceRows(anna, source.datasetId);
    for (const copyDatasources of [false, true]) {
      const copied = await bert.call(transfer.copy, {
        params: { id: reader.flowId },
        body: { copyDatasources },
      });
      assert.match(copied.warnings!.join(' '), /"rows" is withheld/u);
      const { data } = await bert.call(recipes.list, { query: { flowId: copied.id } });
      assert.equal(await reads(bert, data[0]!.id), false);
    }
  });

  it('comes back when the flow is shared again', async () => {
    const { source, reader } = await makeShared();
    await unshare(anna, source.flowId, bert);
    assert.equal(await reads(bert, reader.recipeId), false);
    await share(anna, source.flowId, bert);
    assert.equal(await reads(bert, reader.recipeId), true);
  });

  const statusOf = async (person: TestPerson, id: number) =>
    (await person.call(jobs.get, { params: { id } })).status;

  /** Launches while the one slot is taken, ends the leave, and gives the job as it ended. */
  async function launchAndEnd(recipeId: number, end: () => Promise<unknown>) {
    const slow = 'select count(*) as n from range(400000) a(x), range(400000) b(y) where (a.x * b.y) % 7 = 3';
    const flow = { id: await makeFlow(cora) };
    const busy = await cora.call(recipes.create, { body: { name: 'busy', flow, sql: slow } });
    await cora.call(outputs.create, { body: { flowNodeId: busy.id, profiler: false } });
    const first = await cora.call(jobs.create, launch(busy.id));
    await until(async () => (await statusOf(cora, first.id)) === 'InProgress', 'the slot is taken');
    const { id } = await bert.call(jobs.create, launch(recipeId));
    await end();
    await cora.call(jobs.cancel, { params: { id: first.id } });
    const ended = ['Failed', 'Complete'];
    await until(async () => ended.includes(await statusOf(bert, id)), 'the job has ended');
    return bert.call(jobs.get, { params: { id } });
  }

  it('is judged again when a job that waited is taken up', async () => {
    const { source, reader } = await makeShared();
    const job = await launchAndEnd(reader.recipeId, () => unshare(anna, source.flowId, bert));
    assert.equal(job.workloadError!.reason, 'input_withheld');
    assert.match(job.workloadError!.message, /"rows" is withheld/u);
  });

  it('by a loan ends where the dataset is taken out of the flow, also for a job that waits', async () => {
    const source = await makeSource(anna);
    await share(anna, source.flowId, bert);
    const flowId = await makeFlow(bert);
    await share(bert, flowId, anna, 'collaborator');
    await link(anna, source.datasetId, flowId);
    const params = { id: flowId };
    const document = await bert.call(documents.get, { params });
    await bert.call(documents.put, { params, body: { ...document, datasets: [] } });
    await link(bert, source.datasetId, flowId);
    const recipeId = await addRecipe(bert, flowId, source.datasetId);
    assert.equal((await usesOf(source.datasetId)).at(-1)!.leave, 'shared');
    const job = await launchAndEnd(recipeId, () => unshare(anna, source.flowId, bert));
    assert.equal(job.workloadError?.reason, 'input_withheld', job.status);
  });

  it('keeps a schedule from running, which is disabled and says why', async () => {
    const { source, reader } = await makeShared();
    const { id } = await bert.call(schedules.create, { body: scheduleOf(reader.flowId) });
    await unshare(anna, source.flowId, bert);
    const dueAt = Date.now() - 1000;
    await server.app.db.transaction((tx) =>
      tx.updateTable('schedules').set({ next_at: dueAt }).where('id', '=', id).execute(),
    );
    const read = () => bert.call(schedules.get, { params: { id } });
    await until(async () => !(await read()).enabled, 'the schedule is disabled');
    assert.match((await read()).disableReason!, /"rows" is withheld/u);
  });

  it('is lent by an owner who puts the dataset into a flow of others, until it is taken back', async () => {
    const source = await makeSource(anna);
    const flowId = await makeFlow(bert);
    await share(bert, flowId, anna, 'collaborator');
    await link(anna, source.datasetId, flowId);
    const recipeId = await addRecipe(bert, flowId, source.datasetId);
    await unshare(bert, flowId, anna);
    assert.equal(await reads(bert, recipeId), true, 'also when its owner has left the flow');
    const use = (await usesOf(source.datasetId)).find(({ owner }) => owner.id === bert.id)!;
    assert.deepEqual([use.leave, use.flow, use.owner.email], ['lent', null, bert.email]);
    const params = { id: source.datasetId, useId: use.id };
    await bert.refused(datasets.endUse, 403, { params });
    await cora.refused(datasets.endUse, 404, { params });
    await anna.refused(datasets.endUse, 404, { params: { ...params, useId: 999_999 } });
    await anna.call(datasets.endUse, { params });
    assert.equal(await reads(bert, recipeId), false);
    await anna.call(datasets.endUse, { params });
    await bert.refused(datasets.addToFlow, 404, {
      params: { id: source.datasetId },
      body: { flow: { id: flowId } },
    });
  });

  it('names to the owner who reads it, and by which share; the names of flows only where they are seen', async () => {
    const { source, reader } = await makeShared();
    const brief = async (by: TestPerson) =>
      (await usesOf(source.datasetId, by)).map((use) => [
        use.flow?.id,
        use.owner.id,
        use.leave,
        use.sharedBy.length,
      ]);
    assert.deepEqual(await brief(anna), [
      [source.flowId, anna.id, 'own', 0],
      [undefined, bert.id, 'shared', 1],
    ]);
    assert.deepEqual((await brief(admin)).at(-1), [reader.flowId, bert.id, 'shared', 1]);
    await bert.refused(datasets.uses, 403, { params: { id: source.datasetId } });
    await cora.refused(datasets.uses, 404, { params: { id: source.datasetId } });
    const uses = await usesOf(source.datasetId);
    for (const [index, words] of [/owns the dataset/u, /sees it by .*Take the person out/u].entries()) {
      const params = { id: source.datasetId, useId: uses[index]!.id };
      assert.match((await anna.refused(datasets.endUse, 409, { params })).detail, words);
    }
    await unshare(anna, source.flowId, bert);
    assert.equal((await usesOf(source.datasetId)).at(-1)!.leave, 'none');
  });

  it('goes no further than one flow: who sees it in a flow of others may read it there alone', async () => {
    const { source, reader } = await makeShared();
    await share(bert, reader.flowId, cora, 'collaborator');
    assert.equal(await reads(cora, reader.recipeId), true);
    await cora.call(datasets.get, { params: { id: source.datasetId } });
    const body = { flow: { id: await makeFlow(cora) } };
    const params = { id: source.datasetId };
    assert.equal((await cora.refused(datasets.addToFlow, 403, { params, body })).code, 'dataset_withheld');
    const copied = await cora.call(transfer.copy, { params: { id: reader.flowId }, body: {} });
    const { data } = await cora.call(recipes.list, { query: { flowId: copied.id } });
    assert.equal(await reads(cora, data[0]!.id), false);
    await unshare(anna, source.flowId, bert);
    assert.equal(await reads(cora, reader.recipeId), false);
    await cora.refused(datasets.get, 404, { params });
  });

  it('is that of the flow, whoever runs it: neither an editor with access of their own nor an administrator', async () => {
    const { source, reader } = await makeShared();
    await share(anna, source.flowId, cora);
    await share(bert, reader.flowId, cora, 'collaborator');
    await unshare(anna, source.flowId, bert);
    for (const person of [cora, admin]) {
      assert.equal(await reads(person, reader.recipeId), false);
      await person.refused(jobs.create, 403, launch(reader.recipeId));
      await person.call(datasets.preview, { params: { id: source.datasetId } });
    }
    const other = await makeSource(anna);
    await share(anna, other.flowId, cora);
    const body = { flow: { id: reader.flowId } };
    await cora.refused(datasets.addToFlow, 403, { params: { id: other.datasetId }, body });
    // An administrator may lend it, and take it back.
    await link(admin, source.datasetId, reader.flowId);
    assert.equal(await reads(bert, reader.recipeId), true);
  });

  it('stays with a flow that its owner hands over, and with the datasets of a person who is removed', async () => {
    const source = await makeSource(anna);
    const recipeId = await addRecipe(anna, source.flowId, source.datasetId);
    await share(anna, source.flowId, bert, 'owner');
    assert.equal(await reads(bert, recipeId), true);
    const leaving = await server.addPerson('author');
    const theirs = await makeSource(leaving);
    await share(leaving, theirs.flowId, bert);
    const reader = await makeReader(bert, theirs.datasetId);
    const remove = (person: TestPerson, transferTo: number) =>
      admin.call(people.remove, { params: { id: person.id }, query: { transferTo } });
    await remove(leaving, cora.id);
    assert.equal(await reads(bert, reader.recipeId), true);
    const reading = await server.addPerson('author');
    await share(anna, (await makeSource(anna)).flowId, reading);
    const shared = await makeSource(anna);
    await share(anna, shared.flowId, reading);
    const orphan = await makeReader(reading, shared.datasetId);
    await remove(reading, cora.id);
    assert.equal(await reads(cora, orphan.recipeId), false, 'who gets the flow does not see the dataset');
    await share(anna, shared.flowId, cora);
    assert.equal(await reads(cora, orphan.recipeId), true);
  });

  it('does not come back by giving the flow to somebody who may read it', async () => {
    for (const to of [anna, admin]) {
      const { source, reader } = await makeShared();
      const other = await makeReader(bert, source.datasetId);
      await unshare(anna, source.flowId, bert);
      await share(bert, reader.flowId, to, 'owner');
      assert.equal(await reads(bert, reader.recipeId), false);
      assert.equal(await reads(bert, other.recipeId), false);
      await bert.refused(datasets.get, 404, { params: { id: source.datasetId } });
      // Who got it adds what they want to be read in it.
      await link(to, source.datasetId, reader.flowId);
      assert.equal(await reads(bert, reader.recipeId), true);
    }
  });

  it('is not that of a flow which was given away before the dataset came in', async () => {
    const { source } = await makeShared();
    const { id: flowId } = await bert.call(flows.create, { body: { name: 'a gift' } });
    await share(bert, flowId, anna, 'owner');
    const body = { flow: { id: flowId } };
    await bert.refused(datasets.addToFlow, 403, { params: { id: source.datasetId }, body });
  });

  it('is that of an administrator while they are one', async () => {
    const source = await makeSource(anna);
    const person = await server.addPerson('administrator');
    const reader = await makeReader(person, source.datasetId);
    assert.equal(await reads(person, reader.recipeId), true);
    assert.equal((await usesOf(source.datasetId)).at(-1)!.leave, 'administrator');
    await admin.call(people.change, { params: { id: person.id }, body: { role: 'author' } });
    assert.equal(await reads(person, reader.recipeId), false);
  });

  it('leaves a package without anything of a withheld dataset but its name', async () => {
    const { source, reader } = await makeShared();
    await unshare(anna, source.flowId, bert);
    await replaceRows(anna, source.datasetId);
    const { content } = await readExport(reader.flowId);
    assert.doesNotMatch(content, new RegExp(`fresh|${newRow}|upload://`, 'u'));
    assert.match(content, /"rows"/u);
  });

  async function readExport(flowId: number): Promise<{ content: string }> {
    const answer = await fetch(`${server.url}/v4/flows/${flowId}/package`, {
      headers: { authorization: `Bearer ${bert.token}` },
    });
    const { text } = await readPackageFile(Buffer.from(await answer.arrayBuffer()), 'data');
    return { content: text };
  }
});
