// The DuckDB engine: a child per job, a small pool for everything short. A run ends with the process that began it.
import { randomUUID } from 'node:crypto';
import type { CheckResult, Engine, Handle, InspectResult, PreviewResult } from '../engine.ts';
import type { WatchOptions, WriteOptions, WritePlan, WriteResult } from '../engine.ts';
import { refuseFiles } from './copy-sql.ts';
import { createPool } from './pool.ts';
import { startRun, type Run } from './run.ts';

export interface DuckDbOptions {
  /** A folder on a local disk for short requests' links; made where it is missing. */
  scratchFolder: string;
  /** Children for checks, previews and detection at the same time (2). */
  poolSize?: number;
  /** Each one's buffers (512 MiB). */
  poolMemoryBytes?: number;
  /** Longest check, preview and detection, milliseconds (10 s, 30 s, 60 s). */
  checkMs?: number;
  previewMs?: number;
  inspectMs?: number;
  /** A child without work is ended after this (30 s). */
  idleMs?: number;
}

/** The engine, and what tests look at: the processes it owns. */
export interface DuckDbEngine extends Engine {
  pids: () => number[];
}

const mostPreviewed = 1_000;

export function createDuckDbEngine(options: DuckDbOptions): DuckDbEngine {
  const sessionId = randomUUID();
  const runs = new Map<string, Run>();
  const { scratchFolder, poolSize: size = 2, idleMs = 30_000 } = options;
  const pool = createPool({ scratchFolder, size, idleMs });
  const limits = { memoryBytes: options.poolMemoryBytes ?? 512 * 2 ** 20, threads: 1 };

  async function write(plan: WritePlan, { onHandle, ...watch }: WriteOptions = {}): Promise<WriteResult> {
    const refused = refuseFiles(plan.files);
    if (refused !== null) return { state: 'failed', failure: refused, steps: [] };
    const handle: Handle = { engine: 'duckdb', sessionId, operationId: randomUUID() };
    await onHandle?.(handle);
    if (watch.signal?.aborted === true) return { state: 'canceled' };
    const run = startRun(plan);
    runs.set(handle.operationId, run);
    return follow(run, watch).finally(() => runs.delete(handle.operationId));
  }

  const find = ({ sessionId: of, operationId }: Handle): Run | undefined =>
    of === sessionId ? runs.get(operationId) : undefined;

  return {
    name: 'duckdb',
    check: async (query) =>
      (await pool.ask(() => ({ kind: 'check', query, limits }), {
        timeMs: options.checkMs ?? 10_000,
      })) as CheckResult,
    preview: async (query, { limit, signal }) =>
      (await pool.ask(
        (folder) => ({ kind: 'preview', query, limit: Math.min(limit, mostPreviewed), folder, limits }),
        { timeMs: options.previewMs ?? 30_000, signal },
      )) as PreviewResult,
    inspect: async (request) =>
      (await pool.ask((folder) => ({ kind: 'inspect', request, folder, limits }), {
        timeMs: options.inspectMs ?? 60_000,
      })) as InspectResult,
    write,
    attach: async (handle, watch = {}) => {
      const run = find(handle);
      return run === undefined ? { state: 'gone' } : follow(run, watch);
    },
    cancel: async (handle) => {
      const run = find(handle);
      run?.end('canceled');
      await run?.result;
    },
    close: async () => {
      for (const run of runs.values()) run.end('gone');
      await Promise.all([...runs.values()].map((run) => run.result));
      await pool.close();
    },
    pids: () => [...pool.pids(), ...[...runs.values()].flatMap(({ pid }) => pid ?? [])],
  };
}

async function follow(run: Run, { onProgress, signal }: WatchOptions): Promise<WriteResult> {
  if (onProgress !== undefined) run.watch(onProgress);
  const onAbort = (): void => run.end('canceled');
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    return await run.result;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
