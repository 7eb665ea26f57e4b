// Makes a flow of a file, runs its output, and gives what it wrote.

import { createClient, type Client } from '@flowhook/client';

export async function runTotals(server: string, token: string, orders: Blob): Promise<string> {
  const flowhook = createClient({ server, credentials: { token } });
  const flow = await flowhook.flow.create({ body: { name: 'Orders' } });
  const dataset = await flowhook.importedDataset.upload({
    body: { name: 'orders', format: 'csv', file: orders },
  });
  await flowhook.importedDataset.addToFlow({ params: { id: dataset.id }, body: { flow: { id: flow.id } } });
  const sql = 'select sum(price) as total from orders';
  const recipe = await flowhook.wrangledDataset.create({
    body: { flow: { id: flow.id }, name: 'Totals', sql },
  });
  const writeSettings = [{ path: 'totals.csv', format: 'csv' as const, action: 'create' as const }];
  await flowhook.outputObject.create({ body: { flowNodeId: recipe.id, isAdhoc: true, writeSettings } });
  const job = await flowhook.jobGroup.create({ body: { wrangledDataset: { id: recipe.id } } });
  const status = await awaitEnd(flowhook, job.id);
  const { files } = await flowhook.jobGroup.outputs({ params: { id: job.id } });
  if (status !== 'Complete' || files[0] === undefined) throw new Error(`The job ended ${status}.`);
  const file = await flowhook.jobGroup.download({ params: { id: job.id, fileId: files[0].id } });
  return file.text();
}

/** Follows what changes: the first event is `reset`, so that an end before it is not missed. */
async function awaitEnd(flowhook: Client, id: number): Promise<string> {
  for await (const event of flowhook.follow()) {
    if (event.type === 'change' && (event.change.kind !== 'job' || event.change.id !== id)) continue;
    const status = await flowhook.jobGroup.status({ params: { id } });
    if (status !== 'Created' && status !== 'InProgress') return status;
  }
  throw new Error('not reached: a following ends by its caller, or throws');
}
