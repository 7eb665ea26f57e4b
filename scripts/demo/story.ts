// The demo's story, told as it happens: data in, recipes, an output, a webhook task, a job, and its callback.
import { openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import type { Api } from './api.ts';
import type { Callback, Receiver } from './receiver.ts';

export interface Scene {
  readonly url: string;
  readonly receiver: Receiver;
  readonly secret: string;
  readonly signal: AbortSignal;
}

interface WithId {
  readonly id: number;
}

interface JobWebhooks {
  readonly data: readonly {
    readonly webhookFlowTask: { readonly name: string };
    readonly fired: boolean;
    readonly reason: string;
    readonly deliveries: {
      readonly data: readonly {
        readonly deliveryId: string;
        readonly state: string;
        readonly attemptCount: number;
      }[];
    };
  }[];
}

const dataset = {
  name: 'birdstrikes',
  file: fileURLToPath(new URL('../data/birdstrikes.csv', import.meta.resolve('vega-datasets'))),
  source: 'FAA Wildlife Strike Database (wildlife.faa.gov), as packaged by vega-datasets',
  licence: 'a data set of the U.S. Government (resources.data.gov/open-licenses)',
};

const strikesSql = `select "Wildlife Species" as species, "Phase of flight" as phase,
       cast("Cost Total $" as bigint) as cost
from birdstrikes
where "Wildlife Species" is not null`;
const costlySql = `select species, count(*) as strikes, sum(cost) as cost
from strikes
group by species
order by cost desc, species
limit 20`;

const body = JSON.stringify({
  job: '$jobId',
  status: '$jobStatus',
  flow: '$flowName',
  recipe: '$recipeName',
  rows: '$rows',
  error: '$error',
});

let step = 0;

/** Prints a step. */
export function say(text: string): void {
  step += 1;
  console.log(`${String(step).padStart(2)}  ${text}`);
}

/** Runs the whole path. Throws unless exactly one callback came, of a complete job, with the right signature. */
export async function runFlow(api: Api, scene: Scene): Promise<void> {
  const recipe = await makeFlow(api, scene);
  const started = performance.now();
  const job = await api.call<WithId>('POST', '/v4/jobGroups', { wrangledDataset: { id: recipe } });
  say(`Job ${job.id} is started: ${scene.url}/jobs/${job.id}`);
  const callback = await scene.receiver.first(scene.signal);
  const ms = Math.round(performance.now() - started);
  say(`The callback came ${ms} ms after the launch: ${callback.method} ${callback.path} ${callback.body}`);
  checkCallback(callback, job.id);
  await showResult(api, job.id);
  await showAccount(api, job.id, scene);
}

/** Returns the id of the recipe to run. */
async function makeFlow(api: Api, { receiver, secret }: Scene): Promise<number> {
  const file = await openAsBlob(dataset.file);
  const uploaded = await api.upload<WithId>('/v4/importedDatasets/upload', dataset.name, file);
  say(`Uploaded ${dataset.name}.csv, ${file.size} bytes.`);
  console.log(`    Source: ${dataset.source}. Licence: ${dataset.licence}.`);
  const flow = await api.call<WithId>('POST', '/v4/flows', { name: 'Bird strikes' });
  const first = await api.call<WithId>('POST', '/v4/wrangledDatasets', {
    name: 'strikes',
    flow: { id: flow.id },
    importedDataset: { id: uploaded.id },
    sql: strikesSql,
  });
  const second = await api.call<WithId>('POST', '/v4/wrangledDatasets', {
    name: 'costly_species',
    flow: { id: flow.id },
    wrangledDataset: { id: first.id },
    sql: costlySql,
  });
  say(`Flow ${flow.id} has two recipes: strikes reads birdstrikes, costly_species reads strikes.`);
  const writeSettings = [{ path: 'birds/costly-species.csv', action: 'overwrite', format: 'csv' }];
  await api.call('POST', '/v4/outputObjects', { flowNodeId: second.id, profiler: true, writeSettings });
  say('The output of costly_species writes birds/costly-species.csv, with a profile.');
  await makeTask(api, flow.id, receiver, secret);
  return second.id;
}

async function makeTask(api: Api, flowId: number, receiver: Receiver, secret: string): Promise<void> {
  await api.call('POST', '/v4/webhookFlowTasks', {
    flowId,
    name: 'Tell the receiver',
    url: `${receiver.origin}/jobs`,
    method: 'post',
    headers: { 'Content-Type': 'application/json' },
    body,
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
    secretKey: secret,
  });
  say(`The webhook task calls ${receiver.origin}/jobs when a job is done, signed with a secret.`);
}

function checkCallback({ verdict, body, signature }: Callback, jobId: number): void {
  if (!verdict.ok) throw new Error(`the signature is not right, ${verdict.reason}: ${verdict.detail}`);
  const told = JSON.parse(body) as { job: string; status: string; error: string };
  if (told.job !== String(jobId)) throw new Error(`the callback is about job ${told.job}, not ${jobId}.`);
  if (told.status !== 'Complete') throw new Error(`job ${jobId} ended as ${told.status}: ${told.error}`);
  say(`Its signature is right: ${signature}`);
}

async function showResult(api: Api, jobId: number): Promise<void> {
  const { files } = await api.call<{ files: { id: number; name: string; rows: number | null }[] }>(
    'GET',
    `/v4/jobGroups/${jobId}/outputs`,
  );
  const [file] = files;
  if (file === undefined) throw new Error(`job ${jobId} wrote no file.`);
  const text = await api.download(`/v4/jobGroups/${jobId}/outputs/${file.id}`);
  say(`The job wrote ${file.name}, ${file.rows} rows; the first of them:`);
  for (const line of text.split('\n').slice(0, 4)) console.log(`    ${line}`);
}

/** What the server itself says of the callback. It is settled just after its answer, so this waits for that. */
async function showAccount(api: Api, jobId: number, { receiver, signal }: Scene): Promise<void> {
  const path = `/v4/jobGroups/${jobId}/webhooks`;
  const read = async () => (await api.call<JobWebhooks>('GET', path)).data;
  let tasks = await read();
  while (!tasks.every((task) => task.deliveries.data.every(({ state }) => state === 'delivered'))) {
    await wait(20, undefined, { signal });
    tasks = await read();
  }
  const deliveries = tasks.flatMap((task) => task.deliveries.data);
  const [task] = tasks;
  const [delivery] = deliveries;
  if (task === undefined || delivery === undefined) throw new Error('the server knows of no delivery.');
  say(`The server's account, GET ${path}:`);
  console.log(`    ${task.webhookFlowTask.name}: fired ${task.fired}. ${task.reason}`);
  console.log(`    ${delivery.deliveryId}: ${delivery.state}, attempts: ${delivery.attemptCount}`);
  const came = receiver.callbacks.length;
  if (deliveries.length !== 1 || came !== 1) {
    throw new Error(`one callback was owed; ${deliveries.length} were recorded and ${came} came.`);
  }
  say('Exactly one callback came, and it was verified.');
}
