// A second engine for tests: its runs are detached processes that outlive the server, found again by their handle.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { discardFolder } from '../src/engine/duckdb/attempt-folder.ts';
import { refuseFiles } from '../src/engine/duckdb/copy-sql.ts';
import { createDuckDbEngine } from '../src/engine/duckdb/duckdb-engine.ts';
import type { Engine, Handle, Progress, WatchOptions, WritePlan, WriteResult } from '../src/engine/engine.ts';
import { isAlive } from './engine-fixture.ts';
import { until } from './wait.ts';
import { nodeFlags } from './node-flag.ts';

const pollMs = 20;
const workerFile = new URL('./durable-worker.ts', import.meta.url);

/** Plan, process id, progress and result of each run stand in `stateFolder/<operationId>`. */
export function createDurableEngine({ stateFolder }: { stateFolder: string }): Engine {
  const short = createDuckDbEngine({ scratchFolder: join(stateFolder, 'scratch') });
  const closing = new AbortController();
  const folderOf = (handle: Handle): string => join(stateFolder, handle.operationId);

  async function write(
    plan: WritePlan,
    options: WatchOptions & { onHandle?: (handle: Handle) => void | Promise<void> },
  ) {
    const refused = refuseFiles(plan.files);
    if (refused !== null) return { state: 'failed', failure: refused, steps: [] } satisfies WriteResult;
    const handle: Handle = { engine: 'durable', sessionId: 'local', operationId: randomUUID() };
    await mkdir(folderOf(handle), { recursive: true });
    await writeJson(join(folderOf(handle), 'plan.json'), plan);
    await options.onHandle?.(handle);
    if (options.signal?.aborted === true) return { state: 'canceled' } satisfies WriteResult;
    if (closing.signal.aborted) return { state: 'gone' } satisfies WriteResult;
    await startWorker(folderOf(handle));
    return follow(folderOf(handle), options, closing.signal);
  }

  return {
    name: 'durable',
    check: short.check,
    preview: short.preview,
    inspect: short.inspect,
    write: (plan, options = {}) => write(plan, options),
    attach: async (handle, options = {}) => {
      if ((await readJson(join(folderOf(handle), 'pid.json'))) === null) return { state: 'gone' };
      return follow(folderOf(handle), options, closing.signal);
    },
    cancel: (handle) => cancel(folderOf(handle)),
    close: async () => {
      closing.abort();
      await short.close();
    },
  };
}

async function startWorker(folder: string): Promise<void> {
  const args = [...nodeFlags, workerFile.pathname, folder];
  const worker = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
  await writeJson(join(folder, 'pid.json'), worker.pid);
  worker.unref();
}

/** Reads what the worker writes down until it has ended, or until we let go of it. */
async function follow(
  folder: string,
  { onProgress, signal }: WatchOptions,
  closing: AbortSignal,
): Promise<WriteResult> {
  const told = new Set<string>();
  for (;;) {
    const result = await readResult(folder);
    const progress = await readJson<Progress[]>(join(folder, 'progress.json'));
    for (const each of progress ?? []) {
      const text = JSON.stringify(each);
      if (!told.has(text)) onProgress?.(each);
      told.add(text);
    }
    if (result !== null) return result;
    if (closing.aborted) return { state: 'detached' };
    if (signal?.aborted === true) await cancel(folder);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

const readResult = (folder: string): Promise<WriteResult | null> => readJson(join(folder, 'result.json'));

async function cancel(folder: string): Promise<void> {
  const pid = await readJson<number>(join(folder, 'pid.json'));
  if (pid === null || (await readResult(folder)) !== null) return;
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid));
  const plan = await readJson<WritePlan>(join(folder, 'plan.json'));
  if (plan !== null) await discardFolder(plan.folder);
  await writeJson(join(folder, 'result.json'), { state: 'canceled' });
}

/** Whole or not at all: written aside and renamed. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, JSON.stringify(value));
  await rename(aside, path);
}

/** Null where there is no such file. */
export async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as T);
}
