// What tests of engines share: a folder of their own, small inputs, plans, and whether a process lives.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { raiseWalls } from '../src/engine/duckdb/wall/raise.ts';
import type { Walls } from '../src/engine/duckdb/wall/wall.ts';
import type { Dataset } from '../src/engine/dataset.ts';
import type { FilePlan, Limits, Query, Recipe, WritePlan, WriteResult } from '../src/engine/engine.ts';

export interface Bench {
  folder: string;
  /** Writes a file and gives its path. */
  file: (name: string, content: string | Uint8Array) => Promise<string>;
  /** The strongest walls that stand on this machine. */
  walls: Walls;
  remove: () => Promise<void>;
}

export async function makeBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-engine-'));
  return {
    folder,
    walls: await raiseWalls({ mode: 'auto', dataDir: folder }),
    file: async (name, content) => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A CSV dataset named `orders` with ids, customers and amounts. */
export async function makeOrders(
  bench: Bench,
  lines = ['1,ada,10.5', '2,bob,20', '3,ada,'],
): Promise<Dataset> {
  const uri = await bench.file('orders.csv', `id,customer,amount\n${lines.join('\n')}\n`);
  return csvDataset('orders', uri, { id: 'BIGINT', customer: 'VARCHAR', amount: 'DOUBLE' });
}

export const csvDataset = (name: string, uri: string, columns: Record<string, string>): Dataset => ({
  name,
  format: 'csv',
  compression: 'none',
  files: [{ uri, name: `${name}.csv` }],
  options: { delimiter: ',', quote: '"', escape: '"', header: true, skipLines: 0 },
  schema: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
});

export const makeRecipe = (name: string, sql: string | null, primaryInput: string | null = null): Recipe => ({
  name,
  sql,
  dialect: 'duckdb',
  primaryInput,
});

/** A query of one recipe `out`. */
export const makeQuery = (sql: string, ...datasets: Dataset[]): Query => ({
  datasets,
  recipes: [makeRecipe('out', sql)],
  target: 'out',
});

export const makeFile = (over: Partial<FilePlan> = {}): FilePlan => ({
  id: 'f1',
  format: 'csv',
  compression: 'none',
  header: true,
  delimiter: ',',
  quotes: false,
  singleFile: true,
  fileName: 'out.csv',
  ...over,
});

const roomy: Limits = { memoryBytes: 512 * 2 ** 20, tempBytes: 2 ** 30, timeMs: 60_000, threads: 2 };

export interface PlanOver extends Partial<Omit<WritePlan, 'limits'>> {
  limits?: Partial<Limits>;
}

/** A plan that writes recipe `out` as CSV to `<bench>/attempt`. */
export function makePlan(bench: Bench, sql: string, datasets: Dataset[], over: PlanOver = {}): WritePlan {
  const usual = {
    datasets,
    recipes: [makeRecipe('out', sql)],
    output: 'out',
    files: [makeFile()],
    profile: false,
  };
  const folder = join(bench.folder, 'attempt');
  return { ...usual, folder, ...over, limits: { ...roomy, ...over.limits } };
}

/** A query that would run for days whatever the optimizer does. */
export const endless =
  'SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1';

/** Fails the test with the reason where a run is not complete. */
export function complete(result: WriteResult): Extract<WriteResult, { state: 'complete' }> {
  if (result.state !== 'complete') throw new Error(`not complete: ${JSON.stringify(result)}`);
  return result;
}

/** The failure of a run that failed. */
export function failed(result: WriteResult): Extract<WriteResult, { state: 'failed' }>['failure'] {
  if (result.state !== 'failed') throw new Error(`not failed: ${JSON.stringify(result)}`);
  return result.failure;
}

/** A process that ended but was not yet collected by its parent does not live. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^\d+ \(.*\) [ZX]/s.test(stat);
  } catch {
    return false;
  }
}
