// What the pictures of the documentation show: flows over public data sets, their jobs, and callbacks of every kind.
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { personEndpoints } from '@flowhook/contract/person/person';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import { buildWeb } from '../../../scripts/web-build.ts';
import { startServer, type TestPerson, type TestServer } from '../../server/test/server.ts';
import { uploadDataset } from '../../server/test/upload-form.ts';
import { until } from '../../server/test/wait.ts';
import { classifyLatency } from '../../server/src/webhooks/deliveries/tally.ts';

export interface Showcase {
  readonly server: TestServer;
  /** Ids of what the pictures show. */
  readonly ids: Readonly<Record<'flow' | 'recipe' | 'task' | 'job' | 'delivery', number>>;
  stop(): Promise<void>;
}

const data = fileURLToPath(new URL('../data/', import.meta.resolve('vega-datasets')));

export async function makeShowcase(): Promise<Showcase> {
  buildWeb();
  const receiver = await startReceiver();
  const server = await startServer('sqlite', {
    FLOWHOOK_ALLOWED_URL_REGEXES: JSON.stringify([`^http://127\\.0\\.0\\.1:${receiver.port}/`]),
  });
  const { administrator, author } = server;
  await administrator.call(personEndpoints.change, {
    params: { id: author.id },
    body: { name: 'Author' },
  });
  // So that a retry is seen after seconds.
  await administrator.call(workspaceEndpoints.changeSettings, {
    body: { 'webapp.webhookSettings.retrySchedule': [1, 2] },
  });
  await makeDelays(author);
  await makeWeather(author);
  const ids = await makeStrikes(author, `http://127.0.0.1:${receiver.port}`);
  await fillHistory(server, ids, `127.0.0.1:${receiver.port}`);
  return {
    server,
    ids,
    async stop() {
      await server.stop();
      await receiver.stop();
    },
  };
}

const strikesSql = `select
  "Wildlife Species" as species,
  "Origin State" as state,
  "Phase of flight" as phase,
  cast("Cost Total $" as bigint) as cost
from birdstrikes
where "Wildlife Species" not like 'Unknown%'`;

const costlySql = `-- What each species cost
select
  species,
  count(*) as strikes,
  sum(cost) as cost,
  round(avg(cost)) as mean_cost
from strikes
group by species
order by cost desc
limit 20`;

const stateSql = `select state, city as capital, count(*) as strikes
from strikes join state_capitals using (state)
group by all
order by strikes desc`;

const body = `{
  "job": $jobId,
  "status": "$jobStatus",
  "flow": "$flowName",
  "recipe": "$recipeName",
  "rows": $rows,
  "report": "$jobUrl"
}`;

async function makeStrikes(author: TestPerson, receiver: string): Promise<Showcase['ids']> {
  const birds = await uploadFile(author, 'birdstrikes.csv');
  const capitals = await uploadFile(author, 'us-state-capitals.json', 'state_capitals.json');
  const flow = await author.call(flowEndpoints.create, {
    body: { name: 'Bird strikes', description: 'What birds cost, by species and by state' },
  });
  const strikes = await makeRecipe(author, flow.id, 'strikes', strikesSql, {
    importedDataset: { id: birds },
  });
  const costly = await makeRecipe(author, flow.id, 'costly_species', costlySql, {
    wrangledDataset: { id: strikes },
  });
  const states = await makeRecipe(author, flow.id, 'by_state', stateSql, {
    importedDataset: { id: capitals },
  });
  await makeOutput(author, costly, 'birds/costly-species.csv', 'csv');
  await makeOutput(author, states, 'birds/by-state.parquet', 'pqt');
  const usual = {
    flowId: flow.id,
    triggerObject: 'any',
    method: 'post',
    headers: { 'Content-Type': 'application/json' },
    body,
  } as const;
  const task = await author.call(webhookTaskEndpoints.create, {
    body: {
      ...usual,
      name: 'Tell the team channel',
      url: `${receiver}/team-channel`,
      triggerEvent: 'onJobDone',
      secretKey: 'a secret for pictures',
    },
  });
  await author.call(webhookTaskEndpoints.create, {
    body: {
      ...usual,
      name: 'Load into the warehouse',
      url: `${receiver}/warehouse/loads?job=$jobId`,
      triggerEvent: 'onJobSuccess',
      secretKey: 'a secret for pictures',
    },
  });
  await author.call(webhookTaskEndpoints.create, {
    body: { ...usual, name: 'Page who is on duty', url: `${receiver}/page`, triggerEvent: 'onJobFailure' },
  });
  await author.call(webhookTaskEndpoints.create, {
    body: {
      ...usual,
      name: 'Warn about too few rows',
      url: `${receiver}/warnings`,
      triggerEvent: 'onJobSuccess',
      condition: { kind: 'rowsOutside', min: 10, max: null },
    },
  });
  await run(author, states);
  const job = await run(author, costly);
  const retried = await findRetried(author, job, task.id);
  return { flow: flow.id, recipe: costly, task: task.id, job, delivery: retried };
}

