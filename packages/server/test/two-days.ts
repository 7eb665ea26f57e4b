// A dataset of one day's file, and a job over it and over the next day's: what is read, in this process, as a job reads it.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, FileOptions } from '../src/engine/dataset.ts';
import type { InspectResult } from '../src/engine/engine.ts';
import type { Failure } from '../src/engine/failure.ts';
import { identify } from '../src/engine/duckdb/input/open-input.ts';
import { joinRejects, listWarnings } from '../src/engine/duckdb/promise/held-dataset.ts';
import type { HandedFiles } from '../src/engine/duckdb/protocol.ts';
import { bindQuery } from '../src/engine/duckdb/task/bind.ts';
import { takeInputs } from '../src/engine/duckdb/task/input-use.ts';
import { runInspect } from '../src/engine/duckdb/task/inspect-task.ts';
import { Refused } from '../src/engine/duckdb/task/refusal.ts';
import { openSession } from '../src/engine/duckdb/task/session.ts';

/** What a job came to. */
export type Run =
  | { readonly failure: Failure }
  | {
      readonly failure: null;
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly rows: readonly Readonly<Record<string, unknown>>[];
      readonly warnings: readonly string[];
      readonly rejected: number;
    };

const limits = { memoryBytes: 256 * 2 ** 20, processBytes: 2 ** 31, threads: 1 };
const tempBytes = 2 ** 28;

export interface Days {
  /** Puts the file of a day where the dataset's file is. */
  put: (bytes: Uint8Array, ending: string) => Promise<void>;
  /** Puts one more file of the same day behind it. */
  putBeside: (bytes: Uint8Array) => Promise<void>;
  look: (options: FileOptions) => Promise<InspectResult>;
  run: (dataset: Dataset) => Promise<Run>;
  remove: () => Promise<void>;
}

/** The engine's paths are relative to the working folder, which becomes a new one. */
export async function openDays(): Promise<Days> {
  const before = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-days-'));
  await mkdir(join(folder, 'in'));
  process.chdir(folder);
  let name = 'd.csv';
  const file = 'in/0-0';
  let others: string[] = [];
  const hand = async (): Promise<HandedFiles> => [
    await Promise.all(
      [file, ...others].map(async (each) => ({
        name: each,
        identity: identify(await stat(each, { bigint: true })),
      })),
    ),
  ];
  return {
    async put(bytes, ending) {
      name = `d.${ending}`;
      others = [];
      await rm(`${file}.plain`, { force: true });
      await writeFile(file, bytes);
    },
    async putBeside(bytes) {
      const other = `in/0-${others.length + 1}`;
      others.push(other);
      await writeFile(other, bytes);
    },
    look: async (options) =>
      asRefusal(async () =>
        runInspect(
          { files: [file, ...others].map((uri) => ({ uri, name })), options },
          { files: await hand(), limits },
        ),
      ),
    run: async (dataset) => runJob(dataset, await hand()),
    async remove() {
      process.chdir(before);
      await rm(folder, { recursive: true });
    },
  };
}

async function asRefusal(look: () => Promise<InspectResult>): Promise<InspectResult> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Refused) return { ok: false, failure: error.failure };
    throw error;
  }
}

async function runJob(dataset: Dataset, handed: HandedFiles): Promise<Run> {
  const inputs = await takeInputs([dataset], handed, { unpackWhole: true });
  const session = await openSession({ ...limits, tempBytes, readPaths: inputs.all });
  const recipe = { name: 'out', sql: null, dialect: 'duckdb', primaryInput: dataset.name } as const;
  const query = { datasets: [dataset], recipes: [recipe], target: 'out' };
  const copies = { maxBytes: tempBytes, mayCut: false };
  try {
    const bound = await bindQuery(session, query, { mode: 'run', files: inputs.use, copies });
    try {
      const rows = await session.rows(`FROM ${bound.source}`);
      await inputs.settle();
      const { columns, held } = bound;
      const rejected = (await joinRejects(session, held))?.rows ?? 0;
      return { failure: null, columns, rows, warnings: listWarnings(held), rejected };
    } catch (error) {
      return { failure: await bound.explain(error) };
    }
  } catch (error) {
    if (error instanceof Refused) return { failure: error.failure };
    throw error;
  } finally {
    session.close();
  }
}
