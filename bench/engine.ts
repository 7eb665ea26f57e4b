// What the engine costs beside bare DuckDB: the same COPY in pairs, over a small file and over 10 million rows.
// node --conditions=flowhook-source bench/engine.ts [pairs] [rows]
import { DuckDBInstance } from '@duckdb/node-api';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckDbEngine } from '../packages/server/src/engine/duckdb/duckdb-engine.ts';
import { readSource } from '../packages/server/src/engine/duckdb/read-sql.ts';
import type { Dataset } from '../packages/server/src/engine/dataset.ts';
import type { FilePlan, WritePlan } from '../packages/server/src/engine/engine.ts';

const memoryBytes = 1024 * 2 ** 20;
const threads = 2;
const recipe = "SELECT k, id, name, v * 2 AS v2, d FROM rows WHERE name <> 'name 7'";

/** The floor: a Node process of its own that runs the statement in an open DuckDB, and nothing else. */
async function runBare(sql: string): Promise<void> {
  const options = { memory_limit: `${memoryBytes}B`, threads: String(threads) };
  const connection = await (await DuckDBInstance.create(':memory:', options)).connect();
  await connection.run(sql);
  process.exit(0);
}

async function compare(pairs: number, rows: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-bench-engine-'));
  const engine = createDuckDbEngine({ scratchFolder: join(folder, 'scratch') });
  try {
    console.log(
      `${pairs} pairs, ${threads} threads, ${memoryBytes / 2 ** 20} MiB of buffers; milliseconds, median (min-max)`,
    );
    for (const count of [1_000, rows])
      for (const format of ['csv', 'pqt'] as const)
        await comparePairs({ folder, engine, pairs, count, format });
    for (const shape of shapes) await compareReading({ folder, engine, pairs }, shape);
    await showMemory({ folder, engine, rows });
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bench {
  folder: string;
  engine: ReturnType<typeof createDuckDbEngine>;
}

async function comparePairs({
  folder,
  engine,
  pairs,
  count,
  format,
}: Bench & { pairs: number; count: number; format: FilePlan['format'] }) {
  const dataset = await makeRows(folder, count);
  const bare: number[] = [];
  const ours: number[] = [];
  const profiled: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const sides = [
      async () => bare.push(await timeBare(folder, dataset, format)),
      async () => ours.push(await timeJob(engine, planOf(folder, dataset, format, false))),
    ];
    // Who goes first changes, so that a warm cache favours neither.
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) await side();
    profiled.push(await timeJob(engine, planOf(folder, dataset, format, true)));
  }
  const more = median(ours) - median(bare);
  const pairwise = median(ours.map((each, pair) => each / (bare[pair] ?? 1) - 1)) * 100;
  console.log(
    `${count.toLocaleString('en')} rows to ${format}: bare ${show(bare)}, job ${show(ours)}: ` +
      `${more.toFixed(0)} ms more, ${pairwise.toFixed(1)} % in pairs; with profile ${show(profiled)}`,
  );
}

const show = (times: readonly number[]): string =>
  `${median(times).toFixed(0)} (${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)})`;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

interface Shape {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly (readonly [name: string, type: string, sql: string])[];
}

const shapes: readonly Shape[] = [
  {
    name: 'three whole numbers',
    rows: 4_000_000,
    columns: [
      ['a', 'BIGINT', 'range'],
      ['b', 'BIGINT', '(range * 7919) % 100000'],
      ['c', 'BIGINT', 'range % 13'],
    ],
  },
  {
    name: 'ten text and date columns',
    rows: 1_000_000,
    columns: [0, 1, 2, 3, 4].flatMap((n) => [
      [`t${n}`, 'VARCHAR', `'name ' || (range * ${n + 3} % 1000)`] as const,
      [`d${n}`, 'DATE', `DATE '2020-01-01' + CAST(range * ${n + 1} % 1000 AS INTEGER)`] as const,
    ]),
  },
];

