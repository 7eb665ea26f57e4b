// The DuckDB engine: a child per job, a small pool for everything short. A run ends with the process that began it.
import { randomUUID } from 'node:crypto';
import type { CheckResult, Engine, Handle, InspectResult, PreviewResult } from '../engine.ts';
import type { WatchOptions, WriteOptions, WritePlan, WriteResult } from '../engine.ts';
import { refuseFiles } from './copy-sql.ts';
import type { MayRead } from './input/open-input.ts';
import { createPool, type Pool } from './pool/pool.ts';
import { startRun, type Run } from './run.ts';
import { processOverhead } from './task/guard.ts';
import { noWalls, type Walls } from './wall/wall.ts';

export interface DuckDbOptions {
  /** A folder on a local disk for children; made where it is missing. */
  scratchFolder: string;
  /** What holds the children beside their own restrictions; nothing unless given. */
  walls?: Walls;
  /** Whether a file may be read that was asked for by one path and opened at another; every file unless given. */
  mayRead?: MayRead;
  /** Children for previews and detection at the same time (3), and for checks (2). */
  poolSize?: number;
  checkPoolSize?: number;
  /** Each one's buffers (512 MiB; 128 MiB for a check). */
  poolMemoryBytes?: number;
  /** Longest check, preview and detection, milliseconds (2 s, 30 s, 60 s). */
  checkMs?: number;
  previewMs?: number;
  /** A preview is answered after this with what there is, or with rows of a sample (2 s). */
  previewWaitMs?: number;
  inspectMs?: number;
  /** A child without work is ended after this (30 s). */
  idleMs?: number;
}

/** Short requests under way and waiting. */
export type Load = Pick<Pool, 'running' | 'waiting'>;

/** The engine, and what tests and metrics look at: the processes it owns, and what waits for them. */
export interface DuckDbEngine extends Engine {
  pids: () => number[];
  readonly checks: Load;
  readonly previews: Load;
}

const maxPreviewed = 1_000;
const mib = 2 ** 20;
const checkMemory = 128 * mib;
/** A check makes no rows: a process of this size is computing constants. */
const checkLimits = { memoryBytes: checkMemory, processBytes: 400 * mib, threads: 1 };

export function createDuckDbEngine(options: DuckDbOptions): DuckDbEngine {
  const sessionId = randomUUID();
  const runs = new Map<string, Run>();
  let isClosed = false;
  const { scratchFolder, idleMs = 30_000, walls = noWalls('none: not asked for') } = options;
  const mayRead = options.mayRead ?? (() => true);
  const ground = { scratchFolder, idleMs, walls, mayRead };
  // Of their own, so that a save never waits for previews.
  const checks = createPool({ ...ground, size: options.checkPoolSize ?? 2 });
  const pool = createPool({ ...ground, size: options.poolSize ?? 3 });
  const memoryBytes = options.poolMemoryBytes ?? 512 * mib;
  const limits = { memoryBytes, processBytes: memoryBytes + processOverhead, threads: 1 };

  async function write(plan: WritePlan, { onHandle, ...watch }: WriteOptions = {}): Promise<WriteResult> {
    const refused = refuseFiles(plan.files);
    if (refused !== null) return { state: 'failed', failure: refused, steps: [] };
    const handle: Handle = { engine: 'duckdb', sessionId, operationId: randomUUID() };
    await onHandle?.(handle);
    if (watch.signal?.aborted === true) return { state: 'canceled' };
    // Nobody would end it any more.
    if (isClosed) return { state: 'gone' };
    const run = startRun(plan, { walls, mayRead });
    runs.set(handle.operationId, run);
    return follow(run, watch).finally(() => runs.delete(handle.operationId));
  }

  const find = ({ sessionId: of, operationId }: Handle): Run | undefined =>
    of === sessionId ? runs.get(operationId) : undefined;

  return {
    name: 'duckdb',
    check: async (query, { asker }) =>
      (await checks.ask({ asker, timeMs: options.checkMs ?? 2_000, datasets: [] }, () => ({
        kind: 'check',
        query,
        limits: checkLimits,
      }))) as CheckResult,
    preview: async (query, { asker, limit, signal, whole = false }) =>
      (await pool.ask(
        { asker, timeMs: options.previewMs ?? 30_000, signal, datasets: query.datasets },
        (files) => ({
          kind: 'preview',
          query,
          limit: Math.min(limit, maxPreviewed),
          waitMs: whole ? null : (options.previewWaitMs ?? 2_000),
          files,
          limits,
        }),
      )) as PreviewResult,
    inspect: async (request, { asker }) =>
      (await pool.ask({ asker, timeMs: options.inspectMs ?? 60_000, datasets: [request] }, (files) => ({
        kind: 'inspect',
        request,
        files,
        limits,
      }))) as InspectResult,
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
      isClosed = true;
      for (const run of runs.values()) run.end('gone');
      await Promise.all([...runs.values()].map((run) => run.result));
      await Promise.all([checks.close(), pool.close()]);
    },
    checks,
    previews: pool,
    pids: () => [...checks.pids(), ...pool.pids(), ...[...runs.values()].flatMap(({ pid }) => pid ?? [])],
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