async function makeDelays(author: TestPerson): Promise<void> {
  const flights = await uploadFile(author, 'flights-2k.json', 'flights.json');
  const airports = await uploadFile(author, 'airports.csv');
  const { id } = await author.call(flowEndpoints.create, {
    body: { name: 'Flight delays', description: 'Delays by airport of departure' },
  });
  const late = await makeRecipe(
    author,
    id,
    'late_flights',
    'select origin, delay from flights where delay > 15',
    { importedDataset: { id: flights } },
  );
  await makeRecipe(author, id, 'named_airports', 'select iata, name, state from airports', {
    importedDataset: { id: airports },
  });
  const byAirport = await makeRecipe(
    author,
    id,
    'by_airport',
    'select name, count(*) as late from late_flights join named_airports on iata = origin group by name',
    { wrangledDataset: { id: late } },
  );
  await makeOutput(author, byAirport, 'flights/by-airport.csv', 'csv');
  await run(author, byAirport);
}

async function makeWeather(author: TestPerson): Promise<void> {
  const weather = await uploadFile(author, 'seattle-weather.csv');
  const { id } = await author.call(flowEndpoints.create, {
    body: { name: 'Seattle weather', description: 'Rain by month' },
  });
  const monthly = await makeRecipe(
    author,
    id,
    'monthly_rain',
    `select month(date) as month, round(sum(precipitation), 1) as rain from seattle_weather group by month`,
    { importedDataset: { id: weather } },
  );
  await makeOutput(author, monthly, 'weather/monthly-rain.csv', 'csv');
  await run(author, monthly);
}

async function uploadFile(author: TestPerson, file: string, fileName = file): Promise<number> {
  const content = await readFile(join(data, file));
  return (await uploadDataset(author, { fileName: fileName.replaceAll('-', '_'), content })).id;
}

type Input =
  | { readonly importedDataset: { readonly id: number } }
  | { readonly wrangledDataset: { readonly id: number } };

async function makeRecipe(
  author: TestPerson,
  flowId: number,
  name: string,
  sql: string,
  input: Input,
): Promise<number> {
  const made = await author.call(wrangledDatasetEndpoints.create, {
    body: { name, flow: { id: flowId }, sql, ...input },
  });
  return made.id;
}

async function makeOutput(
  author: TestPerson,
  flowNodeId: number,
  path: string,
  format: 'csv' | 'pqt',
): Promise<void> {
  await author.call(outputObjectEndpoints.create, {
    body: { flowNodeId, profiler: true, writeSettings: [{ path, action: 'overwrite', format }] },
  });
}

/** Returns the id of the job, which is complete, and whose callbacks have all ended. */
async function run(author: TestPerson, recipe: number): Promise<number> {
  const { id } = await author.call(jobGroupEndpoints.create, { body: { wrangledDataset: { id: recipe } } });
  await until(
    async () => (await author.call(jobGroupEndpoints.status, { params: { id } })) === 'Complete',
    `job ${id} is complete`,
    60_000,
  );
  await until(
    async () => {
      const { data: all } = await author.call(webhookDeliveryEndpoints.list, { query: { jobGroupId: id } });
      return all.every(({ state }) => state === 'delivered' || state === 'dead');
    },
    `the callbacks of job ${id} have ended`,
    60_000,
  );
  return id;
}

async function findRetried(author: TestPerson, jobGroupId: number, taskId: number): Promise<number> {
  const { data: all } = await author.call(webhookDeliveryEndpoints.list, { query: { jobGroupId } });
  return all.find(({ webhookFlowTask }) => webhookFlowTask.id === taskId)!.id;
}

const tenMinutesMs = 600_000;

/** A day of attempts, as the statistics keep them, so that the chart has something to show: the same at each run. */
async function fillHistory(server: TestServer, ids: Showcase['ids'], host: string): Promise<void> {
  const now = Math.floor(Date.now() / tenMinutesMs) * tenMinutesMs;
  const rows = Array.from({ length: 140 }, (_, index) => {
    // Most by day, few by night, and a bad half hour.
    const wave = 26 + 18 * Math.sin(index / 14) + 7 * Math.sin(index * 2.4);
    const bad = index > 96 && index < 101 ? 14 : index % 37 === 5 ? 2 : 0;
    const at = now - (index + 1) * tenMinutesMs;
    const usual = { at, span: tenMinutesMs, flow_id: ids.flow, task_id: ids.task, host } as const;
    const count = Math.round(wave);
    return [
      {
        ...usual,
        result: 'delivered' as const,
        reason: '',
        count,
        latencies: `${classifyLatency(18)}:${Math.ceil(count * 0.8)},${classifyLatency(70)}:${Math.floor(count * 0.2)}`,
      },
      ...(bad === 0
        ? []
        : [{ ...usual, result: 'retried' as const, reason: '503', count: bad, latencies: '' }]),
    ];
  }).flat();
  await server.app.db.transaction((tx) => tx.insertInto('attempt_tallies').values(rows).execute());
}

/** Has no time for the first call of the team channel that tells of costly species. */
async function startReceiver() {
  let isFirst = true;
  const server: Server = createServer((request, response) => {
    void text(request).then((content) => {
      const busy =
        isFirst && request.url?.startsWith('/team-channel') === true && content.includes('costly_species');
      if (busy) isFirst = false;
      const reply = busy ? { error: 'restarting, try again' } : { ok: true };
      response.writeHead(busy ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