/** A job over a file that is unchanged since its look beside the same job over one that is new; the read is all they do. */
async function compareReading({ folder, engine, pairs }: Bench & { pairs: number }, shape: Shape) {
  const uri = join(folder, 'shape.csv');
  const list = shape.columns.map(([name, , sql]) => `${sql} AS ${name}`).join(', ');
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`COPY (SELECT ${list} FROM range(${shape.rows})) TO '${uri}'`);
  connection.closeSync();
  const schema = shape.columns.map(([name, type]) => ({ name, type }));
  const options = { delimiter: ',', quote: '"', escape: '"', header: true, skipLines: 0 };
  const files = [{ uri, name: 'shape.csv' }];
  const fresh: Dataset = { name: 'rows', format: 'csv', compression: 'none', options, schema, files };
  const { dev, ino, size, mtimeNs } = await stat(uri, { bigint: true });
  const known: Dataset = { ...fresh, checked: [`${dev}:${ino}:${size}:${mtimeNs}`] };
  const times: Record<'plain' | 'checked', number[]> = { plain: [], checked: [] };
  const sql = `SELECT ${shape.columns.map(([name]) => `max(${name}) AS ${name}`).join(', ')} FROM rows`;
  const planFor = (dataset: Dataset): WritePlan => {
    const plan = planOf(folder, dataset, 'csv', false);
    return { ...plan, recipes: [{ ...plan.recipes[0]!, sql }] };
  };
  for (let pair = 0; pair < pairs; pair += 1) {
    times.plain.push(await timeJob(engine, planFor(known)));
    times.checked.push(await timeJob(engine, planFor(fresh)));
  }
  const ratio = median(times.checked.map((each, pair) => each / (times.plain[pair] ?? 1)));
  console.log(
    `reading ${shape.rows.toLocaleString('en')} rows of ${shape.name}: plain ${show(times.plain)}, ` +
      `with the promise checked ${show(times.checked)}: ${ratio.toFixed(2)} times in pairs`,
  );
}

async function makeRows(folder: string, count: number): Promise<Dataset> {
  const uri = join(folder, `rows-${count}.csv`);
  const sql = `SELECT range AS id, 'name ' || (range % 1000) AS name, random() * 1000 AS v,
    DATE '2020-01-01' + CAST(range % 1000 AS INTEGER) AS d, range % 7 AS k FROM range(${count})`;
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`COPY (${sql}) TO '${uri}'`);
  connection.closeSync();
  const types = { id: 'BIGINT', name: 'VARCHAR', v: 'DOUBLE', d: 'DATE', k: 'BIGINT' };
  const schema = Object.entries(types).map(([name, type]) => ({ name, type }));
  const options = { delimiter: ',', quote: '"', escape: '"', header: true, skipLines: 0 };
  return {
    name: 'rows',
    format: 'csv',
    compression: 'none',
    options,
    schema,
    files: [{ uri, name: 'rows.csv' }],
  };
}

async function timeBare(folder: string, dataset: Dataset, format: FilePlan['format']): Promise<number> {
  const source = readSource(
    dataset,
    dataset.files.map(({ uri }) => uri),
  );
  const query = recipe.replace('FROM rows', `FROM (${source})`);
  const options =
    format === 'pqt' ? 'FORMAT parquet, COMPRESSION snappy' : "FORMAT csv, HEADER true, DELIMITER ','";
  const sql = `COPY (${query}) TO '${folder}/bare.out' (${options})`;
  const begun = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, 'bare', sql], {
    stdio: 'inherit',
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`bare DuckDB ended with ${String(code)}`);
  const took = performance.now() - begun;
  await rm(`${folder}/bare.out`);
  return took;
}

const planOf = (
  folder: string,
  dataset: Dataset,
  format: FilePlan['format'],
  profile: boolean,
): WritePlan => ({
  datasets: [dataset],
  recipes: [{ name: 'out', sql: recipe, dialect: 'duckdb', primaryInput: null }],
  output: 'out',
  files: [
    {
      id: 'f',
      format,
      compression: format === 'pqt' ? 'snappy' : 'none',
      header: true,
      delimiter: ',',
      quotes: false,
      singleFile: true,
      fileName: 'out',
    },
  ],
  folder: join(folder, 'attempt'),
  profile,
  limits: { memoryBytes, tempBytes: 20 * 2 ** 30, timeMs: 600_000, threads },
});

async function timeJob(engine: Bench['engine'], plan: WritePlan): Promise<number> {
  const begun = performance.now();
  const result = await engine.write(plan);
  const took = performance.now() - begun;
  if (result.state !== 'complete') throw new Error(JSON.stringify(result));
  await rm(plan.folder, { recursive: true });
  return took;
}

/** The largest resident size of the job's process, as the kernel kept it, at a tenth, all and twice the rows. */
async function showMemory({ folder, engine, rows }: Bench & { rows: number }): Promise<void> {
  for (const profile of [false, true])
    for (const count of [rows / 10, rows, rows * 2]) {
      const plan = planOf(folder, await makeRows(folder, count), 'csv', profile);
      let peak = 0;
      const timer = setInterval(
        () => void peakOf(engine.pids()).then((now) => (peak = Math.max(peak, now))),
        20,
      );
      await timeJob(engine, plan);
      clearInterval(timer);
      console.log(
        `peak of the process over ${count.toLocaleString('en')} rows${profile ? ' with profile' : ''}: ${(peak / 1024).toFixed(0)} MiB`,
      );
    }
}

async function peakOf(pids: readonly number[]): Promise<number> {
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')));
  return Math.max(0, ...texts.map((text) => Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0)));
}

if (process.argv[2] === 'bare') await runBare(process.argv[3] ?? '');
else await compare(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 10_000_000));
