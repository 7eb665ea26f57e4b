// Flows that read each other's datasets, over HTTP: who owns, shares and links what, for tests of the leave to read.
import assert from 'node:assert/strict';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints as permissions } from '@flowhook/contract/flow/flow-permission';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { TestPerson } from './server.ts';
import { formHeaders, uploadDataset, writeForm } from './upload-form.ts';

/** A row that only the newest file has. */
export const newRow = 'NEW-482911';

let made = 0;

export async function makeFlow(owner: TestPerson): Promise<number> {
  return (await owner.call(flows.create, { body: { name: `flow ${(made += 1)}` } })).id;
}

/** A flow of the owner's that holds a new dataset of theirs. */
export async function makeSource(owner: TestPerson): Promise<{ flowId: number; datasetId: number }> {
  const flowId = await makeFlow(owner);
  const { id: datasetId } = await uploadDataset(owner, { fileName: 'rows.csv', content: 'a\nold\n' });
  await link(owner, datasetId, flowId);
  return { flowId, datasetId };
}

export async function link(person: TestPerson, datasetId: number, flowId: number): Promise<number> {
  const body = { flow: { id: flowId } };
  return (await person.call(datasets.addToFlow, { params: { id: datasetId }, body })).id;
}

export const addRecipe = async (person: TestPerson, flowId: number, datasetId: number): Promise<number> => {
  const body = { name: 'reader', flow: { id: flowId }, importedDataset: { id: datasetId }, sql: 'from rows' };
  const { id } = await person.call(recipes.create, { body });
  const writeSettings = [{ path: `${flowId}/out.csv`, action: 'overwrite', format: 'csv' } as const];
  for (const isAdhoc of [true, false])
    await person.call(outputs.create, { body: { flowNodeId: id, profiler: false, isAdhoc, writeSettings } });
  return id;
};

/** A flow of the person's with a recipe that reads the dataset, by a link of their own. */
export async function makeReader(person: TestPerson, datasetId: number) {
  const flowId = await makeFlow(person);
  await link(person, datasetId, flowId);
  return { flowId, recipeId: await addRecipe(person, flowId, datasetId) };
}

export type ShownRole = 'owner' | 'collaborator' | 'readOnly';

export const share = (by: TestPerson, flowId: number, to: TestPerson, role: ShownRole = 'readOnly') =>
  by.call(permissions.give, { params: { id: flowId }, body: { data: [{ personId: to.id, role }] } });

export const unshare = (by: TestPerson, flowId: number, from: TestPerson) =>
  by.call(permissions.take, { params: { id: flowId, personId: from.id } });

export async function replaceRows(owner: TestPerson, datasetId: number): Promise<void> {
  const body = writeForm({ fileName: 'rows.csv', content: `a,fresh\n${newRow},1\n` });
  const path = `/v4/importedDatasets/${datasetId}/file`;
  const answer = await owner.send('PUT', path, { headers: formHeaders, body });
  assert.equal(answer.status, 200, answer.text);
}

/** Whether the recipe's rows are shown; throws where it is neither that nor withheld. */
export async function reads(person: TestPerson, recipeId: number): Promise<boolean> {
  const { status, text } = await person.send('GET', `/v4/wrangledDatasets/${recipeId}/preview`);
  if (status === 200) return true;
  assert.equal(status, 403, text);
  assert.match(text, /"dataset_withheld"/u);
  assert.match(text, /\\"rows\\"/u);
  return false;
}
