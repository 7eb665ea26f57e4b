// A job, from the call that launches it until its status is Complete, beside the same COPY in bare DuckDB, in pairs.
// Its status is asked 200 times a second for the small file, 10 for others: more would take a tenth of a core from the job.
// A job is Complete when its file is on the disk: the bare COPY is followed by the same fsync, whose time is said as well.
// Beside the time stands the processor time of both, of the engine's processes alone here: other work hardly moves it.
//
//   node --conditions=flowhook-source bench/job.ts [--pairs 5] [--rows 10000000]
import { DuckDBInstance } from '@duckdb/node-api';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openHomes } from './rig/home.ts';
import { median } from './rig/pair.ts';
import { listTree, readCpuMs, readPeakRss, readTreeCpuMs } from './rig/process-cost.ts';
import { startServer, type Server } from './rig/server-process.ts';
import { tellVerdict } from './rig/verdict.ts';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '5' }, rows: { type: 'string', default: '10000000' } },
});
const pairs = Number(values.pairs);
const rows = Number(values.rows);
const smallRows = 1000;
const sql = "SELECT k, id, name, v * 2 AS v2, d FROM rows WHERE name <> 'name 7'";
const types = { id: 'BIGINT', name: 'VARCHAR', v: 'DOUBLE', d: 'DATE', k: 'BIGINT' };

const homes = await openHomes('sqlite');
const home = await homes.make('sqlite');
const folder = await mkdtemp(join(tmpdir(), 'flowhook-rows-'));
const server = await startServer(home, { settings: { FLOWHOOK_DATA_ROOTS: folder } });
try {
  console.log('milliseconds, median (min-max)');
  for (const count of [smallRows, rows]) await compare(count);
  for (const count of [rows / 10, rows * 2]) await showPeak(count);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  await home.remove();
  await homes.stop();
}

async function compare(count: number): Promise<void> {
  const recipe = await makeRecipe(server, await makeRows(count));
  const everyMs = count === smallRows ? 5 : 100;
  const [bare, job, profiled]: [number[], number[], number[]] = [[], [], []];
  const [bareCpu, jobCpu, serverCpu, syncs]: [number[], number[], number[], number[]] = [[], [], [], []];
  await runJob(recipe, false, everyMs);
  let peak = 0;
  for (let pair = 0; pair < pairs; pair += 1) {
    const sides = [
      async () => {
        const before = readTreeCpuMs(process.pid);
        const ran = await runBare(count);
        bare.push(ran.ms);
        syncs.push(ran.syncMs);
        bareCpu.push(readTreeCpuMs(process.pid) - before);
      },
      async () => {
        const ran = await runJob(recipe, false, everyMs);
        peak = Math.max(peak, ran.peak);
        job.push(ran.ms);
        jobCpu.push(ran.cpuMs);
        serverCpu.push(ran.serverMs);
      },
    ];
    // Who goes first changes, so that a warm cache favours neither.
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) await side();
    profiled.push((await runJob(recipe, true, everyMs)).ms);
  }
  const more = median(job.map((ms, pair) => ms - bare[pair]!));
  const percent = median(job.map((ms, pair) => (ms / bare[pair]! - 1) * 100));
  const cpuPercent = median(jobCpu.map((ms, pair) => (ms / bareCpu[pair]! - 1) * 100));
  const met = count === smallRows ? more < 400 : percent < 5;
  console.log(
    `${count.toLocaleString('en')} rows: bare ${show(bare)} (fsync ${show(syncs)}), job ${show(job)}: ${more.toFixed(0)} ms more, ` +
      `${percent.toFixed(1)} % (target ${count === smallRows ? '400 ms' : '5 %'}: ${tellVerdict(met)}); ` +
      `processor time ${show(bareCpu)} and ${show(jobCpu)}: ${cpuPercent.toFixed(1)} % more, and ${show(serverCpu)} of the server's; ` +
      `with profile ${show(profiled)}; peak of its process ${showBytes(peak)}`,
  );
}

async function showPeak(count: number): Promise<void> {
  const { peak } = await runJob(await makeRecipe(server, await makeRows(count)), false, 20);
  console.log(`${count.toLocaleString('en')} rows: peak of its process ${showBytes(peak)}`);
}

async function makeRows(count: number): Promise<string> {
  const path = rowsPath(count);
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`COPY (SELECT range AS id, 'name ' || (range % 1000) AS name, random() * 1000 AS v,
    DATE '2020-01-01' + CAST(range % 1000 AS INTEGER) AS d, range % 7 AS k FROM range(${count})) TO '${path}'`);
  connection.closeSync();
  return path;
}

function rowsPath(count: number): string {
  return join(folder, `rows-${count}.csv`);
}

/** A flow with the dataset `rows` and one recipe whose output is written as CSV; gives the recipe's id. */
async function makeRecipe({ call }: Server, path: string): Promise<number> {
  interface Made {
    readonly id: number;
  }
  const dataset = { name: 'rows', uri: pathToFileURL(path).href };
  const { id: datasetId } = await call<Made>('POST', '/v4/importedDatasets', dataset);
  const { id: flowId } = await call<Made>('POST', '/v4/flows', { name: 'Bench' });
  const recipe = { name: 'out', flow: { id: flowId }, importedDataset: { id: datasetId }, sql };
  const { id } = await call<Made>('POST', '/v4/wrangledDatasets', recipe);
  const writeSettings = [{ path: `bench/${flowId}.csv`, action: 'overwrite', format: 'csv' }];
  await call('POST', '/v4/outputObjects', { flowNodeId: id, profiler: false, writeSettings });
  return id;
}

interface Ran {
  readonly ms: number;
  /** Of the engine's processes. */
  readonly cpuMs: number;
  /** Of the server itself, which answers this bench meanwhile. */
  readonly serverMs: number;
  readonly peak: number;
}

async function runJob(recipe: number, profiler: boolean, everyMs: number): Promise<Ran> {
  const cost = watchTree(server.pid);
  const began = performance.now();
  const launch = { wrangledDataset: { id: recipe }, overrides: { profiler } };
  const { id } = await server.call<{ id: number }>('POST', '/v4/jobGroups', launch);
  for (;;) {
    const status = await server.call<string>('GET', `/v4/jobGroups/${id}/status`);
    if (status === 'Complete') return { ms: performance.now() - began, ...cost.read() };
    if (status === 'Failed' || status === 'Canceled') throw new Error(`job ${id}: ${status}`);
    cost.look();
    await wait(everyMs);
  }
}

/** A process that is killed by its wall is counted in no parent's time: each is read while it is there. */
function watchTree(root: number) {
  const before = new Map([root, ...listTree(root)].map((pid) => [pid, readCpuMs(pid)]));
  const latest = new Map<number, number>();
  let peak = 0;
  const look = (): void => {
    for (const pid of listTree(root)) {
      latest.set(pid, Math.max(latest.get(pid) ?? 0, readCpuMs(pid)));
      peak = Math.max(peak, readPeakRss(pid));
    }
  };
  const read = (): Omit<Ran, 'ms'> => {
    const cpuMs = [...latest].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0);
    return { cpuMs, serverMs: readCpuMs(root) - before.get(root)!, peak };
  };
  return { look, read };
}

/** The floor: a Node process of its own that runs the statement in an open DuckDB, and nothing else. */
async function runBare(count: number): Promise<{ ms: number; syncMs: number }> {
  const columns = Object.entries(types).map(([name, type]) => `'${name}': '${type}'`);
  const source = `read_csv('${rowsPath(count)}', header = true, delim = ',', columns = {${columns.join(', ')}})`;
  const target = join(folder, 'bare.csv');
  const copy = `COPY (${sql.replace('FROM rows', `FROM ${source}`)}) TO '${target}' (FORMAT csv, HEADER true)`;
  const began = performance.now();
  const bench = fileURLToPath(new URL('engine.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, bench, 'bare', copy], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`bare DuckDB ended with ${code}`);
  const copied = performance.now();
  const file = await open(target, 'r');
  await file.sync();
  await file.close();
  const ended = performance.now();
  await rm(target);
  return { ms: ended - began, syncMs: ended - copied };
}

function show(times: readonly number[]): string {
  return `${median(times).toFixed(0)} (${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)})`;
}

function showBytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
